"""通称・旧姓: the name that somebody works under is found, covered before the name is open, and
shown beside the registered one after it."""

import pytest
from django.urls import reverse

from matching.pool.models import PoolEntry
from matching.proposals.blind import blind_view
from matching.proposals.models import Candidate
from talentpool.specialists.blindness import blind_text
from talentpool.specialists.models import Specialist
from tests.matching.visitor import Visitor
from tests.matching.world import make_world

pytestmark = pytest.mark.django_db


def test_the_search_finds_a_person_by_both_names() -> None:
    world = make_world("solved")
    Specialist.objects.filter(pk=world.people[0].pk).update(known_as="旧姓 花子")
    person = Specialist.objects.get(pk=world.people[0].pk)
    entry = PoolEntry.objects.get(specialist=person)
    assert "花子" in entry.search_text
    staff = Visitor(world.coordinator)
    page = staff.get(reverse("admin:pool_poolentry_changelist"))
    found = staff.send(page, page.form_with("q"), q="花子")
    found.must_say(person.pool_number)


def test_no_address_of_the_admin_takes_a_name() -> None:
    """What is typed there stands in the address: the list and its autocomplete know numbers only,
    and lead to the search that seals the words."""
    world = make_world("solved")
    person = world.people[0]
    staff = Visitor(world.coordinator)
    listed = staff.get(reverse("admin:specialists_specialist_changelist") + f"?q={person.name}")
    listed.must_not_say(person.pool_number)
    listed.must_say("人材を探す")
    by_number = f"?q={person.pool_number}"
    staff.get(listed.url.partition("?")[0] + by_number).must_say(person.pool_number)


def test_a_town_reads_it_with_the_name_and_not_before() -> None:
    world = make_world("disclosed")
    person = world.people[0]
    Specialist.objects.filter(pk=person.pk).update(known_as="旧姓 花子", strengths="花子の得意")
    person.refresh_from_db()
    assert "花子" not in blind_text(person, person.strengths)
    candidate = Candidate.objects.select_related("specialist").get(pk=world.candidate().pk)
    assert blind_view(candidate).name == f"{person.name}（通称・旧姓 旧姓 花子）"
    Candidate.objects.filter(pk=candidate.pk).update(person_agreed_at=None)
    blind = blind_view(Candidate.objects.get(pk=candidate.pk))
    assert (blind.name, "花子" in blind.strengths) == ("", False)
