"""Tell of unusually many views: found by a sweep, looked into by somebody else (B-07)."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership
from municipalities.registry.notices import tell_members
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.rights.errors import Refused
from talentpool.rights.models import LISTED_SCOPES, Looking, ViewAlert, ViewLimit
from talentpool.rights.watching import Usual, is_unusual, usual
from talentpool.specialists.models import ProfileView
from talentpool.users.models import User

FIRST_LIMITS = (
    # how closely, least, times, always
    (Looking.NAMED, 30, 3, 150),
    (Looking.LISTED, 300, 3, 3000),
)
NOT_SETTLED = "県の決定待ち(案)"


def load_view_limits() -> None:
    """Add the first figures where there are none; what staff changed stays."""
    for looking, least, times, always in FIRST_LIMITS:
        ViewLimit.objects.get_or_create(
            looking=looking,
            defaults={"least": least, "times": times, "always": always, "basis": NOT_SETTLED},
        )


def watch_views() -> int:
    """Compare today's and yesterday's views with the limits; returns how many alerts are new. By
    the sweep: running twice tells nobody twice, only the number of a day may have grown."""
    today = timezone.localdate()
    return sum(
        _watch(limit, day)
        for limit in ViewLimit.objects.all()
        for day in (today - timedelta(days=1), today)
    )


def _watch(limit: ViewLimit, day: date) -> int:
    many = [
        row for row in _people_by_day(limit, day, day) if row["people"] >= limit.least
    ]  # nobody else can be unusual: the days before are read for these only
    if not many:
        return 0
    before = list(
        _people_by_day(limit, day - timedelta(days=limit.days), day - timedelta(days=1)).filter(
            viewer_role__in={row["viewer_role"] for row in many}
        )
    )
    new = 0
    for row in many:
        habits = _usual_of(row, before)
        if is_unusual(row["people"], habits, limit.rule):
            new += _alert(row, habits, limit)
    return new


def _people_by_day(limit: ViewLimit, first: date, last: date) -> QuerySet[Any, dict[str, Any]]:
    """How many different people each account looked at on each day from `first` to `last`."""
    views = ProfileView.objects.filter(at__gte=_start_of(first), at__lt=_start_of(_after(last)))
    found: QuerySet[Any, dict[str, Any]] = (
        _as_closely(views, limit.looking)
        .order_by()
        .annotate(day=TruncDate("at"))
        .values("viewer_id", "viewer_body", "viewer_role", "day")
        .annotate(people=Count("specialist_id", distinct=True))
    )
    return found


def _as_closely(views: QuerySet[Any], looking: str) -> QuerySet[Any]:
    if looking == Looking.LISTED:
        return views.filter(scope__in=LISTED_SCOPES)
    return views.exclude(scope__in=LISTED_SCOPES)


def _usual_of(row: dict[str, Any], before: Iterable[dict[str, Any]]) -> Usual:
    of_role = [day for day in before if day["viewer_role"] == row["viewer_role"]]
    return usual(
        own=[day["people"] for day in of_role if day["viewer_id"] == row["viewer_id"]],
        group=[day["people"] for day in of_role if day["viewer_id"] != row["viewer_id"]],
    )


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


@transaction.atomic
def _alert(row: dict[str, Any], habits: Usual, limit: ViewLimit) -> int:
    """Keep the alert and tell the prefecture, once; 0 when it is known already."""
    alert, is_new = ViewAlert.objects.select_for_update(of=("self",)).get_or_create(
        viewer_id=row["viewer_id"],
        day=row["day"],
        looking=limit.looking,
        defaults={
            "viewer_body": row["viewer_body"],
            "viewer_role": row["viewer_role"],
            "people": row["people"],
            "own_usual": habits.own,
            "group_usual": habits.group,
        },
    )
    if not is_new:
        if row["people"] > alert.people and alert.settled_at is None:
            alert.people = row["people"]
            alert.save(update_fields=["people"])
        return 0
    audit.record("alert_of_views", alert, by=None, detail={"people": alert.people})
    # Not to the account itself: somebody else is to find out.
    tell_members(
        Membership.objects.filter(role__in=Membership.PREFECTURAL_ROLES).exclude(
            user_id=alert.viewer_id
        ),
        subject="登録内容の閲覧が、いつもより多くなっています",
        first_line="1つのアカウントが、いつもより多くの人の登録内容を見ています。"
        "理由を確かめてください。",
        path=reverse("admin:rights_viewalert_change", args=[alert.pk]),
        key=f"view-alert:{alert.pk}",
    )
    return 1


@transaction.atomic
def settle_alert(alert_id: int, *, finding: str, by: User) -> ViewAlert:
    """Note what was behind the views. By a coordinator or approver, never about oneself. Raises
    Refused."""
    alert: ViewAlert = ViewAlert.objects.select_for_update(of=("self",)).get(pk=alert_id)
    if not is_coordinator(by):
        raise Refused("記録できるのは、県コーディネーターと県決裁者です。")
    if alert.viewer_id == by.pk:
        raise Refused("ご自分の閲覧についての警告は、ほかの人が確かめます。")
    if alert.settled_at is not None:
        raise Refused("この警告は、すでに確かめた結果が記録されています。")
    if not finding.strip():
        raise Refused("確かめた結果を入れてください。")
    alert.finding = finding.strip()
    alert.settled_at = timezone.now()
    alert.settled_by = by
    alert.save()
    audit.record("settle_view_alert", alert, by=by)
    return alert


def breakdown(user: Any, alert: ViewAlert) -> list[dict[str, Any]]:
    """What the account said it looked for on that day: purpose, people, views; most first. Of
    nobody's name: reading the alert shows no person."""
    views = ProfileView.objects.visible_to(user).filter(
        viewer_id=alert.viewer_id,
        at__gte=_start_of(alert.day),
        at__lt=_start_of(_after(alert.day)),
    )
    return list(
        _as_closely(views, alert.looking)
        .order_by()
        .values("purpose")
        .annotate(people=Count("specialist_id", distinct=True), views=Count("pk"))
        .order_by("-people", "purpose")[:20]
    )
