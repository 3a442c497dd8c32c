"""A run's plan brought to today with the fewest moves: what is agreed and what still fits is held,
what was declined, lost its days or is new is given out anew at once. Reading only.

A run is frozen when it begins. Until its needs are agreed on people decline, declare fewer days or
leave, and needs come. `mend` finds what has changed since, and has the engine's desk mend the plan.
"""

import dataclasses
import hashlib
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from matching import engine
from matching.engine.ledger import Ledger
from matching.engine.lookup import Lookup
from matching.engine.mended import Mending, mended
from matching.engine.pairs import eligible_pair
from matching.engine.rules import failed_rules
from matching.proposals.errors import Refused
from matching.proposals.freeze import came_to_nothing, freeze
from matching.proposals.freshness import GONE, NO_ROOM, accepted_since
from matching.proposals.models import Candidate, Proposal, Run
from matching.proposals.pinned import hold, pins_of
from matching.proposals.words import all_words
from municipalities.vacancies.models import Need

Pair = tuple[str, int]  # person and half-days a month
Key = tuple[str, str]  # need and person

OTHER_VERSION = (
    "この計算は、いまと違う版のソフトウェアで凍結されたため、組み直せません。"
    "新しい計算を始めてください。"
)
NO_NEEDS = "組み直せる案件がありません。受付済みで、打診も合意もしていない案件がなくなりました。"
CANNOT = "組み直した案が検算に通りませんでした。新しい計算を始めてください。"
ADDED = "この計算にない案件です"
MENDED_NEED = "計算のあとに直され、受け付け直されました"
GONE_ON = "この案件は、次の候補への打診に進みました"
TO_OTHERS = "この案件は、ほかの人への打診か契約に進みました"
NO_MORE = "この案件は、いま「{status}」です"
IS_OVER = "この案件の期間は終わりました"
FREE_AGAIN = ("declined", "expired", "dropped", "unwanted", "unavailable", "left", "aside")


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that is no longer as the plan has it; `specialist` is "" where it had nobody."""

    class Kind:
        DECLINED = "declined"
        LOST = "lost"
        LESS = "less"
        WAITS = "waits"  # its town has candidates before it: only the coordination goes on with it
        GONE = "gone"  # the need goes on with somebody else or is planned no more
        ADDED = "added"

    kind: str
    need: str
    specialist: str
    why: str


@dataclass(slots=True)
class Mended:
    """The plan of today. `before` and `after` are the pairs by need; `seconds` those of the
    mending alone; `pins` by key, with why one is not held."""

    problem: engine.Problem
    plan: engine.Plan
    mending: Mending
    changes: list[Changed]
    before: dict[str, Pair]
    after: dict[str, Pair]
    seconds: float
    pins: dict[int, str] = field(default_factory=dict)

    @property
    def moved(self) -> list[str]:
        """The needs for which another person or other days are proposed."""
        every = self.before.keys() | self.after.keys()
        return sorted((n for n in every if self.before.get(n) != self.after.get(n)), key=int)

    @property
    def fingerprint(self) -> str:
        """What a page showed, to be sure that this is what is kept: nothing that it does not show,
        such as how sure people's days are, which becomes less by the hour."""
        pairs = [sorted(side.items()) for side in (self.before, self.after)]
        unfilled = sorted(row.need for row in self.plan.unfilled)
        shown = (pairs, self.changes, unfilled, sorted(self.pins.items()))
        return hashlib.sha256(repr(shown).encode()).hexdigest()

    @property
    def held(self) -> int:
        """How many needs keep their person and days."""
        return sum(self.after.get(need) == pair for need, pair in self.before.items())


def chain_of(run: Run) -> list[Run]:
    """The run with what it was mended from and what was mended from it, the oldest first."""
    root = run
    while root.mends is not None:
        root = root.mends
    found = [root]
    while (newer := found[-1].mendings.order_by("-number").first()) is not None:
        found.append(newer)
    return found


