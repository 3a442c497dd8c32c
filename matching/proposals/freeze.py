"""Freeze the input of a run: the rows of the database as a problem of the engine.

Ids are primary keys as text; half-days, yen and months as in the models. The engine never sees a
name of a person: the pool number stands for it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from matching.engagements.models import Hold, Share
from matching.engagements.services import free_half_days
from matching.engagements.visiting import Visits, full_weekdays, visits_by_person
from matching.engine import Declined, Group, Need, Policy, Problem, Specialist, Town
from matching.proposals.apart import (
    Pairs,
    Served,
    full_in_window,
    kept_apart,
    no_weekday_left,
    towns_throughout,
)
from matching.proposals.budgets import left_for_needs
from matching.proposals.conflicts import barred_pairs
from matching.proposals.models import Candidate
from matching.proposals.promised import less_promised, promises, with_promised
from matching.proposals.reasons import CloseReason
from municipalities.registry.models import Group as RegistryGroup
from municipalities.registry.models import Municipality
from municipalities.registry.places import metres
from municipalities.vacancies.models import Need as NeedRow
from talentpool.conventions.months import (
    add_months,
    first_of_month,
    last_day,
    month_range,
    months_between,
)
from talentpool.specialists.conflicts.rules import Result
from talentpool.specialists.models import Specialist as SpecialistRow
from talentpool.specialists.services import confidence_by_person
from talentpool.vocabulary.models import EngagementForm, Skill

ON_SITE_PCT = {"no": 100, "partly": 100, "only": 0}
TRIED = ("declined", "expired", "unwanted", "dropped")  # and set aside: see `_tried`
TRIED_WORDS = frozenset(str(Candidate.Status(status).label) for status in (*TRIED, "aside"))
CONFLICT = "利害関係："  # begins the reason of a pair that a conflict of interest forbids
OWN_SAKE = (CloseReason.NEED_CHANGED, CloseReason.BUDGET)  # says nothing of the person
GAP_MONTHS = 3  # so long after its last month a share still makes who served the present adviser
POLICY = Policy(version="2026-11")


def freeze(needs: Sequence[NeedRow], people_only: Collection[int] | None = None) -> Problem:
    """The problem of matching `needs` with everybody who is registered now, or of these with the
    people given by number. A need that has begun is asked for from this month on. Free is what
    is neither signed nor held nor promised by an open offer of another need.

    Raises ValueError when `needs` is empty.
    """
    if not needs:
        raise ValueError("a run needs at least one need")
    prefetch_related_objects(list(needs), "municipality")
    now = first_of_month(timezone.localdate())
    first = min(need.begins(now) for need in needs)
    last = max(need.last_month for need in needs)
    months = month_range(first, last)
    codes = sorted({need.municipality_id for need in needs})
    registered = SpecialistRow.objects.registered()
    if people_only is not None:
        registered = registered.filter(pk__in=people_only)
    people = list(
        registered.select_related("base", "firm", "background", "work_profile")
        .prefetch_related("skills", "forms")
        .order_by("pk")
    )
    promised = promises(first, last, but_for=needs)
    free = less_promised(free_half_days([person.pk for person in people], months), months, promised)
    sure = confidence_by_person([person.pk for person in people])
    served = with_promised(towns_served(first, last), promised)
    serving = {person.pk: towns_throughout(served, person.pk, needs) for person in people}
    barred = _barred(needs, [person.pk for person in people])
    present = present_advisers(needs)
    visits = visits_by_person([person.pk for person in people], first, last)
    free_people = [person for person in people if any(free[person.pk])]
    return Problem(
        horizon=len(months),
        first_month=f"{first:%Y-%m}",
        towns=_towns(codes, barred, left_for_needs(needs)),
        groups=_groups(codes),
        needs=tuple(
            _need(need, need.begins(now), first, present.get(need.pk))
            for need in sorted(needs, key=lambda row: row.pk)
        ),
        specialists=tuple(
            _specialist(
                person,
                free[person.pk],
                serving[person.pk],
                months,
                sure[person.pk],
                barred.people.get(person.pk, frozenset()),
                full_weekdays(visits.get(person.pk, ()), months),
            )
            for person in free_people
        ),
        declined=_declined(needs, free_people, _apart(needs, free_people, served, barred, visits)),
        policy=POLICY,
        labels=_labels(),
    )


def _labels() -> dict[str, str]:
    """Names of skills and forms, for the engine's sentences."""
    return dict(Skill.objects.values_list("code", "name")) | dict(
        EngagementForm.objects.values_list("code", "name")
    )


