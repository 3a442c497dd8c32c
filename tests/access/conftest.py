"""The world of the access tests: built once a module, in a transaction that is taken back."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.access.world import World, build


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Everything in the middle of its way. Each test leaves it as it found it."""
    with django_db_blocker.unblock():
        block = transaction.atomic()
        block.__enter__()
        try:
            yield build()
        finally:
            transaction.set_rollback(True)
            block.__exit__(None, None, None)
