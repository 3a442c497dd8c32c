"""A beginning that is put back is the one that the verbs made."""

import pytest
from django.db import transaction

from talentpool.audit.services import verify_chain
from tests import factories as make
from tests.matching.world import World, make_world, snapshot

pytestmark = pytest.mark.django_db


def test_what_is_put_back_is_what_the_verbs_wrote() -> None:
    with transaction.atomic():
        world = make_world("agreed")
        first = snapshot()
        transaction.set_rollback(True)
    again = make_world("agreed")
    assert snapshot() == first
    assert again.coordinator == world.coordinator
    again.sign()  # the verbs go on, and so do the numbers of rows
    assert verify_chain()[1] is None


def test_a_test_that_has_begun_makes_its_own() -> None:
    with transaction.atomic():
        make_world("solved")
        transaction.set_rollback(True)
    make.make_coordinator()
    first: World = make_world("solved")
    second: World = make_world("solved")
    assert first.coordinator != second.coordinator
