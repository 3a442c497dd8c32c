"""Several counts in one query."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talentpool.pages.counting import count_together
from talentpool.vocabulary.models import Level, Skill

pytestmark = pytest.mark.django_db


def test_counts_are_asked_together() -> None:
    Skill.objects.all().delete()
    Skill.objects.bulk_create(Skill(code=f"S{number}", name="見本") for number in range(3))
    asked = {
        "all": Skill.objects.order_by("name"),
        "one": Skill.objects.filter(code="S1"),
        "empty": Skill.objects.filter(code="S9"),
        "nobody": Skill.objects.none(),
        "levels": Level.objects.filter(pk__lt=0),
    }
    with CaptureQueriesContext(connection) as queries:
        found = count_together(asked)
    assert found == {"all": 3, "one": 1, "empty": 0, "nobody": 0, "levels": 0}
    assert len(queries) == 1


@pytest.mark.parametrize("name", ["all", "none"])
def test_one_queryset_alone_is_counted(name: str) -> None:
    expected = Skill.objects.count() if name == "all" else 0
    assert count_together({name: getattr(Skill.objects, name)()}) == {name: expected}


def test_nothing_is_asked_for_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert count_together({}) == {}
    assert len(queries) == 0
