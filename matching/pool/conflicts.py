"""Conflicts of interest with one town in the search: who is tied to a firm that the town deals
with, and what the rules say of the people of a page."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from municipalities.registry.models import Municipality
from talentpool.conventions.months import add_months
from talentpool.specialists.conflicts.facts import (
    LOOK_BACK,
    Pair,
    assess_pairs,
    bar_years,
    deals_of,
)
from talentpool.specialists.conflicts.rules import Result, Work, phase_of
from talentpool.specialists.models import FirmRelation, Interest, Specialist


def work_in(first: date, last: date, skill: str = "") -> Work:
    """Work for a town in whole months, with no need named yet: nothing is said of buying."""
    until = add_months(last, 1) - timedelta(days=1)
    return Work(first, until, skills=frozenset([skill] if skill else []))


def tied_to(town: Municipality, work: Work) -> Q:
    """Entries of people with a tie, now or in the two years before, to a firm with which the town
    has a contract or a planned procurement at the time, or to its parent or subsidiary. Wider than
    the rules, which also ask how close the tie is."""
    deals = deals_of([town.pk], work.first)[town.pk]
    years = bar_years(timezone.localdate())
    numbers = {deal.corporate_number for deal in deals if phase_of(deal, work, years)} - {""}
    for parent, child in FirmRelation.objects.filter(
        Q(parent_number__in=numbers) | Q(child_number__in=numbers)
    ).values_list("parent_number", "child_number"):
        numbers |= {parent, child}
    members = Specialist.objects.filter(firm__corporate_number__in=numbers)
    interests = Interest.objects.filter(
        Q(until=None) | Q(until__gte=work.first - LOOK_BACK),
        Q(since=None) | Q(since__lte=work.last),
        corporate_number__in=numbers,
    )
    return Q(pk__in=members.values("pk")) | Q(pk__in=interests.values("specialist_id"))


def conflicts_of(town: Municipality, ids: Sequence[int], work: Work) -> dict[int, tuple[str, str]]:
    """What the rules find between these people and the town: the worst result in words, and its
    evidence. That somebody has not declared this year is no conflict with this town."""
    found = {}
    for pair, assessment in assess_pairs([Pair(pk, town.pk, work) for pk in ids]).items():
        dealt = [finding for finding in assessment.findings if finding.deal is not None]
        if dealt and dealt[0].result != Result.NONE:
            found[pair.specialist_id] = (dealt[0].result.label, dealt[0].evidence)
    return found
