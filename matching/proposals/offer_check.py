"""Before blind candidates go to a town: whom would it recognise? (B-08)"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from matching.proposals.models import Run
from matching.proposals.rarity import Crowd, Pool, Rarity, Shown, Traits, shown
from matching.proposals.services.offers import people_to_offer
from municipalities.vacancies.models import Need
from talentpool.specialists.models import Specialist


@dataclass(frozen=True)
class RareOffer:
    """A candidate for a need who is like fewer than three people of the pool. How many there are is
    counted when it is asked for: who has answered already is not counted again."""

    need: Need
    person: Specialist
    traits: Traits
    crowd: Callable[[], Crowd]

    @property
    def key(self) -> str:
        return key_of(self.need.pk, self.person.pk)

    @property
    def field(self) -> str:
        """The name of the field that takes what is told less of."""
        return f"less-{self.key}"

    @cached_property
    def rarity(self) -> Rarity:
        return self.crowd().rarity(self.person.pk, self.traits)

    @property
    def shown(self) -> Shown:
        return shown(self.traits, (), self.crowd().wanted)


@dataclass(frozen=True, slots=True)
class OfferCheck:
    """The candidates whom the towns might recognise, in the order of the needs, and the keys of all
    that were looked at."""

    rare: list[RareOffer]
    looked: list[str]


def key_of(need: int, person: int) -> str:
    """A pair in the forms of the page."""
    return f"{need}-{person}"


def check_offer(
    run: Run, needs: Iterable[Need], looked: Collection[str] = (), rare: Collection[str] = ()
) -> OfferCheck:
    """Look at the candidates of these needs whom nobody has looked at. Of those `looked` at before,
    by key, the `rare` ones are found again without comparing them with the pool once more."""
    needs = list(needs)
    offered = people_to_offer(run, needs)
    people = Specialist.objects.in_bulk({one for ones in offered.values() for one in ones})
    pool = Pool()
    pool.read(people)
    found, keys = [], []
    for need in needs:
        wanted = frozenset(row.skill_id for row in need.skills.all())
        for number in offered.get(need.pk, []):
            key = key_of(need.pk, number)
            keys.append(key)
            row = RareOffer(need, people[number], pool.traits(number), _crowd(pool, wanted))
            if key in rare or (key not in looked and row.rarity.is_rare):
                found.append(row)
    return OfferCheck(found, keys)


def _crowd(pool: Pool, wanted: frozenset[str]) -> Callable[[], Crowd]:
    return lambda: pool.crowd(wanted)
