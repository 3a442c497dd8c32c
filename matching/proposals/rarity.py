"""Would a town know who a blind candidate is, because nobody else in the pool is like that? (B-08)

What a town reads of a candidate is compared with the registered people who can do the work. Where
fewer than three share the combination, the coordinator is warned and may tell less of it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from django.db.models import TextChoices

from talentpool.specialists.models import Specialist

LEAST_PEOPLE = 3
MOST_COMPARED = 2000  # people looked at; with fewer than all of them the count is only lower

NOT_TOLD = "伏せています"


class Less(TextChoices):
    """What can be told less of, in the order in which a town misses it least."""

    SKILLS = "skills", "求めるスキルのほかは見せない"
    PLACE = "place", "働き方（来庁・遠隔）を見せない"
    YEARS = "years", "経験年数を大まかにする"
    LEVELS = "levels", "レベルを2段階の幅にする"
    KIND = "kind", "区分を見せない"


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a person may tell who it is. `skills` is code, name and level of each."""

    kind: str
    skills: tuple[tuple[str, str, int], ...]
    years: int
    municipal_years: int
    place: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The same as a town reads it."""

    kind: str
    skills: tuple[str, ...]
    experience: str
    place: str


def traits_of(person: Specialist) -> Traits:
    """The traits of a person whose skills are prefetched."""
    return Traits(
        kind=person.get_kind_display(),
        skills=tuple(
            (row.skill_id, row.skill.name, row.level)
            for row in sorted(person.skills.all(), key=lambda row: row.skill_id)
        ),
        years=person.years,
        municipal_years=person.municipal_years,
        place=person.get_remote_display(),
    )


def shown(traits: Traits, less: Collection[str], wanted: Collection[str]) -> Shown:
    """What a town reads when `less` is told less of; `wanted` are the need's skills."""
    skills = [one for one in traits.skills if Less.SKILLS not in less or one[0] in wanted] or list(
        traits.skills
    )
    level = _wide_level if Less.LEVELS in less else _level
    return Shown(
        kind=NOT_TOLD if Less.KIND in less else traits.kind,
        skills=tuple(f"{name} {level(number)}" for _, name, number in skills),
        experience=_experience(traits, wide=Less.YEARS in less),
        place=NOT_TOLD if Less.PLACE in less else traits.place,
    )


def _level(number: int) -> str:
    return f"L{number}"


def _wide_level(number: int) -> str:
    return "L3〜4" if number > 2 else "L1〜2"


def _experience(traits: Traits, *, wide: bool) -> str:
    band = wide_years_band if wide else years_band
    if not traits.municipal_years:
        return band(traits.years)
    within = "あり" if wide else band(traits.municipal_years)
    return f"{band(traits.years)}(うち自治体 {within})"


def years_band(years: int) -> str:
    """Years as a band."""
    for limit, words in ((3, "3年未満"), (5, "3〜5年"), (10, "5〜10年"), (20, "10〜20年")):
        if years < limit:
            return words
    return "20年以上"


def wide_years_band(years: int) -> str:
    """Years as one of two bands."""
    return "10年未満" if years < 10 else "10年以上"


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many people of the pool look like the candidate (the candidate among them), what to tell
    less of, and how many there are then. Nothing helps where `then` is below three too."""

    people: int
    less: tuple[str, ...] = ()
    then: int = 0

    @property
    def is_rare(self) -> bool:
        return self.people < LEAST_PEOPLE

    @property
    def words(self) -> str:
        """What to tell less of, for people."""
        return "、".join(Less(one).label for one in self.less)

    @property
    def is_helped(self) -> bool:
        return self.then >= LEAST_PEOPLE


class Crowd:
    """The people whom the candidates for some skills are compared with, counted once for each way
    of telling less: a pool of thousands is asked about many candidates."""

    def __init__(self, wanted: Collection[str], people: Mapping[int, Traits]) -> None:
        self.wanted = frozenset(wanted)
        self.people = people
        self._alike: dict[frozenset[str], Counter[Shown]] = {}

    def alike(self, number: int, traits: Traits, less: Collection[str]) -> int:
        """How many read the same as this person when `less` is told less of, the person among
        them."""
        key = frozenset(less)
        if key not in self._alike:
            self._alike[key] = Counter(
                shown(other, key, self.wanted) for other in self.people.values()
            )
        others = self._alike[key][shown(traits, key, self.wanted)]
        return others + (number not in self.people)

    def rarity(self, number: int, traits: Traits) -> Rarity:
        """How many read the same, and the fewest things to tell less of until there are three; all
        of them where that is not enough."""
        people = self.alike(number, traits, ())
        if people >= LEAST_PEOPLE:
            return Rarity(people)
        for count in range(1, len(Less) + 1):
            for chosen in combinations(Less.values, count):
                then = self.alike(number, traits, chosen)
                if then >= LEAST_PEOPLE:
                    return Rarity(people, chosen, then)
        return Rarity(people, tuple(Less.values), self.alike(number, traits, Less.values))


class Pool:
    """The registered people by what they can do, each read once."""

    def __init__(self) -> None:
        self._crowds: dict[frozenset[str], Crowd] = {}
        self._traits: dict[int, Traits] = {}

    def crowd(self, wanted: Collection[str]) -> Crowd:
        """The people who have one of the wanted skills, MOST_COMPARED of them at most."""
        key = frozenset(wanted)
        if key not in self._crowds:
            able = Specialist.objects.registered().filter(skills__skill_id__in=key).distinct()
            numbers = list(able.order_by("pk").values_list("pk", flat=True)[:MOST_COMPARED])
            self.read(numbers)
            self._crowds[key] = Crowd(key, {number: self._traits[number] for number in numbers})
        return self._crowds[key]

    def read(self, numbers: Iterable[int]) -> None:
        """Read the traits of those not read yet."""
        lacking = [number for number in numbers if number not in self._traits]
        people = Specialist.objects.filter(pk__in=lacking).prefetch_related("skills__skill")
        self._traits |= {person.pk: traits_of(person) for person in people}

    def traits(self, number: int) -> Traits:
        """The traits of somebody who was read."""
        return self._traits[number]
