"""Enter what a town buys and is going to buy: its contracts and planned procurements.

Whoever has to look at conflicts of interest when they change registers a watcher: the registry
knows neither people nor engagements.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, models, transaction

from municipalities.registry.models import (
    Municipality,
    PlannedProcurement,
    ProcurementParty,
    VendorContract,
)
from talentpool.audit import services as audit
from talentpool.users.models import User

_watchers: list[Callable[[str], None]] = []


class DealRefused(Exception):
    """The contract or procurement cannot be kept; says why in Japanese."""


@dataclass(frozen=True, slots=True)
class Party:
    """A firm that may take part in a procurement."""

    corporate_number: str
    name: str
    role: str = ProcurementParty.Role.EXPECTED


def register_deal_watcher(watcher: Callable[[str], None]) -> None:
    """Add what is called, in the transaction, with the code of a town whose deals changed."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def deals_changed(municipality_code: str) -> None:
    """Tell the watchers. Call it inside the transaction that changed a deal."""
    for watcher in _watchers:
        watcher(municipality_code)


@transaction.atomic
def save_contract(contract: VendorContract, *, by: User) -> VendorContract:
    """Keep a contract. By staff of the town or a coordinator. Raises DealRefused when the same
    contract stands there already."""
    _save(contract, "同じ契約者・件名の契約が、重なる期間にもう入っています。")
    deals_changed(contract.municipality_id)
    audit.record("save_contract", contract, by=by)
    return contract


@transaction.atomic
def save_procurement(
    procurement: PlannedProcurement, parties: Sequence[Party] | None, *, by: User
) -> PlannedProcurement:
    """Keep a planned procurement with the firms that may take part (None leaves them as they
    are). By staff of the town or a coordinator. Raises DealRefused when it stands there already."""
    procurement.updated_by = by
    _save(procurement, "同じ件名・決定予定日の調達が、もう入っています。")
    if parties is not None:
        procurement.parties.all().delete()
        unique = {party.corporate_number: party for party in parties}
        ProcurementParty.objects.bulk_create(
            ProcurementParty(
                procurement=procurement,
                corporate_number=party.corporate_number,
                name=party.name,
                role=party.role,
            )
            for party in unique.values()
        )
    deals_changed(procurement.municipality_id)
    audit.record("save_procurement", procurement, by=by)
    return procurement


def _save(row: models.Model, taken: str) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise DealRefused(taken) from error


@dataclass(frozen=True, slots=True)
class BarredFirm:
    """A firm that must not take part in a town's procurements until a day, and why."""

    corporate_number: str
    name: str
    since: date
    until: date
    reason: str


BarSource = Callable[[Municipality], Sequence[BarredFirm]]
_bar_sources: list[BarSource] = []


def register_bar_source(source: BarSource) -> None:
    """Add who knows which firms are barred from a town's bidding (matching.engagements)."""
    if source not in _bar_sources:
        _bar_sources.append(source)


def barred_firms(town: Municipality) -> list[BarredFirm]:
    """All firms that are barred from the town's bidding now or later."""
    return [firm for source in _bar_sources for firm in source(town)]
