"""Conflicts of interest with one town in the search: who is tied to a firm that the town deals
with, and what the rules say of the people of a page."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from municipalities.registry.models import Municipality
from talentpool.conventions.months import add_months
from talentpool.specialists.conflicts.facts import (
    LOOK_BACK,
    Pair,
    TownFacts,
    assess_pairs,
    town_facts,
)
from talentpool.specialists.conflicts.rules import (
    Result,
    Tie,
    TieKind,
    Work,
    assess,
    expand,
    phase_of,
)
from talentpool.specialists.models import ConflictCase, Interest, Specialist


def work_in(first: date, last: date, skill: str = "") -> Work:
    """Work for a town in whole months, with no need named yet: nothing is said of buying."""
    until = add_months(last, 1) - timedelta(days=1)
    return Work(first, until, skills=frozenset([skill] if skill else []))


def without_conflicts(entries: Any, town: Municipality, work: Work) -> Any:
    """Of these entries the ones with whom the rules find no conflict with the town, what
    coordinators decided taken in: those whose rows would show none.

    Of a firm's people who declared nothing of a firm that the town deals with, the rules know the
    firm alone: they are asked once for each firm, and of the others one by one.
    """
    facts = town_facts(town.pk, work.first)
    numbers = _met(facts, work)
    special = _interested(numbers, work) | Q(pk__in=_decided(town).values("specialist_id"))
    asked = list(entries.filter(special).values_list("pk", flat=True))
    firms = [number for number in numbers if _is_barred(number, facts, work)]
    members = Specialist.objects.filter(firm__corporate_number__in=firms, left_firm_on=None)
    of_firms = members.exclude(pk__in=asked).values("pk")
    found = list(conflicts_of(town, asked, work, facts))
    return entries.exclude(Q(pk__in=of_firms) | Q(pk__in=found)) if firms or found else entries


def _met(facts: TownFacts, work: Work) -> set[str]:
    """The firms with which the town has a contract or a planned procurement at the time, their
    parents and subsidiaries."""
    met = {deal.corporate_number for deal in facts.deals if phase_of(deal, work, facts.bar_years)}
    numbers = met - {""}
    for link in facts.relations:
        if met & {link.parent, link.child}:
            numbers |= {link.parent, link.child}
    return numbers


def _interested(numbers: set[str], work: Work) -> Q:
    """Entries of people with a declared tie to one of these firms, now or in the two years before.
    Wider than the rules, which also ask how close it is."""
    interests = Interest.objects.filter(
        Q(until=None) | Q(until__gte=work.first - LOOK_BACK),
        Q(since=None) | Q(since__lte=work.last),
        corporate_number__in=numbers,
    )
    return Q(pk__in=interests.values("specialist_id"))


def _decided(town: Municipality) -> Any:
    return ConflictCase.objects.filter(municipality=town, state=ConflictCase.State.DECIDED)


def _is_barred(number: str, facts: TownFacts, work: Work) -> bool:
    """Whether the rules find a conflict with somebody of this firm, nothing else being known."""
    ties = expand([Tie(TieKind.EMPLOYER, number, "")], facts.relations)
    found = assess(ties, facts.deals, work, declared=True, bar_years=facts.bar_years)
    return found.result != Result.NONE


def conflicts_of(
    town: Municipality, ids: Sequence[int], work: Work, facts: TownFacts | None = None
) -> dict[int, tuple[str, str]]:
    """What the rules find between these people and the town: the worst result in words, and its
    evidence. That somebody has not declared this year is no conflict with this town."""
    found = {}
    pairs = [Pair(pk, town.pk, work) for pk in ids]
    for pair, assessment in assess_pairs(pairs, of_town=facts).items():
        dealt = [finding for finding in assessment.findings if finding.deal is not None]
        if dealt and dealt[0].result != Result.NONE:
            found[pair.specialist_id] = (dealt[0].result.label, dealt[0].evidence)
    return found
