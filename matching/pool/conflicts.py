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
from talentpool.specialists.conflicts.rules import Result, Work, phase_of
from talentpool.specialists.models import Interest, Specialist


def work_in(first: date, last: date, skill: str = "") -> Work:
    """Work for a town in whole months, with no need named yet: nothing is said of buying."""
    until = add_months(last, 1) - timedelta(days=1)
    return Work(first, until, skills=frozenset([skill] if skill else []))


def without_conflicts(entries: Any, town: Municipality, work: Work) -> Any:
    """Of these entries the ones with whom the rules find no conflict with the town, what
    coordinators decided taken in: those whose rows would show none."""
    facts = town_facts(town.pk, work.first)
    tied = list(entries.filter(_may_conflict(facts, work)).values_list("pk", flat=True))
    found = conflicts_of(town, tied, work, facts)
    return entries.exclude(pk__in=list(found)) if found else entries


def _may_conflict(facts: TownFacts, work: Work) -> Q:
    """Entries of people with a tie, now or in the two years before, to a firm with which the town
    has a contract or a planned procurement at the time, or to its parent or subsidiary. Wider than
    the rules, which also ask how close the tie is: it says of whom they have to be asked."""
    met = {deal.corporate_number for deal in facts.deals if phase_of(deal, work, facts.bar_years)}
    numbers = met - {""}
    for link in facts.relations:
        if met & {link.parent, link.child}:
            numbers |= {link.parent, link.child}
    members = Specialist.objects.filter(firm__corporate_number__in=numbers)
    interests = Interest.objects.filter(
        Q(until=None) | Q(until__gte=work.first - LOOK_BACK),
        Q(since=None) | Q(since__lte=work.last),
        corporate_number__in=numbers,
    )
    return Q(pk__in=members.values("pk")) | Q(pk__in=interests.values("specialist_id"))


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
