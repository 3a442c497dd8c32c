"""A run's plan looked at with what is registered, held and signed now: who fits still.

A run is frozen when it begins; days are held, towns are taken on and permits end after that.
Reading only.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils import timezone

from matching import engine
from matching.engine.ledger import Ledger
from matching.engine.lookup import Lookup
from matching.engine.pairs import eligible_pair
from matching.engine.reasons import Term
from matching.engine.rules import failed_rules
from matching.engine.scoring import TERM_LABELS, terms
from matching.proposals.apart import towns_in
from matching.proposals.freeze import freeze, towns_served
from matching.proposals.models import Proposal, Run
from matching.proposals.promised import promises, with_promised
from matching.proposals.words import all_words
from municipalities.vacancies.models import Need
from talentpool.conventions.months import first_of_month

GONE = "いまは登録中でないか、期間に空きがありません"
NO_ROOM = "この案のほかの案件にあてると、稼働枠、受け持てる市町の数、市町の予算のどれかが足りません"


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a person stands with a need now: the half-days a month there is room for, with their
    points, or 0 and why."""

    half_days: int
    terms: tuple[Term, ...] = ()
    why_not: str = ""

    @property
    def score(self) -> int:
        return sum(term.points for term in self.terms)


def accepted_since(run: Run, need: Need) -> bool:
    """Whether the need was sent back, mended and accepted again after the run's input was frozen,
    which therefore holds what it was before."""
    frozen_at = run.frozen_at or run.created_at  # unknown of runs that an earlier version froze
    return need.accepted_at is not None and need.accepted_at > frozen_at


def needs_to_plan(run: Run) -> list[Need]:
    """The run's needs with months left that nothing is agreed nor asked for: their people's days
    are held by nothing yet."""
    asked = (*Proposal.CHOSEN, Proposal.Status.APPROACHED)
    return list(
        run.needs.filter(status=Need.Status.ACCEPTED)
        .not_over_on(timezone.localdate())
        .exclude(proposals__in=Proposal.objects.filter(status__in=asked))
        .prefetch_related("skills", "forms")
        .order_by("pk")
    )


class Now:
    """The plan's pairs of the needs that are still to be agreed, and `others` by number, against
    the days, towns, permits, rates and conflicts of today. In a number of queries that does not
    grow."""

    def __init__(self, run: Run, plan: engine.Plan, others: Collection[int] = ()) -> None:
        needs = needs_to_plan(run)
        open_needs = {str(need.pk) for need in needs}
        self.planned = [row for row in plan.assignments if row.need in open_needs]
        people = {int(row.specialist) for row in self.planned} | set(others)
        self.lookup: Lookup | None = None
        self._planned: dict[tuple[str, str], Fit] = {}
        self.needs = {str(need.pk): need for need in needs}
        if needs:
            self.lookup = Lookup(freeze(needs, people))
            self.ledger = Ledger(self.lookup)
            month = first_of_month(timezone.localdate())
            first = min(need.begins(month) for need in needs)
            last = max(need.last_month for need in needs)
            self.served = with_promised(
                towns_served(first, last), promises(first, last, but_for=needs)
            )
            self._take_planned()

    def _take_planned(self) -> None:
        for row in self.planned:
            fit = self.of(row.need, row.specialist, most=row.half_days)
            self._planned[row.need, row.specialist] = fit
            if fit.half_days and self.lookup is not None:
                i, j = self.lookup.need_at[row.need], self.lookup.person_at[row.specialist]
                self.ledger.take(i, j, fit.half_days)

    def planned_fit(self, need_id: str, specialist_id: str) -> Fit:
        """The fit of a pair of the plan, beside all its other pairs."""
        return self._planned.get((need_id, specialist_id), Fit(0, why_not=GONE))

    def instead(self, need_id: str, specialist_ids: Sequence[str]) -> dict[str, Fit]:
        """The fits of others for a need, were each put there instead of the plan's person."""
        if self.lookup is None or need_id not in self.lookup.need_at:
            return {}
        i = self.lookup.need_at[need_id]
        here = [(j, half_days) for (n, j), half_days in self.ledger.taken.items() if n == i]
        for j, _ in here:
            self.ledger.drop(i, j)
        found = {person: self.of(need_id, person) for person in specialist_ids}
        for j, half_days in here:
            self.ledger.take(i, j, half_days)
        return found

    def of(self, need_id: str, specialist_id: str, most: int | None = None) -> Fit:
        """The fit of a pair with what is left in the ledger, of no more than `most` half-days."""
        lookup = self.lookup
        if lookup is None or need_id not in lookup.need_at or specialist_id not in lookup.person_at:
            return Fit(0, why_not=GONE)
        i, j = lookup.need_at[need_id], lookup.person_at[specialist_id]
        need, person = lookup.needs[i], lookup.people[j]
        pair = eligible_pair(lookup, i, j)
        if pair is None:
            failed = failed_rules(lookup, need, person)
            return Fit(0, why_not=all_words(lookup, need_id, specialist_id, failed))
        room = self.ledger.room(pair)
        if not room or not self._town_open(i, j):
            return Fit(0, why_not=NO_ROOM)
        half_days = room if most is None else min(room, most)
        points = terms(lookup, need, person, half_days)
        return Fit(
            half_days,
            tuple(Term(name, TERM_LABELS.get(name, name), points[name]) for name in points),
        )

    def _town_open(self, i: int, j: int) -> bool:
        """Whether the person may take the need's town on in the need's own months, beside what is
        signed, held, promised and planned in any of them. The engine counts towns over all its
        months."""
        lookup = self.lookup
        if lookup is None:
            return False
        need, person = lookup.needs[i], lookup.people[j]
        towns = set(towns_in(self.served, int(person.id), self.needs[need.id]))
        for other, who in self.ledger.taken:
            at = lookup.needs[other]
            if who == j and at.start < need.end and need.start < at.end:
                towns.add(at.town)
        return need.town in towns or len(towns) < person.max_towns

    def changed(self) -> dict[tuple[int, int], str]:
        """Of the plan's pairs those that do not hold as planned, by need and person, and why."""
        found = {}
        for row in self.planned:
            fit = self.planned_fit(row.need, row.specialist)
            if fit.half_days < row.half_days:
                words = fit.why_not or f"いま割り当てられるのは月{fit.half_days / 2:g}日です"
                found[int(row.need), int(row.specialist)] = words
        return found
