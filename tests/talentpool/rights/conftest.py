"""One person with everything, built once a module in a transaction that is taken back."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from tests import factories
from tests.talentpool.rights import objects


@dataclass(frozen=True)
class Everything:
    person: int
    coordinator: User


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Everything]:
    with django_db_blocker.unblock():
        block = transaction.atomic()
        block.__enter__()
        try:
            coordinator = factories.make_coordinator()
            yield Everything(objects.make_person_in_every_table(coordinator).pk, coordinator)
        finally:
            transaction.set_rollback(True)
            block.__exit__(None, None, None)


@pytest.fixture
def coordinator(everything: Everything, db: None) -> User:
    return User.objects.get(pk=everything.coordinator.pk)


@pytest.fixture
def person(everything: Everything, db: None) -> Specialist:
    return Specialist.objects.get(pk=everything.person)
