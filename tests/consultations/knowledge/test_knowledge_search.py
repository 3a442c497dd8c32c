"""Search finds exactly what LIKE over the folded text finds (D-05)."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consultations.knowledge.models import Article
from talentpool.conventions.folding import search_key
from tests.consultations.objects import make_article

pytestmark = pytest.mark.django_db

TEXTS = [
    ("校務用端末の更改", "サーバーの見積が高い。", "内訳をそろえて比べる。"),
    ("LGWAN接続の見直し", "ｻｰﾊﾞｰを減らしたい。", "100%の冗長化は要らない。"),
    ("さーばーの統合", "Ｌｇｗａｎの費用。", "under_scoreとback\\slashの話。"),
    ("髙橋方式の検討", "量子暗号は要るか。", "要らない。"),
]


@pytest.fixture
def articles() -> list[Article]:
    return [
        make_article("published", title=title, question=question, answer=answer)
        for title, question, answer in TEXTS
    ]


def like(text: str) -> set[int]:
    """The same by hand: every word as LIKE over the three folded parts, each by itself."""
    found = None
    for word in text.split():
        pattern = search_key(word).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, title, question, answer FROM knowledge_article")
            rows = cursor.fetchall()
            hits = set()
            for pk, *parts in rows:
                for part in parts:
                    cursor.execute("SELECT %s LIKE %s", [search_key(part), f"%{pattern}%"])
                    if cursor.fetchone()[0]:
                        hits.add(pk)
        found = hits if found is None else found & hits
    return set(Article.objects.values_list("pk", flat=True)) if found is None else found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("校務", [0]),
        ("更改", [0]),
        ("サーバー", [0, 1, 2]),
        ("さーばー", [0, 1, 2]),
        ("ｻｰﾊﾞｰ 見積", [0]),
        ("lgwan", [1, 2]),
        ("ＬＧＷＡＮ　接続", [1]),
        ("高橋", [3]),
        ("量子", [3]),
        ("存在", []),
        ("%", [1]),
        ("_", [2]),
        ("\\", [2]),
        ("更改サーバー", []),
        ("", [0, 1, 2, 3]),
        ("　 ", [0, 1, 2, 3]),
    ],
)
def test_words(articles: list[Article], text: str, expected: list[int]) -> None:
    found = set(Article.objects.search(text).values_list("pk", flat=True))
    assert found == {articles[n].pk for n in expected}
    assert found == like(text)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(alphabet="".join("".join(parts) for parts in TEXTS) + " 　%_\\", max_size=6))
def test_every_text_is_found_as_by_like(articles: list[Article], text: str) -> None:
    assert set(Article.objects.search(text).values_list("pk", flat=True)) == like(text)


def test_words_past_the_eighth_are_not_read(articles: list[Article]) -> None:
    eight = " ".join(["更改"] * 8)
    assert Article.objects.search(f"{eight} 存在").count() == 1


def test_short_words_are_asked_of_the_text_before_their_pairs(articles: list[Article]) -> None:
    """On the way along another index the pairs of each row would be worked out: twenty times as
    dear for 佐藤 among 100,000 people (tests/bench/pool.py)."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = Article.objects.search("校務").explain()
        cursor.execute("SET LOCAL enable_bitmapscan = on")
    assert "~~" in plan
    assert plan.index("~~") < plan.index("search_grams(")


def test_words_are_found_by_the_index(articles: list[Article]) -> None:
    with connection.cursor() as cursor:
        # Whatever the table's statistics say after other tests: the words, not the order's key.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        plan = Article.objects.search("校務").explain()
        cursor.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on")
    assert "article_grams" in plan
