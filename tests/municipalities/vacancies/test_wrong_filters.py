"""A condition that cannot be read, or too many words: nothing is listed as if it had been used."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.knowledge.forms import ArticleFilter
from consultations.knowledge.models import Article
from matching.pool.forms import SearchForm
from tests.consultations.objects import make_article
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_vacancy

pytestmark = pytest.mark.django_db

NINE = "一 二 三 四 五 六 七 八 九"
TOO_MANY = "ことばは8つまでです。1つ減らしてください。"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"days": "abc"}, "月の日数"),
        ({"q": "網" * 61}, "61"),
        ({"q": NINE}, TOO_MANY),
        ({"municipality": "999999"}, "市町"),
        ({"by": "never", "q": "助言"}, "締切"),
    ],
)
def test_with_a_wrong_condition_nothing_is_listed(condition: dict[str, str], words: str) -> None:
    vacancy = make_vacancy("published")
    answer = Client().get("/vacancies/", condition)
    page = answer.content.decode()
    assert answer.status_code == 200
    summary = page[page.index("error-summary") : page.index("</ul>", page.index("error-summary"))]
    assert words in summary
    assert "まだ探していません" in page
    assert vacancy.vacancy_no not in page
    assert "条件に合い" not in page


def test_eight_words_are_searched_for() -> None:
    vacancy = make_vacancy("published", issues=NINE[:-2])
    make_vacancy("published", issues=NINE[:-4])
    page = Client().get("/vacancies/", {"q": NINE[:-2]}).content.decode()
    assert vacancy.vacancy_no in page
    assert "<strong>1件</strong>の募集が条件に合いました" in page


def test_every_search_refuses_words_that_it_would_not_read() -> None:
    for form in (
        ArticleFilter({"q": NINE}, Article.objects.all()).form,
        SearchForm({"q": NINE}, user=make_coordinator()),
    ):
        assert form.errors["q"] == [TOO_MANY]


def test_knowledge_lists_nothing_for_a_wrong_condition(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    article = make_article("published")
    client = Client()
    client.force_login(make_editor())
    page = client.get(reverse("town:articles"), {"q": NINE}).content.decode()
    assert TOO_MANY in page
    assert "まだ探していません" in page
    assert article.title not in page
    assert "件見つかりました" not in page