def mend(run: Run, added: Collection[int] = ()) -> Mended:
    """The newest plan of the run's chain as it can be today, with the accepted needs `added` by
    key. Raises Refused where there is nothing left to plan, or for a run that cannot be read."""
    chain = chain_of(run)
    try:
        newest = engine.problem_from_json(chain[-1].problem)
        planned = _planned(chain)
    except engine.ProblemError as error:
        raise Refused(OTHER_VERSION) from error
    rows = _needs(chain, added)
    if not rows:
        raise Refused(NO_NEEDS)
    pins = pins_of(rows)
    problem = freeze(rows)
    policy = dataclasses.replace(problem.policy, stages=newest.policy.stages)
    today = _Today(dataclasses.replace(problem, policy=policy), chain, rows, planned)
    # After the candidates before the towns, whose days are promised, as in every run.
    today.problem, impossible = hold(today.problem, pins)
    found = today.mended()
    why = {row.pin.pk: row.why for row in impossible}
    found.pins = {pin.pk: why.get(pin.pk, "") for pin in pins}
    return found


def _planned(chain: Sequence[Run]) -> dict[str, Pair]:
    """By need, the pair of the newest plan that has the need; those worth most first."""
    pairs: dict[str, Pair] = {}
    for run in chain:
        plan = engine.plan_from_json(run.plan)
        known = {str(pk) for pk in run.needs.values_list("pk", flat=True)}
        pairs = {need: pair for need, pair in pairs.items() if need not in known}
        ranked = sorted(plan.assignments, key=lambda a: (-a.score, a.need))
        pairs |= {a.need: (a.specialist, a.half_days) for a in ranked}
    return pairs


def _needs(chain: Sequence[Run], added: Collection[int]) -> list[Need]:
    """The needs of the chain and the added ones that nobody is asked about and nothing is agreed
    for."""
    asked = (*Proposal.CHOSEN, Proposal.Status.APPROACHED)
    keys = set(Need.objects.filter(runs__in=chain).values_list("pk", flat=True)) | set(added)
    return list(
        Need.objects.filter(pk__in=keys, status=Need.Status.ACCEPTED)
        .not_over_on(timezone.localdate())
        .exclude(proposals__in=Proposal.objects.filter(status__in=asked))
        .prefetch_related("skills", "forms")
        .select_related("municipality")
        .order_by("pk")
    )


