"""The coordinator's search: from the form's conditions to people, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from matching.engagements.services import free_half_days
from matching.pool.forms import ALL_STATES, HIDE
from matching.pool.models import PoolEntry, month_number
from municipalities.registry.models import Municipality, VendorContract
from municipalities.registry.places import kilometres
from talentpool.conventions.amounts import days_label
from talentpool.conventions.months import add_months, first_of_month, month_range
from talentpool.pages.paging import Page, keyset_page
from talentpool.specialists.confidence import words
from talentpool.specialists.models import Firm, Specialist
from talentpool.specialists.services import confidence_by_person

COUNTED = 1000  # more are not counted: "1,000人以上"
PAGE_SIZE = 50
SHOWN_MONTHS = 3  # whose free days a row shows when no period was asked for
CONFLICT_YEARS = 2
ORDERS = {"": ["pool_number"], "confirmed": ["-confirmed_at"]}


@dataclass(frozen=True, slots=True)
class Found:
    """What the conditions find. `ids` is None when there are more than are counted."""

    entries: QuerySet[PoolEntry]
    ids: list[int] | None

    @property
    def words(self) -> str:
        """How many, for people: 12人 or 1,000人以上."""
        return f"{COUNTED:,}人以上" if self.ids is None else f"{len(self.ids):,}人"

    @property
    def is_empty(self) -> bool:
        return self.ids == []


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the list. Free days are of the shown months, least and most; how sure they
    are is said in words."""

    person: Specialist
    free: str
    confidence: str
    distance: int | None
    conflict: str


def find(user: Any, conditions: Mapping[str, Any]) -> Found:
    """People whom `conditions` (the cleaned data of a SearchForm) describe."""
    entries = narrowed(PoolEntry.objects.visible_to(user), conditions)
    ids = list(entries.order_by().values_list("pk", flat=True)[: COUNTED + 1])
    if len(ids) > COUNTED:
        return Found(entries, None)
    return Found(PoolEntry.objects.visible_to(user).filter(pk__in=ids), ids)


def narrowed(entries: Any, conditions: Mapping[str, Any]) -> Any:
    """The entries that meet every condition."""
    facets = [f"{name}:{conditions[name]}" for name in ("kind", "remote") if conditions.get(name)]
    if conditions["status"] != ALL_STATES:
        facets.append(f"status:{conditions['status'] or Specialist.Status.REGISTERED}")
    if conditions.get("skill"):
        facets.append(f"skill:{conditions['skill'].pk}:{conditions.get('level') or 1}")
    if conditions.get("form"):
        facets.append(f"form:{conditions['form'].pk}")
    entries = entries.having(*facets)
    if conditions.get("period"):
        first, last = conditions["period"]
        entries = entries.free_in(
            month_number(first), month_number(last), conditions.get("days") or 1
        )
    town = conditions.get("town")
    if town and conditions.get("km"):
        near = towns_within(town, conditions["km"])
        entries = entries.having_one_of([f"base:{code}" for code in near])
    if town and conditions.get("conflicts") == HIDE:
        entries = entries.without([f"firm:{pk}" for pk in conflicting_firms(town)])
    return entries.search(conditions.get("q") or "")


def towns_within(town: Municipality, km: int) -> list[str]:
    """Codes of the towns at most `km` kilometres away, the town itself among them."""
    known = Municipality.objects.filter(latitude__isnull=False, longitude__isnull=False)
    return [
        other.pk
        for other in known
        if (distance := kilometres(town, other)) is not None and distance <= km
    ]


def conflicting_firms(town: Municipality) -> dict[int, str]:
    """Firms of the pool that have a contract with the town, or had one in the past two years,
    with the words that say which (domain.md 3.4)."""
    today = timezone.localdate()
    contracts = VendorContract.objects.filter(
        municipality=town, ends__gte=today.replace(year=today.year - CONFLICT_YEARS, day=1)
    ).order_by("ends")
    last = {contract.corporate_number: contract for contract in contracts}
    firms = Firm.objects.filter(corporate_number__in=last).values_list("pk", "corporate_number")
    return {pk: _conflict_words(last[number], today) for pk, number in firms}


def _conflict_words(contract: VendorContract, today: date) -> str:
    until = f"{contract.ends:%Y年%-m月}まで"
    if contract.ends < today:
        return f"所属先が{until}契約「{contract.subject}」の契約者"
    return f"所属先が契約「{contract.subject}」の契約者({until})"


def page_of(found: Found, params: Mapping[str, str], order: str) -> Page[PoolEntry]:
    """One page of what was found, by keyset: the last costs what the first does (D-03)."""
    entries = found.entries.only("pool_number", "confirmed_at")
    return keyset_page(entries, params, order=ORDERS[order], size=PAGE_SIZE)


def shown_months(conditions: Mapping[str, Any]) -> list[date]:
    """The months whose free days the rows show."""
    if conditions.get("period"):
        return month_range(*conditions["period"])
    first = first_of_month(timezone.localdate())
    return month_range(first, add_months(first, SHOWN_MONTHS - 1))


def rows_of(user: Any, ids: Sequence[int], conditions: Mapping[str, Any]) -> list[Row]:
    """The people behind entries, in the order of `ids`, in a fixed number of queries."""
    people = (
        Specialist.objects.visible_to(user)
        .filter(pk__in=ids)
        .select_related("base", "firm")
        .prefetch_related("skills__skill", "forms")
        .in_bulk()
    )
    free = free_half_days(ids, shown_months(conditions))
    sure = confidence_by_person(ids)
    town = conditions.get("town")
    conflicts = conflicting_firms(town) if town else {}
    return [
        Row(
            person=people[pk],
            free=free_words(free[pk]),
            confidence=words(sure[pk]),
            distance=kilometres(town, people[pk].base) if town else None,
            conflict=conflicts.get(people[pk].firm_id or 0, ""),
        )
        for pk in ids
        if pk in people
    ]


def free_words(half_days: Sequence[int]) -> str:
    """Free half-days of some months as 月2〜4日, 月3日 or 空きなし."""
    least, most = min(half_days), max(half_days)
    if most == 0:
        return "空きなし"
    if least == most:
        return f"月{days_label(most)}"
    return f"月{days_label(least).removesuffix('日')}〜{days_label(most)}"
