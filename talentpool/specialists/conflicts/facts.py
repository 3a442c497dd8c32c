"""The facts that the rules are asked with, read for many people and towns in few queries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from municipalities.registry.models import PlannedProcurement, VendorContract
from talentpool.conventions.era import fiscal_year
from talentpool.conventions.periods import years_after
from talentpool.specialists.conflicts.rules import (
    BAR_YEARS,
    Assessment,
    Deal,
    DealKind,
    Decision,
    Finding,
    Relation,
    Result,
    Tie,
    TieKind,
    Work,
    assess,
    expand,
    settle,
)
from talentpool.specialists.models import (
    Background,
    BarTerm,
    ConflictCase,
    FirmRelation,
    Interest,
    InterestDeclaration,
    Specialist,
)
from talentpool.specialists.models.person import folded
from talentpool.vocabulary.models import Skill

NO_COMPANY = (Background.Work.NONE, Background.Work.PUBLIC)
YEARS_AHEAD = 5  # no engagement and no procurement is planned further ahead
LOOK_BACK = timedelta(days=366 * 2 + 1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A person in some work for a town."""

    specialist_id: int
    municipality_code: str
    work: Work


def ties_of(specialist_ids: Iterable[int]) -> dict[int, list[Tie]]:
    """Expanded ties by person: what was declared, and the firm of the registration."""
    today = timezone.localdate()
    return _ties_with(said_by(specialist_ids, today), today)


def _ties_with(
    said: Mapping[int, "Said"], today: date, links: Sequence[Relation] | None = None
) -> dict[int, list[Tie]]:
    ids = list(said)
    ties = {pk: [one.firm] if one.firm is not None else [] for pk, one in said.items()}
    for row in Interest.objects.filter(specialist_id__in=ids).order_by("pk"):
        tie = Tie(TieKind(row.kind), row.corporate_number, row.name, row.since, row.until)
        # The firm of the registration stands for now: one declared as begun says more of it, one
        # that has ended or is still to begin does not.
        known = ties[row.specialist_id]
        same = [one for one in known if one.kind == tie.kind and _same_firm(one, tie)]
        says_more = tie.until is None and (tie.since is None or tie.since <= today)
        for one in same if says_more else []:
            known.remove(one)
        known.append(tie)
    numbers = {tie.corporate_number for found in ties.values() for tie in found}
    relations = _relations(numbers) if links is None else links
    return {pk: expand(found, relations) for pk, found in ties.items()}


def _same_firm(one: Tie, other: Tie) -> bool:
    return one.corporate_number == other.corporate_number and one.since is None


def _relations(numbers: set[str]) -> list[Relation]:
    rows = FirmRelation.objects.filter(
        Q(parent_number__in=numbers) | Q(child_number__in=numbers)
    ).order_by("pk")
    return [
        Relation(
            row.parent_number,
            row.parent_name,
            row.child_number,
            row.child_name,
            row.since,
            row.until,
        )
        for row in rows
    ]


def deals_of(codes: Iterable[str], first: date, *, today: date) -> dict[str, list[Deal]]:
    """Contracts and planned procurements of towns that can matter to work from `first` on, as of
    `today`."""
    wanted = list(codes)
    deals: dict[str, list[Deal]] = {code: [] for code in wanted}
    contracts = VendorContract.objects.filter(
        municipality_id__in=wanted, ends__gte=first - LOOK_BACK
    ).order_by("pk")
    for row in contracts:
        deals[row.municipality_id].append(
            Deal(
                DealKind.CONTRACT,
                f"contract:{row.pk}",
                row.corporate_number,
                row.subject,
                row.starts,
                row.ends,
                row.skill_id or "",
            )
        )
    for code, planned in _planned(wanted, first, today):
        deals[code].append(planned)
    return deals


