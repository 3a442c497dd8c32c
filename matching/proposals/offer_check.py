"""Before blind candidates go to a town: whom would it recognise? (B-08)"""

from collections.abc import Iterable
from dataclasses import dataclass

from matching.proposals.models import Run
from matching.proposals.rarity import Rarity, Shown, able_people, rarity, shown, traits_of
from matching.proposals.services.offers import people_to_offer
from municipalities.vacancies.models import Need
from talentpool.specialists.models import Specialist


@dataclass(frozen=True, slots=True)
class RareOffer:
    """A candidate for a need who is like fewer than three people of the pool."""

    need: Need
    person: Specialist
    shown: Shown
    rarity: Rarity

    @property
    def key(self) -> str:
        return f"{self.need.pk}-{self.person.pk}"

    @property
    def field(self) -> str:
        """The name of the field that takes what is told less of."""
        return f"less-{self.key}"


def rare_offers(run: Run, needs: Iterable[Need]) -> list[RareOffer]:
    """The candidates whom the towns of these needs might recognise, in the order of the needs."""
    needs = list(needs)
    offered = people_to_offer(run, needs)
    people = {
        person.pk: person
        for person in Specialist.objects.filter(
            pk__in={one for ones in offered.values() for one in ones}
        ).prefetch_related("skills__skill")
    }
    rare = []
    for need in needs:
        wanted = {row.skill_id for row in need.skills.all()}
        pool = able_people(wanted)
        for number in offered.get(need.pk, []):
            traits = traits_of(people[number])
            others = [other for key, other in pool.items() if key != number]
            found = rarity(traits, others, wanted)
            if found.is_rare:
                rare.append(RareOffer(need, people[number], shown(traits, (), wanted), found))
    return rare