def present_advisers(needs: Sequence[NeedRow]) -> dict[int, int]:
    """By need, the person who serves its town today in work of the same kind: the share is in
    force, begins before the need does, has not ended, and was for a need with a skill in common;
    or it ran out in the three months before the need begins, as at the turn of the fiscal year.
    Of several the one with the most skills in common, then the one that stays longest."""
    today = first_of_month(timezone.localdate())
    earliest = add_months(min(need.first_month for need in needs), -GAP_MONTHS)
    shares = list(
        Share.objects.filter(
            Q(active=True, engagement__status="signed") | Q(engagement__status="ended"),
            municipality__in={need.municipality_id for need in needs},
            last_month__gte=min(today, earliest),
        )
        .select_related("engagement")
        .prefetch_related("need__skills")
    )
    found: dict[int, int] = {}
    for need in needs:
        asked = {skill.skill_id for skill in need.skills.all()}
        since = add_months(need.first_month, -GAP_MONTHS)
        ranked = [
            (len(asked & {skill.skill_id for skill in share.need.skills.all()}), share)
            for share in shares
            if share.municipality_id == need.municipality_id
            and share.first_month < need.first_month
            and (share.last_month >= since or _in_force(share, today))
        ]
        common, share = max(
            ranked, key=lambda row: (row[0], row[1].last_month, -row[1].pk), default=(0, None)
        )
        if common and share is not None:
            found[need.pk] = share.engagement.specialist_id
    return found


def _in_force(share: Share, today: date) -> bool:
    return share.engagement.status == "signed" and share.last_month >= today


def _need(row: NeedRow, begins: date, first: date, present: int | None) -> Need:
    start = months_between(first, begins) - 1
    months = months_between(begins, row.last_month)
    return Need(
        id=str(row.pk),
        town=row.municipality_id,
        skills=tuple((skill.skill_id, skill.level) for skill in row.skills.all()),
        half_days=row.half_days,
        least=row.least_half_days,
        start=start,
        end=start + months,
        priority=row.priority,
        onsite_pct=row.on_site_half_days * 100 // row.half_days,
        weekdays=row.weekdays,
        half_day_rate_cap_yen=rate_cap(row.budget_yen, row.least_half_days, months),
        budget_yen=row.budget_yen,
        forms=frozenset(form.code for form in row.forms.all()),
        present=None if present is None else str(present),
    )


def rate_cap(budget_yen: int | None, least: int, months: int) -> int | None:
    """The most yen of a half-day within a need's budget: even with the fewest half-days nobody
    dearer fits; the rule of the budget does the rest."""
    return budget_yen // (least * months) if budget_yen else None


def _specialist(
    row: SpecialistRow,
    free: list[int],
    serving: frozenset[str],
    months: list[date],
    confidence: int,
    interests: frozenset[str],
    full: int,
) -> Specialist:
    x, y = metres(row.base) or (0, 0)
    return Specialist(
        id=str(row.pk),
        name=row.pool_number,
        levels={skill.skill_id: skill.level for skill in row.skills.all()},
        capacity=tuple(free),
        max_towns=row.max_towns,
        serving=serving,
        weekdays=row.weekdays & ~full or row.weekdays,  # see `apart.no_weekday_left`
        half_day_rate_yen=row.half_day_rate_yen,
        x=x,
        y=y,
        radius_m=row.radius_km * 1000,
        onsite_max_pct=ON_SITE_PCT[row.remote],
        forms=frozenset(form.code for form in row.forms.all()),
        interests=interests,
        min_block=_least_block(row, serving),
        monthly_fixed_yen=row.monthly_fixed_yen,
        permission=permitted_months(row, months),
        confidence=confidence,
    )


def _least_block(row: SpecialistRow, serving: frozenset[str]) -> int:
    """The fewest half-days a month of one need. What a person asks for at least is for all towns
    together, so that it binds a single need only of who takes one town and has none; of the others
    the terms raise the days, and the pages say by how much."""
    return row.least_half_days if row.max_towns == 1 and not serving else 1


def permitted_months(row: SpecialistRow, months: Sequence[date]) -> tuple[int, int] | None:
    """The range of `months` that the employer permits side work in, each from its first day that
    is still to come to its last day; None for who needs no permission (R13)."""
    if not row.needs_permit:
        return None
    today = timezone.localdate()
    permitted = [
        row.may_work_on(max(month, min(today, last_day(month))))
        and row.may_work_on(last_day(month))
        for month in months
    ]
    first = permitted.index(True) if any(permitted) else 0
    return first, first + sum(permitted)


@dataclass(frozen=True, slots=True)
class Barred:
    """Conflicts of interest in the engine's form: a town names why for each id of an interest,
    people carry the ids. An id stands for one person in one town, so that no corporate number is
    frozen. `pairs` are those that hold for some needs of a town only."""

    towns: dict[str, dict[str, str]]
    people: dict[int, frozenset[str]]
    pairs: dict[tuple[int, int], str]


