"""What the pool puts on the coordinators' home page and on a need's page."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from matching.pool.models import Demand
from municipalities.registry.querysets import is_prefectural
from municipalities.registry.queue import Panel, QueueItem
from municipalities.vacancies.hooks import Section
from municipalities.vacancies.models import Need

SHOWN = 10


def for_coordinator(user: Any) -> Iterator[QueueItem]:
    """Demand that the prefecture has not answered yet, the oldest first."""
    open_demands = Demand.objects.visible_to(user).open().select_related("municipality", "skill")
    for demand in open_demands.order_by("pk")[:SHOWN]:
        yield QueueItem(
            f"{demand.municipality.name}「{demand.skill.name} L{demand.level}」",
            "合う人がいないという連絡です。募集や登録の呼びかけを検討してください",
            reverse("admin:pool_demand_change", args=[demand.pk]),
            "内容を見る",
            label="合う人なし",
        )


def coordinator_facts(user: Any) -> Iterator[Panel]:
    """Where the search is, and how much demand is open."""
    if not is_prefectural(user):
        return
    waiting = Demand.objects.visible_to(user).filter(
        status__in=[Demand.Status.OPEN, Demand.Status.NOTED]
    )
    yield Panel(
        label="満たせなかった需要",
        rows=waiting,
        unit="件",
        url=reverse("admin:pool_demand_changelist"),
    )


def need_section(need: Need, user: Any) -> Section | None:
    """On the page of a need that nobody fitted: what was recorded, and the answer."""
    if need.status != Need.Status.UNFILLED:
        return None
    demands = list(Demand.objects.visible_to(user).filter(need=need).select_related("skill"))
    return Section("pool/need_section.html", {"demands": demands}) if demands else None
