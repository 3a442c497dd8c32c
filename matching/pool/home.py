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
    shown = open_demands.select_related("need").only(
        "level", "municipality__name", "skill__name", "need__status"
    )
    for demand in shown.order_by("pk")[:SHOWN]:
        over = demand.need is not None and demand.need.status == Need.Status.LAPSED
        why = (
            "契約に至らないまま期間が終わった案件です。"
            if over
            else "合う人がいないという連絡です。"
        )
        yield QueueItem(
            f"{demand.municipality.name}「{demand.skill.name} L{demand.level}」",
            f"{why}募集や登録の呼びかけを検討してください",
            reverse("admin:pool_demand_change", args=[demand.pk]),
            "内容を見る",
            label="期間終了" if over else "合う人なし",
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
    """On the page of a need that ended without anybody: what was recorded, and the answer."""
    if need.status not in {Need.Status.UNFILLED, Need.Status.LAPSED}:
        return None
    demands = list(Demand.objects.visible_to(user).filter(need=need).select_related("skill"))
    if not demands:
        return None
    over = need.status == Need.Status.LAPSED
    return Section("pool/need_section.html", {"demands": demands, "over": over})