def _barred(needs: Sequence[NeedRow], people: Sequence[int]) -> Barred:
    found = barred_pairs(needs, people)
    needs_of: dict[str, set[int]] = {}
    for need in needs:
        needs_of.setdefault(need.municipality_id, set()).add(need.pk)
    towns: dict[str, dict[str, str]] = {}
    carried: dict[int, set[str]] = {}
    pairs: dict[tuple[int, int], str] = {}
    by_town: dict[tuple[int, str], dict[int, str]] = {}
    town_of = {need.pk: need.municipality_id for need in needs}
    for (person, need_id), assessment in found.items():
        words = "、".join(f.blind_evidence for f in assessment.findings if f.result == Result.NO)
        by_town.setdefault((person, town_of[need_id]), {})[need_id] = words
    for (person, code), words_of in by_town.items():
        if words_of.keys() == needs_of[code]:
            identifier = f"p{person}"
            towns.setdefault(code, {})[identifier] = next(iter(words_of.values()))
            carried.setdefault(person, set()).add(identifier)
        else:
            pairs |= {(person, need_id): words for need_id, words in words_of.items()}
    return Barred(towns, {pk: frozenset(ids) for pk, ids in carried.items()}, pairs)


def _towns(codes: list[str], barred: Barred, left: Mapping[str, int]) -> tuple[Town, ...]:
    towns = []
    for town in Municipality.objects.filter(code__in=codes).order_by("code"):
        x, y = metres(town) or (0, 0)
        towns.append(
            Town(
                id=town.code,
                name=town.name,
                x=x,
                y=y,
                budget_yen=left.get(town.code),
                vendors=barred.towns.get(town.code, {}),
            )
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


def towns_served(first: date, last: date) -> dict[int, list[tuple[str, int, int]]]:
    """Towns signed with, and those that days are held for, by person with their first and last
    month (year × 12 + month): both count towards `max_towns` in these months."""
    served: dict[int, list[tuple[str, int, int]]] = {}
    shares = Share.objects.filter(
        active=True, first_month__lte=last, last_month__gte=first
    ).values_list("engagement__specialist_id", "municipality_id", "first_month", "last_month")
    holds = Hold.objects.filter(
        state=Hold.State.ACTIVE,
        municipality__isnull=False,
        first_month__lte=last,
        last_month__gte=first,
    ).values_list("specialist_id", "municipality_id", "first_month", "last_month")
    for person, code, start, end in (*shares, *holds):
        months = (start.year * 12 + start.month, end.year * 12 + end.month)
        served.setdefault(person, []).append((code, *months))
    return served


def _apart(
    needs: Sequence[NeedRow],
    people: Sequence[SpecialistRow],
    served: Served,
    barred: Barred,
    visits: Mapping[int, list[Visits]],
) -> Pairs:
    """The pairs that no rule of the engine keeps apart and that cannot be, with the reason."""
    conflicts = {
        (need, person): f"{CONFLICT}{words}" for (person, need), words in barred.pairs.items()
    }
    found = full_in_window(needs, people, served) | kept_apart(needs, people)
    return found | no_weekday_left(needs, people, visits) | conflicts


def _tried(needs: Sequence[NeedRow]) -> QuerySet[Candidate]:
    """Who was tried for these needs as they stand: not for what a need was before it went back to
    its town and was accepted again, nor whom the town let go for its own sake (`OWN_SAKE`)."""
    next_asked = Candidate.objects.filter(
        proposal=OuterRef("proposal"), bundle__gt=OuterRef("bundle")
    )
    # The reason stands on the proposal: it is that of the last one who was asked.
    let_go = Q(status="dropped", proposal__close_reason__in=OWN_SAKE) & ~Exists(next_asked)
    as_it_stands = (
        Q(proposal__closed_at__isnull=True)
        | Q(proposal__need__accepted_at__isnull=True)
        | Q(proposal__closed_at__gte=F("proposal__need__accepted_at"))
    )
    found: QuerySet[Candidate] = (
        Candidate.objects.filter(as_it_stands, proposal__need__in=needs)
        .filter(
            Q(status__in=TRIED)
            # Days, towns and conflicts are looked at anew by the run itself.
            | Q(status="aside", aside_reason__in=["consent", "other"])
        )
        .exclude(let_go)
    )
    return found


def came_to_nothing(declined: Declined) -> bool:
    """Whether the pair was tried for the need and did not come about, by its frozen reason; not
    one that cannot be."""
    return declined.reason in TRIED_WORDS


def _declined(
    needs: Sequence[NeedRow], people: Sequence[SpecialistRow], apart: Pairs
) -> tuple[Declined, ...]:
    """Pairs that were tried for the same need and did not come about, and those kept apart."""
    known = {person.pk for person in people}
    rows = _tried(needs).select_related("proposal").order_by("pk")
    pairs = {pair: why for pair, why in apart.items() if pair[1] in known}
    for row in rows:
        if row.specialist_id in known:
            pairs[row.proposal.need_id, row.specialist_id] = row.get_status_display()
    return tuple(
        Declined(need=str(need), specialist=str(person), reason=why)
        for (need, person), why in sorted(pairs.items())
    )
