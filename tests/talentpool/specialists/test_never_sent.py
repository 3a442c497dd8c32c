"""What was never sent in is nobody's but the person's, also after it was given up."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from matching.pool.models import PoolEntry
from talentpool.specialists.duplicates import duplicates_of
from talentpool.specialists.models import Certificate, Specialist
from talentpool.specialists.services import vetting
from tests.factories import make_code_lists, make_coordinator, make_specialist, make_town
from tests.talentpool.specialists.registering import client_of, make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    make_code_lists()
    make_town()


def test_a_draft_that_is_given_up_stays_out_of_every_page_of_the_prefecture() -> None:
    draft = make_draft(name="見本 花子", kana="ミホン　ハナコ")
    Certificate.objects.create(specialist=draft, other_name="見本の資格")
    applied = make_specialist(name="見本 花子", kana="ミホン　ハナコ", status="applied")
    coordinator = make_coordinator()
    client = client_of(coordinator)
    for _ in range(2):  # given up, and begun again
        vetting.withdraw(draft, by=draft.user)
        assert list(Specialist.objects.visible_to(coordinator)) == [applied]
        assert not Certificate.objects.visible_to(coordinator).exists()
        found = PoolEntry.objects.visible_to(coordinator)
        assert list(found.values_list("specialist", flat=True)) == [applied.pk]
        assert duplicates_of(applied) == []
        for name in ("review", "change", "history"):
            page = reverse(f"admin:specialists_specialist_{name}", args=[draft.pk])
            assert draft.pool_number not in client.get(page, follow=True).content.decode()
        vetting.reapply(draft, by=draft.user)
        assert list(Specialist.objects.visible_to(coordinator)) == [applied]
    assert Specialist.objects.visible_to(draft.user).get() == draft


def test_who_is_in_the_pool_was_sent_in() -> None:
    person = make_specialist()
    with pytest.raises(IntegrityError, match="never_sent_in"), transaction.atomic():
        Specialist.objects.filter(pk=person.pk).update(submitted_at=None)
