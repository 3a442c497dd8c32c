"""Pairs that the portal keeps apart in a run, each with its reason: no rule of the engine does.

Every one of these would be refused or useless whatever the plan is: the limits are looked at for
the fewest half-days that the need takes.
"""

from collections.abc import Collection, Mapping, Sequence

from django.utils import timezone

from matching.engagements.visiting import Visits, full_weekdays
from municipalities.registry.places import metres
from municipalities.vacancies.models import Need
from talentpool.conventions.months import first_of_month, month_range
from talentpool.specialists.models import Specialist

Pairs = dict[tuple[int, int], str]  # by need and person
Served = Mapping[int, Sequence[tuple[str, int, int]]]  # by person: town, months from and to

FULL = "受け持てる市町は"  # begins the reason of a pair whose person has towns enough
REMOTE_ONLY = "来庁のみの方で、遠隔のみの案件です"
NO_WEEKDAY = "両方に合う曜日が、契約済みの訪問で埋まっています"
NO_PLACE = "拠点か市町の位置がわからず、来庁できる距離かどうかを確かめられません"


Asked = Sequence[tuple[Need, frozenset[str]]]  # needs with the codes of their skills


def _asked(needs: Sequence[Need]) -> Asked:
    return [(need, frozenset(row.skill_id for row in need.skills.all())) for need in needs]


def _could_do(person: Specialist, asked: Asked) -> list[Need]:
    """The needs that ask for a skill of the person, at whatever level. A pair without one has no
    skill to be let go to (R1), and would only lengthen the frozen input."""
    brought = {row.skill_id for row in person.skills.all()}
    return [need for need, codes in asked if codes & brought]


def kept_apart(needs: Sequence[Need], people: Sequence[Specialist]) -> Pairs:
    """The pairs whose way of working does not fit, and those of whose way one end is not known.

    Where neither end is known, as in a prefecture that has not entered where its towns lie, the
    distance is not looked at: otherwise nobody could be asked to come anywhere.
    """
    found: Pairs = {}
    asked = _asked(needs)
    placeless = {need.pk for need in needs if metres(need.municipality) is None}
    for person in people:
        profile = getattr(person, "work_profile", None)
        on_site = profile.most_on_site if profile else None
        remote = profile.most_remote if profile else None
        nowhere = metres(person.base) is None
        only_here = person.remote == Specialist.Remote.NO
        if on_site is None and remote is None and not (nowhere or only_here or placeless):
            continue
        for need in _could_do(person, asked):
            why = _way_of_working(need, only_here, on_site, remote)
            if not why and need.on_site_half_days and nowhere != (need.pk in placeless):
                why = NO_PLACE
            if why:
                found[need.pk, person.pk] = why
    return found


def _way_of_working(need: Need, only_here: bool, on_site: int | None, remote: int | None) -> str:
    """Why the person cannot work in the way the need asks for, or nothing. `on_site` and `remote`
    are the person's most half-days a month of each."""
    if only_here and need.place == Need.Place.REMOTE:
        return REMOTE_ONLY
    visits = need.on_site_half_days * need.least_half_days // need.half_days
    if on_site is not None and visits > on_site:
        return f"来庁は月{on_site / 2:g}日までの方で、月{visits / 2:g}日の来庁が要ります"
    away = need.least_half_days - visits
    if need.place == Need.Place.ON_SITE:
        away = 0
    if remote is not None and not only_here and away > remote:
        return f"遠隔は月{remote / 2:g}日までの方で、月{away / 2:g}日の遠隔が要ります"
    return ""


def towns_in(served: Served, person: int, need: Need) -> frozenset[str]:
    """Codes of the towns that the person serves in any month that is left of the need's window."""
    first, last = _months(need)
    return frozenset(
        town for town, start, end in served.get(person, ()) if start <= last and end >= first
    )


def _months(need: Need) -> tuple[int, int]:
    """From this month on where the need has begun, as year × 12 + month."""
    first = need.begins(first_of_month(timezone.localdate()))
    return (
        first.year * 12 + first.month,
        need.last_month.year * 12 + need.last_month.month,
    )


def towns_throughout(served: Served, person: int, needs: Sequence[Need]) -> frozenset[str]:
    """Codes of the towns that the person serves in the windows of all these needs."""
    if person not in served:
        return frozenset()
    return frozenset.intersection(*(towns_in(served, person, need) for need in needs))


def full_in_window(needs: Sequence[Need], people: Sequence[Specialist], served: Served) -> Pairs:
    """The pairs whose person has as many towns as wanted in the need's own window already, but for
    those of which the engine's own rule says so (R15): who serves as many in all windows."""
    found: Pairs = {}
    asked = _asked(needs)
    for person in people:
        if person.pk not in served:
            continue
        throughout = towns_throughout(served, person.pk, needs)
        for need in _could_do(person, asked):
            towns = towns_in(served, person.pk, need)
            if need.municipality_id in towns or len(towns) < person.max_towns:
                continue
            if len(throughout) < person.max_towns:
                found[need.pk, person.pk] = (
                    f"{FULL}{person.max_towns}までで、この案件の期間にすでに{len(towns)}あります"
                )
    return found


def no_weekday_left(
    needs: Sequence[Need], people: Sequence[Specialist], visits: Mapping[int, Collection[Visits]]
) -> Pairs:
    """The pairs whose weekdays are all filled by signed visits in a month of the need: those that
    asks for visits. The engine takes the weekdays that are full in any month of the run from the
    person, but knows no person without a weekday."""
    now = first_of_month(timezone.localdate())
    found: Pairs = {}
    for person in people:
        mine = visits.get(person.pk)
        for need in needs if mine else ():
            common = need.weekdays & person.weekdays
            months = month_range(need.begins(now), need.last_month)
            left = common & ~full_weekdays(mine or (), months)
            if need.on_site_half_days and common and not left:
                found[need.pk, person.pk] = NO_WEEKDAY
    return found