class _Today:
    """What has become of a plan, and what has to be given out anew. `problem` is of today."""

    def __init__(
        self,
        problem: engine.Problem,
        chain: Sequence[Run],
        rows: Sequence[Need],
        planned: Mapping[str, Pair],
    ) -> None:
        self.problem = problem
        self.rows = {str(row.pk): row for row in rows}
        self.planned = planned
        self.changes: list[Changed] = []
        self.needs: set[str] = set()  # whose places are given out anew
        self.people: set[str] = set()  # whose time is
        self.towns: set[str] = set()  # whose money is, where they count it
        self.before = {need: pair for need, pair in planned.items() if need in self.rows}
        self._new_ones(chain)
        self._gone_on(chain)
        self._in_line()

    def _new_ones(self, chain: Sequence[Run]) -> None:
        """Needs that no plan of the chain knows as they stand: they came, or were mended."""
        newest: dict[int, Run] = {}
        for run in chain:
            newest |= dict.fromkeys(run.needs.values_list("pk", flat=True), run)
        for key, row in self.rows.items():
            run_of = newest.get(row.pk)
            if run_of is not None and not accepted_since(run_of, row):
                continue
            had, _ = self.before.pop(key, ("", 0))
            self.people |= {had} - {""}
            self.needs.add(key)
            why = ADDED if run_of is None else MENDED_NEED
            self.changes.append(Changed(Changed.Kind.ADDED, key, "", why))

    def _gone_on(self, chain: Sequence[Run]) -> None:
        """Who was planned for a need that goes on with somebody else, or is planned no more, has
        days free again; what an earlier mending has told and given out is not told anew."""
        pairs = {need: person for need, (person, _) in self.planned.items()}
        told = _told(chain)
        gone = {n: p for n, p in pairs.items() if n not in self.rows and (n, p) not in told}
        needs = {str(row.pk): row for row in Need.objects.filter(pk__in=map(int, gone))}
        asked, tried = _asked(gone), _tried(gone)
        for need, person in gone.items():
            if person in asked.get(need, ()):
                continue
            self.people.add(person)
            self.towns.add(needs[need].municipality_id)
            why = _where_it_went(needs[need], need in asked)
            if (need, person) in tried:
                why = f"{tried[need, person]}。{GONE_ON if need in asked else why}"
            kind = Changed.Kind.DECLINED if (need, person) in tried else Changed.Kind.GONE
            self.changes.append(Changed(kind, need, person, why))

    def _in_line(self) -> None:
        """Needs whose towns have candidates before them are held with who is next in line, or are
        left to the coordination."""
        lookup = Lookup(self.problem)
        ledger = Ledger(lookup)
        held, waiting = [], set()
        for need, (person, half_days) in _next_in_line(self.rows.values()):
            room = _room(lookup, ledger, need, person)
            if room:
                given = min(room, half_days)
                ledger.take(lookup.need_at[need], lookup.person_at[person], given)
                held.append(engine.Accepted(need, person, given))
                continue
            waiting.add(need)
            why = f"{_why(lookup, need, person)}。調整の画面で、次の候補へ進めてください"
            self.changes.append(Changed(Changed.Kind.WAITS, need, person, why))
        self._leave_out(waiting)
        held.sort(key=lambda pair: (pair.need, pair.specialist))
        self.problem = dataclasses.replace(self.problem, accepted=tuple(held))

    def _leave_out(self, needs: set[str]) -> None:
        self.people |= {self.before[need][0] for need in needs if need in self.before}
        self.towns |= {need.town for need in self.problem.needs if need.id in needs}
        self.problem = dataclasses.replace(
            self.problem,
            needs=tuple(need for need in self.problem.needs if need.id not in needs),
            declined=tuple(d for d in self.problem.declined if d.need not in needs),
        )
        self.before = {need: pair for need, pair in self.before.items() if need not in needs}
        self.needs -= needs

    def mended(self) -> Mended:
        """The plan of today. Raises Refused where the verifier does not pass it."""
        pairs = list(self._still_there())
        self._open_their_towns()
        known = {person.id for person in self.problem.specialists}
        mending = Mending(
            tuple(sorted(pairs)), tuple(sorted(self.needs)), tuple(sorted(self.people & known))
        )
        start = time.perf_counter()
        try:
            plan = mended(self.problem, mending)
        except engine.ProblemError as error:
            raise Refused(CANNOT) from error
        seconds = time.perf_counter() - start
        if engine.verify(self.problem, plan):
            raise Refused(CANNOT)
        after = {a.need: (a.specialist, a.half_days) for a in plan.assignments}
        return Mended(self.problem, plan, mending, self.changes, self.before, after, seconds)

    def _open_their_towns(self) -> None:
        """Where a town counts its money, what fell free may serve its other needs."""
        counting = {town.id for town in self.problem.towns if town.budget_yen is not None}
        freed = self.towns | {n.town for n in self.problem.needs if n.id in self.needs}
        self.needs |= {n.id for n in self.problem.needs if n.town in freed & counting}

    def _still_there(self) -> Iterator[tuple[str, str, int]]:
        """The plan's pairs that hold today, with the half-days there is room for; of the others
        the place is given out anew, and the time of who was there."""
        lookup = Lookup(self.problem)
        ledger = Ledger(lookup)
        held = {pair.need: pair.specialist for pair in self.problem.accepted}
        for need, (person, half_days) in self.before.items():
            if need in held:
                if held[need] != person:
                    self._free(lookup, need, person)
                continue
            room = _room(lookup, ledger, need, person)
            if room:
                given = min(room, half_days)
                ledger.take(lookup.need_at[need], lookup.person_at[person], given)
                if given < half_days:
                    self._free(lookup, need, person)
                    why = f"いま割り当てられるのは月{given / 2:g}日です"
                    self.changes.append(Changed(Changed.Kind.LESS, need, person, why))
                yield need, person, given
                continue
            self.needs.add(need)
            self._free(lookup, need, person)
            self.changes.append(self._lost(lookup, need, person))

    def _free(self, lookup: Lookup, need: str, person: str) -> None:
        self.people.add(person)
        self.towns.add(lookup.needs[lookup.need_at[need]].town)

    def _lost(self, lookup: Lookup, need: str, person: str) -> Changed:
        declined = lookup.declined.get((need, person), "")
        if came_to_nothing(engine.Declined(need, person, declined)):
            return Changed(Changed.Kind.DECLINED, need, person, declined)
        return Changed(Changed.Kind.LOST, need, person, _why(lookup, need, person))


