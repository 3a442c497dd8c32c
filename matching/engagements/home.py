"""What engagements put on the coordinators' home page."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from matching.engagements.declaring import overbooked
from municipalities.registry.querysets import is_prefectural
from municipalities.registry.queue import QueueItem
from talentpool.conventions.era import format_month
from talentpool.conventions.months import first_of_month
from talentpool.specialists.conflicts.rules import RULES, Result
from talentpool.specialists.models import ConflictCase

SHOWN = 20  # rows of one kind on the home page; the lists have them all
NAMED = 3  # months named in a row; the rest are counted


def for_coordinator(user: Any) -> Iterator[QueueItem]:
    """People who now declare fewer days than are booked: the coordinator settles it with the
    towns, and notes it."""
    if not is_prefectural(user):
        return
    month = first_of_month(timezone.localdate())
    found = overbooked(since=month, settled=False, most=SHOWN + 1)
    for person, months in found[:SHOWN]:
        names = "、".join(format_month(month) for month in months[:NAMED])
        more = f"ほか{len(months) - NAMED}か月" if len(months) > NAMED else ""
        yield QueueItem(
            f"人材 {person.pool_number} の稼働可能日",
            f"{names}{more}は、契約や仮押さえが申告された日数を超えています。本人と市町に確かめてください",
            reverse("admin:engagements_capacity") + f"?person={person.pk}",
            "市町と日数を見る",
            label="日数不足",
            kind="late",
            people=(person.pk,),
        )
    if len(found) > SHOWN:
        yield _more("稼働可能日の不足", "日数不足", reverse("admin:engagements_capacity"))


def _more(what: str, label: str, url: str) -> QueueItem:
    """Says that the home page does not have them all, and leads to the list that does."""
    return QueueItem(
        f"ほかにもある{what}",
        f"ここには{SHOWN}件までを並べています。残りは一覧で確かめてください",
        url,
        "一覧を見る",
        label=label,
        kind="wait",
    )


def conflicts_for_coordinator(user: Any) -> Iterator[QueueItem]:
    """Conflicts that nobody has settled yet."""
    cases = ConflictCase.objects.visible_to(user).filter(state=ConflictCase.State.OPEN)
    rows = (
        cases.select_related("specialist", "municipality")
        .only("result", "rule", "specialist__pool_number", "municipality__name")
        .order_by("found_on", "pk")
    )
    found = list(rows[: SHOWN + 1])
    for case in found[:SHOWN]:
        yield QueueItem(
            f"人材 {case.specialist.pool_number} と{case.municipality.name}の利益相反",
            f"{case.get_result_display()}：{RULES[case.rule].words}",
            reverse("admin:specialists_conflictcase_change", args=[case.pk]),
            "確かめる",
            label="利益相反",
            kind="late" if case.result == Result.NO else "wait",
            people=(case.specialist_id,),
        )
    if len(found) > SHOWN:
        every = reverse("admin:specialists_conflictcase_changelist") + "?state__exact=open"
        yield _more("利益相反", "利益相反", every)
