"""Hold pinned pairs in a frozen problem, as far as each is possible: the others, and why not."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matching.engine import Accepted, Problem
from matching.engine.ledger import Ledger
from matching.engine.lookup import Lookup
from matching.engine.pairs import eligible_pair
from matching.engine.rules import failed_rules
from matching.proposals.freeze import freeze
from matching.proposals.pins import Pin
from matching.proposals.words import all_words
from municipalities.vacancies.models import Need
from talentpool.specialists.models import Specialist

NOT_REGISTERED = "本人がいまは登録中ではありません（{status}）"
NOT_CONSENTED = "本人の同意が、いまの文面では有効ではありません"
NO_TIME = "本人に、案件の期間の空きがありません"
ANEW = "固定したあとに案件が市町に戻り、受け付け直されました"
NOT_OF_THE_RUN = "案件が計算の対象から外れました"
NO_ROOM = (
    "ほかの固定や提示中の候補と合わせると、"
    "稼働枠、受け持てる市町の数、曜日、市町の予算のどれかが足りません"
)
LESS_ROOM = "固定は月{pinned:g}日ですが、いまあてられるのは月{room:g}日です"
MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Impossible:
    """A pin that cannot be held as things stand, and why, in a sentence."""

    pin: Pin
    why: str


def hold(problem: Problem, pins: Iterable[Pin]) -> tuple[Problem, list[Impossible]]:
    """`problem` with the pins held that all rules allow beside what is accepted in it, the oldest
    first, and the others. What is held takes its days from the capacity of this problem: nothing
    of it is signed or held in the portal, or its need would not be in a run."""
    lookup = Lookup(problem)
    ledger = Ledger(lookup)
    held, impossible = list(problem.accepted), []
    for pin in sorted(pins, key=lambda row: (row.pk is None, row.pk)):
        why = _why_not(lookup, ledger, pin)
        if why:
            impossible.append(Impossible(pin, why[:MOST_WORDS]))
            continue
        need, person = str(pin.need_id), str(pin.specialist_id)
        ledger.take(lookup.need_at[need], lookup.person_at[person], pin.half_days)
        held.append(Accepted(need=need, specialist=person, half_days=pin.half_days))
    held.sort(key=lambda pair: (pair.need, pair.specialist))
    return dataclasses.replace(problem, accepted=tuple(held)), impossible


def _why_not(lookup: Lookup, ledger: Ledger, pin: Pin) -> str:
    need, person = str(pin.need_id), str(pin.specialist_id)
    if need not in lookup.need_at:
        return NOT_OF_THE_RUN
    if is_older(pin):
        return ANEW
    if person not in lookup.person_at:
        return _not_in_pool(pin.specialist)
    i, j = lookup.need_at[need], lookup.person_at[person]
    pair = eligible_pair(lookup, i, j)
    if pair is None:
        failed = failed_rules(lookup, lookup.needs[i], lookup.people[j])
        return all_words(lookup, need, person, failed)
    room = ledger.room(pair)
    if not room:
        return NO_ROOM
    if room < pin.half_days:
        return LESS_ROOM.format(pinned=pin.half_days / 2, room=room / 2)
    return ""


def is_older(pin: Pin) -> bool:
    """Whether the need went back to its town and was accepted again since it was pinned: what was
    pinned is what the need was before."""
    accepted_at = pin.need.accepted_at
    return pin.pk is not None and accepted_at is not None and pin.pinned_at < accepted_at


def _not_in_pool(person: Specialist) -> str:
    if person.status != Specialist.Status.REGISTERED:
        return NOT_REGISTERED.format(status=person.get_status_display())
    if not Specialist.objects.registered().filter(pk=person.pk).exists():
        return NOT_CONSENTED
    return NO_TIME


def pins_of(needs: Sequence[Need]) -> list[Pin]:
    """The pins of these needs that a run is to hold, with their people."""
    rows = Pin.objects.to_hold().filter(need__in=needs)
    return list(rows.select_related("need", "specialist"))


def impossible_now(needs: Sequence[Need]) -> list[Impossible]:
    """The pins of these needs that a run over them could not hold now."""
    pins = pins_of(needs)
    if not pins:
        return []
    return hold(freeze(needs, {pin.specialist_id for pin in pins}), pins)[1]
