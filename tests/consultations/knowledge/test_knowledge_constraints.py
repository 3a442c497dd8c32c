"""Rules of sharing that hold in the database itself, tried past the ORM (A-24)."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from consultations.knowledge.models import Article
from tests.consultations.objects import make_article

pytestmark = pytest.mark.django_db

BROKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("proposed", "article_is_not_empty", {"title": ""}),
    ("proposed", "article_is_not_empty", {"question": ""}),
    ("proposed", "article_is_not_empty", {"answer": ""}),
    ("proposed", "published_article_was_approved_by_town", {"status": "published"}),
    ("published", "published_article_was_approved_by_town", {"decided_by_id": None}),
    ("published", "published_article_was_approved_by_town", {"decided_at": None}),
    ("proposed", "published_article_was_approved_by_town", {"decided_at": "2026-11-24"}),
    ("withdrawn", "withdrawn_article_has_time", {"withdrawn_at": None}),
    ("withdrawn", "withdrawn_article_has_time", {"withdrawn_by_id": None}),
    ("published", "withdrawn_article_has_time", {"withdrawn_at": "2026-11-24"}),
    ("refused", "refused_or_withdrawn_article_has_reason", {"reason": ""}),
    ("withdrawn", "refused_or_withdrawn_article_has_reason", {"reason": ""}),
    ("published", "refused_or_withdrawn_article_has_reason", {"reason": "other"}),
]


@pytest.mark.parametrize(("state", "constraint", "values"), BROKEN)
def test_the_database_refuses(state: str, constraint: str, values: dict[str, Any]) -> None:
    article = make_article(state)
    columns = ", ".join(f'"{name}" = %s' for name in values)
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f'UPDATE "knowledge_article" SET {columns} WHERE id = %s',
            [*values.values(), article.pk],
        )


def test_a_consultation_has_one_live_article() -> None:
    article = make_article("published")
    article.pk = None
    with pytest.raises(IntegrityError, match="one_live_article_per_consultation"):
        article.save(force_insert=True)


def test_every_constraint_of_the_model_is_tried() -> None:
    tried = {name for _, name, _ in BROKEN} | {"one_live_article_per_consultation"}
    assert {constraint.name for constraint in Article._meta.constraints} == tried
