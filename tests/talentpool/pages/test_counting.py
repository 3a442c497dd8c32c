"""Several counts in one query."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talentpool.pages import counting
from talentpool.pages.counting import capped, count_together
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


def test_a_long_list_is_counted_up_to_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    Skill.objects.all().delete()
    Skill.objects.bulk_create(Skill(code=f"S{number}", name="見本") for number in range(5))
    monkeypatch.setattr(counting, "CAP", 3)
    found = count_together({"many": Skill.objects.all(), "few": Skill.objects.filter(code="S1")})
    assert found == {"many": 4, "few": 1}
    assert [capped(number, "件") for number in (3, 4)] == ["3件", "3件以上"]
