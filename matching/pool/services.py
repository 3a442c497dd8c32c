"""Verbs: keep a search, record demand and answer it, export a list."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from matching.pool.models import Demand, SavedSearch
from municipalities.registry.models import Municipality
from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies.models import Need
from talentpool.audit import services as audit
from talentpool.users.models import User

MOST_SAVED = 50  # kept searches of one account


class Refused(Exception):
    """A refusal with a Japanese message."""


@transaction.atomic
def save_search(*, name: str, query: str, shared: bool, by: User) -> SavedSearch:
    """Keep the conditions under a name; the same name again replaces one's own earlier one.

    By prefectural staff. Raises Refused past 50 kept searches.
    """
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    own = SavedSearch.objects.filter(owner=by)
    if own.exclude(name=name).count() >= MOST_SAVED:
        raise Refused(f"保存できる条件は{MOST_SAVED}件までです。要らないものを削除してください。")
    saved, _ = SavedSearch.objects.update_or_create(
        owner=by, name=name, defaults={"query": query, "shared": shared}
    )
    audit.record("save_search", saved, by=by, detail={"shared": shared})
    return saved


@transaction.atomic
def remove_search(search_id: int, *, by: User) -> None:
    """Remove a kept search, one's own or a shared one. By a coordinator; one that is gone
    already, or was never there for `by`, is left at that."""
    saved = SavedSearch.objects.changeable_by(by).select_for_update().filter(pk=search_id).first()
    if saved is not None:
        audit.record("remove_search", saved, by=by)
        saved.delete()


@transaction.atomic
def record_demand(
    *,
    skill_code: str,
    level: int,
    half_days: int,
    first_month: date,
    last_month: date,
    note: str,
    by: User,
) -> Demand:
    """A town found nobody in the overview: recorded, and the coordinators are told. By the town's
    staff; half-days a month. What is recorded and still open is not recorded twice.

    Raises Refused when `by` works for no municipality.
    """
    code = municipality_code_of(by)
    if code is None:
        raise Refused("市町の担当者だけが記録できます。")
    facts = {
        "municipality_id": code,
        "skill_id": skill_code,
        "level": level,
        "half_days": half_days,
        "first_month": first_month,
        "last_month": last_month,
        "note": note,
    }
    Municipality.objects.select_for_update(of=("self",), no_key=True).get(pk=code)
    same: Demand | None = Demand.objects.open().filter(**facts).first()
    if same is not None:
        return same
    demand = Demand.objects.create(**facts, created_by=by)
    event = audit.record("record_demand", demand, by=by)
    tell_coordinators(
        subject="合う人がいないという連絡です",
        first_line="市町が、人材の概況で合う人を見つけられませんでした。内容を確かめてください。",
        path=reverse("admin:pool_demand_change", args=[demand.pk]),
        key=f"demand:{event.pk}",
    )
    return demand


def record_demand_of_need(need: Need, *, by: User | None, note: str = "") -> list[Demand]:
    """The need ends without anybody: each of its skills becomes a demand, with a note on how.
    Called inside the transaction of the verb that gives the need up, or by the calendar; a second
    call makes nothing more."""
    made = []
    for row in need.skills.order_by("pk"):
        demand, is_new = Demand.objects.get_or_create(
            need=need,
            skill_id=row.skill_id,
            defaults={
                "municipality_id": need.municipality_id,
                "level": row.level,
                "half_days": need.half_days,
                "first_month": need.first_month,
                "last_month": need.last_month,
                "note": note,
                "created_by": by,
            },
        )
        if is_new:
            audit.record("record_demand", demand, by=by, detail={"need": need.pk})
            made.append(demand)
    return made


@transaction.atomic
def answer_demand(demand_id: int, *, verb: str, answer: str, by: User) -> Demand:
    """Say what becomes of a demand: note (recruiting is considered), meet or close. By a
    coordinator; the town is told. Raises Refused in a wrong state."""
    demand = Demand.objects.select_for_update(of=("self",), no_key=True).get(pk=demand_id)
    if not demand.allows(verb):
        raise Refused(f"この需要は「{demand.get_status_display()}」のため、変えられません。")
    demand.status = Demand.TRANSITIONS[verb][1]
    demand.answer = answer
    demand.answered_at = timezone.now()
    demand.save()
    event = audit.record("answer_demand", demand, by=by, detail={"verb": verb})
    tell_town(
        demand.municipality_id,
        subject="「合う人がいない」への回答です",
        first_line="記録した需要に、県から連絡があります。内容を確かめてください。",
        path=reverse("town:pool_demands"),
        key=f"demand:{event.pk}",
    )
    return demand


@transaction.atomic
def record_export(*, people: int, conditions: Sequence[str], by: User) -> None:
    """A list of people leaves as a file: how many, by whom, narrowed by which fields. What was
    typed into them is not recorded: it may be a name."""
    audit.record(
        "export_pool", by, by=by, detail={"people": people, "conditions": list(conditions)}
    )