def _told(chain: Sequence[Run]) -> set[Key]:
    """The pairs of which a kept mending of the chain has told that they fell away."""
    going_on = (Changed.Kind.WAITS, Changed.Kind.LESS)
    rows = (change for run in chain if run.mended for change in run.mended["changes"])
    return {(row["need"], row["specialist"]) for row in rows if row["kind"] not in going_on}


def _asked(needs: Iterable[str]) -> dict[str, set[str]]:
    """By need, who is asked about it, has agreed or has signed."""
    engaged = (*Candidate.IN_BUNDLE, Candidate.Status.SIGNED)
    found: dict[str, set[str]] = {}
    for row in _candidates(needs).filter(status__in=engaged):
        found.setdefault(str(row.proposal.need_id), set()).add(str(row.specialist_id))
    return found


def _tried(needs: Iterable[str]) -> dict[Key, str]:
    """The pairs that were tried and did not come about, with how the last time ended."""
    return {
        (str(row.proposal.need_id), str(row.specialist_id)): row.get_status_display()
        for row in _candidates(needs).filter(status__in=FREE_AGAIN)
    }


def _candidates(needs: Iterable[str]) -> QuerySet[Candidate]:
    rows: QuerySet[Candidate] = Candidate.objects.filter(proposal__need__in=map(int, needs))
    return rows.select_related("proposal").order_by("pk")


def _where_it_went(need: Need, asks_others: bool) -> str:
    if asks_others:
        return TO_OTHERS
    if need.status != Need.Status.ACCEPTED:
        return NO_MORE.format(status=need.get_status_display())
    return IS_OVER


def _next_in_line(needs: Iterable[Need]) -> Iterator[tuple[str, Pair]]:
    """Of the needs with an open proposal, who is next: by the town's ranking, or as offered."""
    keys = [need.pk for need in needs]
    for row in Candidate.objects.filter(proposal__need__in=keys).next_in_line():
        yield str(row.proposal.need_id), (str(row.specialist_id), row.half_days)


def _room(lookup: Lookup, ledger: Ledger, need: str, person: str) -> int:
    """The most half-days a month that the pair may have beside what is taken; 0 for none."""
    if need not in lookup.need_at or person not in lookup.person_at:
        return 0
    pair = eligible_pair(lookup, lookup.need_at[need], lookup.person_at[person])
    return 0 if pair is None else ledger.room(pair)


def _why(lookup: Lookup, need: str, person: str) -> str:
    if person not in lookup.person_at:
        return GONE
    i, j = lookup.need_at[need], lookup.person_at[person]
    failed = failed_rules(lookup, lookup.needs[i], lookup.people[j])
    return all_words(lookup, need, person, failed) or NO_ROOM
