"""From an answer to an article that all towns read: the pages of both sides."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from consultations.desk.models import Consultation
from consultations.knowledge.home import coordinator_queue, town_panels, town_queue
from consultations.knowledge.models import Article
from municipalities.registry.queue import counted
from talentpool.users.models import User
from tests.consultations.objects import (
    make_article,
    make_auditor,
    make_consultation,
    make_coordinator,
    make_editor,
    make_topic,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def propose_url(made: Consultation) -> str:
    return reverse("admin:knowledge_article_propose", args=[made.pk])


def page_of(article: Article) -> str:
    return reverse("admin:knowledge_article_change", args=[article.pk])


def texts(**changes: Any) -> dict[str, Any]:
    return {"title": "見積の見方", "question": "妥当か。", "answer": "比べる。", **changes}


def test_from_the_answer_to_all_towns(client_of: ClientOf) -> None:
    town, coordinator = make_editor(), make_coordinator()
    made = make_consultation("answered", by=town, title="江田島市の見積", coordinator=coordinator)
    staff, asker, reader = client_of(coordinator), client_of(town), client_of(make_editor("343021"))

    page = staff.get(reverse("admin:desk_consultation_change", args=[made.pk])).content.decode()
    assert propose_url(made) in page
    form = staff.get(propose_url(made)).context["form"]
    assert form["title"].value() == "ある市の見積"
    assert "keep" not in form.fields
    done = staff.post(propose_url(made), texts(title="共有する見積の見方"), follow=True)
    article = Article.objects.get()
    assert done.redirect_chain == [(page_of(article), 302)]

    review = reverse("town:article_review", args=[article.pk])
    assert review in asker.get(reverse("town:home")).content.decode()
    shown = asker.get(review).content.decode()
    for part in (made.question, "内訳の様式をそろえて", "共有する見積の見方", "比べる。"):
        assert part in shown
    asker.post(reverse("town:article_approve", args=[article.pk]))
    article.refresh_from_db()
    assert (article.status, article.decided_by) == ("published", town)

    found = reader.get(reverse("town:articles"), {"q": "見積 見方"})
    assert list(found.context["page"]) == [article]
    assert "1件見つかりました" in found.content.decode()
    text = reader.get(reverse("town:article", args=[article.pk])).content.decode()
    assert "比べる。" in text
    own = asker.get(reverse("town:consultation", args=[made.pk])).content.decode()
    assert "公開中" in own


class TestPropose:
    def test_the_asker_s_name_has_to_go(self, client_of: ClientOf) -> None:
        made = make_consultation("answered")
        client = client_of(make_coordinator())
        page = client.post(propose_url(made), texts(answer="江田島市では比べる。"))
        assert page.status_code == 200
        assert (
            "相談した市町の名前「江田島市」を文章から取り除いてください。" in page.content.decode()
        )
        assert "江田島市では比べる。" in page.content.decode()
        assert not Article.objects.exists()

    def test_each_doubtful_passage_is_ticked_or_taken_out(self, client_of: ClientOf) -> None:
        made = make_consultation("answered")
        client = client_of(make_coordinator())
        doubtful = texts(answer="山田さんに082-228-2111へ")
        page = client.post(propose_url(made), doubtful)
        assert page.status_code == 200
        keys = [value for value, _ in page.context["form"].fields["keep"].choices]
        assert len(keys) == 2
        assert not Article.objects.exists()
        one = client.post(propose_url(made), {**doubtful, "keep": keys[:1]})
        assert list(one.context["form"].errors) == ["keep"]
        assert not Article.objects.exists()
        added = texts(answer="山田さんに082-228-2111へ。佐藤さんにも")
        new = client.post(propose_url(made), {**added, "keep": keys})
        assert list(new.context["form"].errors) == ["keep"]
        assert not Article.objects.exists()
        client.post(propose_url(made), {**doubtful, "keep": keys})
        assert Article.objects.get().answer == doubtful["answer"]

    @pytest.mark.parametrize("part", ["title", "question", "answer"])
    def test_nothing_is_left_empty(self, client_of: ClientOf, part: str) -> None:
        made = make_consultation("answered")
        page = client_of(make_coordinator()).post(propose_url(made), texts(**{part: ""}))
        assert list(page.context["form"].errors) == [part]

    @pytest.mark.parametrize(
        ("state", "values", "words"),
        [
            ("asked", {}, "回答がまだない"),
            ("answered", {"secrecy": "prefecture_only"}, "県の相談窓口の中だけ"),
        ],
    )
    def test_what_may_not_be_shared_leads_back(
        self, client_of: ClientOf, state: str, values: dict[str, Any], words: str
    ) -> None:
        made = make_consultation(state, **values)
        client = client_of(make_coordinator())
        for method in (client.get, client.post):
            page = method(propose_url(made), texts(), follow=True)
            assert words in page.content.decode()
        assert not Article.objects.exists()

    def test_auditors_and_towns_do_not_propose(self, client_of: ClientOf) -> None:
        town = make_editor()
        made = make_consultation("answered", by=town)
        for user in (make_auditor(), town):
            client = client_of(user)
            assert client.get(propose_url(made)).status_code != 200
            client.post(propose_url(made), texts())
        assert not Article.objects.exists()
        page = client_of(make_auditor()).get(
            reverse("admin:desk_consultation_change", args=[made.pk])
        )
        assert propose_url(made) not in page.content.decode()


class TestDecide:
    def test_refusing_asks_why(self, client_of: ClientOf) -> None:
        town = make_editor()
        article = make_article(consultation=make_consultation("answered", by=town))
        client, url = client_of(town), reverse("town:article_refuse", args=[article.pk])
        assert "公開を断りますか" in client.get(url).content.decode()
        assert client.post(url, {"reason": "", "note": "補足だけ"}).context["form"].errors
        article.refresh_from_db()
        assert article.status == "proposed"
        client.post(url, {"reason": "identifiable", "note": "人口で分かる"})
        article.refresh_from_db()
        assert (article.status, article.note) == ("refused", "人口で分かる")
        page = client_of(make_coordinator()).get(page_of(article)).content.decode()
        assert "人口で分かる" in page

    def test_the_town_takes_back_what_it_approved(self, client_of: ClientOf) -> None:
        town = make_editor()
        article = make_article("published", consultation=make_consultation("answered", by=town))
        client, url = client_of(town), reverse("town:article_withdraw", args=[article.pk])
        assert url in client.get(reverse("town:article_review", args=[article.pk])).content.decode()
        client.post(url, {"reason": "outdated", "note": ""})
        article.refresh_from_db()
        assert (article.status, article.withdrawn_by) == ("withdrawn", town)

    def test_the_prefecture_takes_back(self, client_of: ClientOf) -> None:
        coordinator = make_coordinator()
        article = make_article("published", coordinator=coordinator)
        client, url = client_of(coordinator), f"{page_of(article)[: -len('change/')]}withdraw/"
        assert url in client.get(page_of(article)).content.decode()
        assert client.get(url).status_code == 200
        client.post(url, {"reason": "incorrect", "note": ""})
        article.refresh_from_db()
        assert (article.status, article.withdrawn_by) == ("withdrawn", coordinator)

    def test_a_second_word_is_refused_in_words(self, client_of: ClientOf) -> None:
        town = make_editor()
        article = make_article("refused", consultation=make_consultation("answered", by=town))
        client = client_of(town)
        page = client.post(reverse("town:article_approve", args=[article.pk]), follow=True)
        assert "「市町が断った」のため" in page.content.decode()
        article.refresh_from_db()
        assert article.status == "refused"

    def test_a_get_decides_nothing(self, client_of: ClientOf) -> None:
        town = make_editor()
        article = make_article(consultation=make_consultation("answered", by=town))
        client = client_of(town)
        assert client.get(reverse("town:article_approve", args=[article.pk])).status_code == 405
        client.get(reverse("town:article_refuse", args=[article.pk]))
        article.refresh_from_db()
        assert article.status == "proposed"


class TestList:
    def test_empty_lists_say_what_to_do(self, client_of: ClientOf) -> None:
        """C-13."""
        client, url = client_of(make_editor()), reverse("town:articles")
        assert "ナレッジはまだありません" in client.get(url).content.decode()
        text = client.get(url, {"q": "存在"}).content.decode()
        assert "見つかりませんでした" in text
        assert "0件見つかりました" in text
        assert reverse("town:consultation_ask") in text

    def test_by_topic(self, client_of: ClientOf) -> None:
        make_article("published")
        other = make_consultation("answered", topic=make_topic("SEC", "セキュリティ"))
        article = make_article("published", consultation=other)
        client = client_of(make_editor("343021"))
        page = client.get(reverse("town:articles"), {"topic": "SEC"})
        assert list(page.context["page"]) == [article]

    def test_queries_do_not_grow_with_rows(
        self, client_of: ClientOf, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        """D-02."""
        client = client_of(make_editor("343021"))
        url = reverse("town:articles")

        def queries() -> int:
            with django_assert_max_num_queries(12) as counted:
                client.get(url)
            return len(counted.captured_queries)

        make_article("published")
        client.get(url)  # the first page of a session also writes the session's row
        few = queries()
        for _ in range(5):
            make_article("published")
        assert queries() == few

    def test_the_coordinators_list(self, client_of: ClientOf) -> None:
        article = make_article("published")
        client = client_of(make_coordinator())
        page = client.get(reverse("admin:knowledge_article_changelist"), {"q": "見積"})
        assert list(page.context["cl"].result_list) == [article]


def test_home_pages() -> None:
    town, coordinator = make_editor(), make_coordinator()
    article = make_article(consultation=make_consultation("answered", by=town))
    assert [row.url for row in town_queue(town)] == [
        reverse("town:article_review", args=[article.pk])
    ]
    assert list(town_queue(make_editor("343021"))) == []
    assert list(coordinator_queue(coordinator)) == []
    yesterday = timezone.localdate() - timedelta(days=1)
    Article.objects.filter(pk=article.pk).update(approval_due=yesterday)
    assert [row.kind for row in coordinator_queue(coordinator)] == ["late"]
    assert [panel.value for panel in counted(town_panels(town))] == ["0"]
    make_article("published")
    assert [panel.value for panel in counted(town_panels(town))] == ["1"]
