"""Freeze the input of a run: the rows of the database as a problem of the engine.

Ids are primary keys as text; half-days, yen and months as in the models. The engine never sees a
name of a person: the pool number stands for it.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q

from matching.engagements.models import Share
from matching.engagements.services import free_half_days
from matching.engine import Declined, Group, Need, Policy, Problem, Specialist, Town
from matching.proposals.models import Candidate
from municipalities.registry.models import Group as RegistryGroup
from municipalities.registry.models import Municipality, VendorContract
from municipalities.registry.places import metres
from municipalities.vacancies.models import Need as NeedRow
from talentpool.conventions.months import add_months, month_range, months_between
from talentpool.specialists.models import Specialist as SpecialistRow
from talentpool.specialists.services import confidence_by_person
from talentpool.vocabulary.models import EngagementForm, Skill

DAY = timedelta(days=1)
ON_SITE_PCT = {"no": 100, "partly": 100, "only": 0}
POLICY = Policy(version="2026-11")


def freeze(needs: Sequence[NeedRow]) -> Problem:
    """The problem of matching `needs` with everybody who is registered now.

    Raises ValueError when `needs` is empty.
    """
    if not needs:
        raise ValueError("a run needs at least one need")
    first = min(need.first_month for need in needs)
    last = max(need.last_month for need in needs)
    months = month_range(first, last)
    codes = sorted({need.municipality_id for need in needs})
    people = list(
        SpecialistRow.objects.registered()
        .select_related("base", "firm")
        .prefetch_related("skills", "forms")
        .order_by("pk")
    )
    free = free_half_days([person.pk for person in people], months)
    sure = confidence_by_person([person.pk for person in people])
    serving = _towns_served(first, last)
    firms = {person.firm.corporate_number for person in people if person.firm}
    return Problem(
        horizon=len(months),
        first_month=f"{first:%Y-%m}",
        towns=_towns(codes, firms, first, last),
        groups=_groups(codes),
        needs=tuple(_need(need, first) for need in sorted(needs, key=lambda row: row.pk)),
        specialists=tuple(
            _specialist(
                person,
                free[person.pk],
                serving.get(person.pk, frozenset()),
                months,
                sure[person.pk],
            )
            for person in people
            if any(free[person.pk])
        ),
        declined=_declined(needs, {str(person.pk) for person in people if any(free[person.pk])}),
        policy=POLICY,
        labels=_labels(),
    )


def _labels() -> dict[str, str]:
    """Names of skills and forms, for the engine's sentences."""
    return dict(Skill.objects.values_list("code", "name")) | dict(
        EngagementForm.objects.values_list("code", "name")
    )


def _need(row: NeedRow, first: date) -> Need:
    start = months_between(first, row.first_month) - 1
    rate_cap = row.budget_yen // (row.half_days * row.months) if row.budget_yen else None
    return Need(
        id=str(row.pk),
        town=row.municipality_id,
        skills=tuple((skill.skill_id, skill.level) for skill in row.skills.all()),
        half_days=row.half_days,
        least=row.least_half_days,
        start=start,
        end=start + row.months,
        priority=row.priority,
        onsite_pct=row.on_site_half_days * 100 // row.half_days,
        weekdays=row.weekdays,
        half_day_rate_cap_yen=rate_cap,
        forms=frozenset(form.code for form in row.forms.all()),
    )


def _specialist(
    row: SpecialistRow,
    free: list[int],
    serving: frozenset[str],
    months: list[date],
    confidence: int,
) -> Specialist:
    x, y = metres(row.base) or (0, 0)
    firm = row.firm.corporate_number if row.firm else None
    permission = None
    if row.kind == SpecialistRow.Kind.SIDE_JOB:
        until = row.side_job_permit_until
        # A month counts when the permission covers its last day.
        permission = (
            0,
            sum(until is not None and add_months(month, 1) <= until + DAY for month in months),
        )
    return Specialist(
        id=str(row.pk),
        name=row.pool_number,
        levels={skill.skill_id: skill.level for skill in row.skills.all()},
        capacity=tuple(free),
        max_towns=row.max_towns,
        serving=serving,
        weekdays=row.weekdays,
        half_day_rate_yen=row.half_day_rate_yen,
        x=x,
        y=y,
        radius_m=row.radius_km * 1000,
        onsite_max_pct=ON_SITE_PCT[row.remote],
        forms=frozenset(form.code for form in row.forms.all()),
        vendor=firm,
        min_block=1,
        permission=permission,
        confidence=confidence,
    )


def _towns(codes: list[str], firms: set[str], first: date, last: date) -> tuple[Town, ...]:
    contracts: dict[str, dict[str, str]] = {}
    rows = VendorContract.objects.filter(
        municipality_id__in=codes,
        corporate_number__in=firms,
        starts__lt=add_months(last, 1),
        ends__gte=first,
    ).order_by("pk")
    for row in rows:
        contracts.setdefault(row.municipality_id, {})[row.corporate_number] = (
            f"現契約「{row.subject}」の契約者に所属({row.ends:%Y年%-m月}まで)"
        )
    towns = []
    for town in Municipality.objects.filter(code__in=codes).order_by("code"):
        x, y = metres(town) or (0, 0)
        towns.append(
            Town(id=town.code, name=town.name, x=x, y=y, vendors=contracts.get(town.code, {}))
        )
    return tuple(towns)


def _groups(codes: list[str]) -> tuple[Group, ...]:
    groups = []
    for row in RegistryGroup.objects.filter(kind="joint_use").prefetch_related("members"):
        members = frozenset(
            member.municipality_id
            for member in row.members.all()
            if member.municipality_id in codes
        )
        if len(members) > 1:
            groups.append(Group(id=str(row.pk), name=row.name, towns=members))
    return tuple(groups)


def _towns_served(first: date, last: date) -> dict[int, frozenset[str]]:
    served: dict[int, set[str]] = {}
    shares = Share.objects.filter(
        active=True, first_month__lte=last, last_month__gte=first
    ).values_list("engagement__specialist_id", "municipality_id")
    for person, code in shares:
        served.setdefault(person, set()).add(code)
    return {person: frozenset(codes) for person, codes in served.items()}


def _declined(needs: Sequence[NeedRow], people: set[str]) -> tuple[Declined, ...]:
    """Pairs that were tried for the same need and did not come about."""
    rows = (
        Candidate.objects.filter(proposal__need__in=needs)
        .filter(Q(status__in=["declined", "expired", "unwanted", "dropped"]))
        .order_by("pk")
    )
    pairs = {}
    for row in rows.select_related("proposal"):
        if str(row.specialist_id) in people:
            pairs[(str(row.proposal.need_id), str(row.specialist_id))] = row.get_status_display()
    return tuple(
        Declined(need=need, specialist=person, reason=reason)
        for (need, person), reason in pairs.items()
    )