def _planned(codes: Sequence[str], first: date, today: date) -> Iterator[tuple[str, Deal]]:
    """Planned procurements by town, one for each firm that takes part and one without a firm, for
    those who may still come. One query."""
    rows = (
        PlannedProcurement.objects.filter(municipality_id__in=codes)
        .still_there(first, today)
        .exclude(status=PlannedProcurement.Status.CANCELLED)
        .order_by("pk", "parties__name", "parties__pk")
        .values_list(
            *("pk", "municipality_id", "parties__corporate_number", "subject"),
            *("prepared_from", "decided_on", "skill_id", "status"),
        )
    )
    for key, group in groupby(rows, itemgetter(0)):
        found = list(group)
        _, code, _, subject, starts, ends, skill, status = found[0]
        late = ends < today and status in PlannedProcurement.UNDECIDED
        for number in [*(row[2] for row in found if row[2]), ""]:
            name = f"procurement:{key}"
            term = (starts, ends, skill or "", late)
            yield code, Deal(DealKind.PROCUREMENT, name, number, subject, *term)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person has said of the own ties: that they are complete, in this fiscal year and since
    the last change of kind or firm; the firm of the registration; and whether an employer stands
    there by its name only, or not even that where there must be one."""

    declared: bool = False
    unnumbered: bool = False
    firm: Tie | None = None


def said_by(specialist_ids: Iterable[int], today: date) -> dict[int, Said]:
    """What each person has said of the own ties, as of `today`. One query."""
    year = fiscal_year(today)
    mine = {"specialist": OuterRef("pk")}
    employers = Interest.objects.filter(
        Q(until=None) | Q(until__gte=today), kind="employer", from_registration=False, **mine
    ).alias(key=folded(F("name")))
    # One that was declared before the employer changed is another one, but for its name.
    employers = employers.filter(
        Q(specialist__belonging_changed_at=None)
        | Q(created_at__gt=F("specialist__belonging_changed_at"))
        | Q(key=folded(OuterRef("employer")))
    )
    declared = InterestDeclaration.objects.counting(year).filter(**mine)
    no_name = Q(employer="", kind=Specialist.Kind.SIDE_JOB)  # who always has an employer
    no_number = ~Q(employer="") & ~Q(employer=F("employer_no_company"))
    rows = (
        Specialist.objects.filter(pk__in=list(specialist_ids))
        .annotate(
            declared=Exists(declared),
            unnumbered=Q(
                no_name | no_number,
                Q(firm=None) | Q(left_firm_on__isnull=False),
                ~Exists(employers),
                ~(
                    Q(kind=Specialist.Kind.RETIRED)  # only they are asked where they work now
                    & Exists(Background.objects.filter(present_work__in=NO_COMPANY, **mine))
                ),
            ),
        )
        .values_list(
            *("pk", "declared", "unnumbered"),
            *("firm__corporate_number", "firm__name", "left_firm_on"),
        )
    )
    return {
        # Who left the firm has it among the interests, with its last day.
        pk: Said(declared, unnumbered, Tie(TieKind.EMPLOYER, number, name) if stays else None)
        for pk, declared, unnumbered, number, name, left in rows
        for stays in [number is not None and left is None]
    }


Decisions = dict[tuple[int, str], dict[str, Decision]]


def decisions_of(specialist_ids: Iterable[int]) -> Decisions:
    """What coordinators decided, by person and town, by finding."""
    rows = ConflictCase.objects.filter(
        specialist_id__in=list(specialist_ids), state=ConflictCase.State.DECIDED
    )
    found: Decisions = {}
    for row in rows:
        place = found.setdefault((row.specialist_id, row.municipality_id), {})
        place[row.key] = Decision(
            Result(row.decision), row.measures, of=Result(row.result), ends=row.deal_ends
        )
    return found


def bar_years(day: date) -> int:
    """For how many years after an engagement a firm stays out of bidding, by the term of a day."""
    term = BarTerm.objects.in_force(day)
    return term.years if term is not None else BAR_YEARS


@dataclass(frozen=True, slots=True)
class TownFacts:
    """What is read of one town before its people are known: its deals, the relations of the firms
    in them, and the years of a bar."""

    deals: Sequence[Deal]
    relations: Sequence[Relation]
    bar_years: int


def town_facts(code: str, first: date) -> TownFacts:
    """The facts of a town for work from `first` on."""
    today = timezone.localdate()
    deals = deals_of([code], first, today=today)[code]
    numbers = {deal.corporate_number for deal in deals} - {""}
    return TownFacts(deals, _relations(numbers), bar_years(today))


def assess_pairs(
    pairs: Sequence[Pair],
    *,
    today: date | None = None,
    decided: bool = True,
    of_town: TownFacts | None = None,
) -> dict[Pair, Assessment]:
    """The assessment of each pair, what coordinators decided taken in (`decided`). The number of
    queries does not depend on how many pairs there are. `of_town` is what was read already, where
    all pairs are of one town."""
    if not pairs:
        return {}
    people = {pair.specialist_id for pair in pairs}
    day = today or timezone.localdate()
    said = said_by(people, day)
    codes = {pair.municipality_code for pair in pairs}
    deals: Mapping[str, Sequence[Deal]]
    if of_town is None:
        ties, years = _ties_with(said, day), bar_years(day)
        deals = deals_of(codes, min(pair.work.first for pair in pairs), today=day)
    else:
        ties = _ties_with(said, day, of_town.relations)
        deals, years = dict.fromkeys(codes, of_town.deals), of_town.bar_years
    decisions = decisions_of(people) if decided else {}
    alike: dict[tuple[object, ...], Assessment] = {}  # a firm's people have the same ties
    found = {}
    for pair in pairs:
        own, town = said[pair.specialist_id], pair.municipality_code
        known = tuple(ties[pair.specialist_id])
        facts = (town, pair.work, known, own.declared, own.unnumbered)
        if facts not in alike:
            alike[facts] = assess(
                known,
                _near(deals[town], known),
                pair.work,
                declared=own.declared,
                unnumbered=own.unnumbered,
                bar_years=years,
            )
        found[pair] = settle(alike[facts], decisions.get((pair.specialist_id, town), {}))
    return found


def finding_now(case: ConflictCase, *, today: date | None = None) -> Finding | None:
    """The finding of a case by the facts as they are now, whatever was decided; None when it is
    gone, such as after a contract that was typed wrongly was corrected. Asked of any work from the
    day on which it was found, or today, until `YEARS_AHEAD` years ahead: its result is the gravest
    that can come of it, which is more than the case says where that work touches no buying."""
    day = today or timezone.localdate()
    work = Work(
        first=min(case.found_on, day),
        last=years_after(day, YEARS_AHEAD),
        procurement=True,
        skills=frozenset(Skill.objects.values_list("code", flat=True)),
    )
    pair = Pair(case.specialist_id, case.municipality_id, work)
    findings = assess_pairs([pair], today=day, decided=False)[pair].findings
    return next((finding for finding in findings if finding.key == case.key), None)


def _near(deals: Iterable[Deal], ties: Iterable[Tie]) -> list[Deal]:
    """The deals that any of the ties can meet: by number, or open to all."""
    numbers: Mapping[str, None] = dict.fromkeys(tie.corporate_number for tie in ties)
    if not numbers:
        return []
    return [deal for deal in deals if not deal.corporate_number or deal.corporate_number in numbers]
