"""What other towns may read: nothing before approval, never who asked (A-13, B-08)."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from consultations.knowledge import services
from consultations.knowledge.models import Article
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests.consultations.objects import (
    make_article,
    make_auditor,
    make_consultation,
    make_coordinator,
    make_editor,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
CANARY = "金糸雀"


def made_in(state: str, asker: User) -> Article:
    """An article full of canaries, of a consultation full of others."""
    made = make_consultation(
        "answered", by=asker, title="蝦夷件名", question="蝦夷本文", answer="蝦夷回答"
    )
    return make_article(
        state, consultation=made, title=f"{CANARY}題", question=f"{CANARY}相談",
        answer=f"{CANARY}答",
    )  # fmt: skip


@pytest.mark.parametrize("state", list(Article.Status))
def test_other_towns_read_published_articles_only(state: str, client_of: ClientOf) -> None:
    article = made_in(state, make_editor())
    other = make_editor("343021")
    client, published = client_of(other), state == "published"
    assert Article.objects.visible_to(other).exists() == published
    lists = [reverse("town:articles"), reverse("town:articles") + f"?q={CANARY}"]
    for url in [*lists, reverse("town:home")]:
        text = client.get(url).content.decode()
        assert (f"{CANARY}題" in text) == (published and url in lists), url
    page = client.get(reverse("town:article", args=[article.pk]))
    assert page.status_code == (200 if published else 404)
    own = client_of(article.consultation.asked_by)
    own_page = own.get(reverse("town:article", args=[article.pk]))
    assert own_page.status_code == (200 if published else 404)
    if not published:
        missing = client.get(reverse("town:article", args=[article.pk + 1000]))
        assert page.content == missing.content


@pytest.mark.parametrize("state", list(Article.Status))
def test_deciding_pages_are_the_asker_s_alone(state: str, client_of: ClientOf) -> None:
    article = made_in(state, make_editor())
    before = Article.objects.values().get(pk=article.pk)
    data = {"reason": "other", "note": ""}
    for user in (make_editor("343021"), make_coordinator()):
        client = client_of(user)
        for name in ("review", "refuse", "withdraw"):
            assert client.get(reverse(f"town:article_{name}", args=[article.pk])).status_code == 404
        for name in ("approve", "refuse", "withdraw"):
            url = reverse(f"town:article_{name}", args=[article.pk])
            assert client.post(url, data).status_code == 404
    assert Article.objects.values().get(pk=article.pk) == before


def test_a_published_article_tells_nothing_of_its_source(client_of: ClientOf) -> None:
    asker = make_editor(name="沖野 みどり")
    article = made_in("published", asker)
    client = client_of(make_editor("343021", name="別町 一郎"))
    for url in [reverse("town:articles"), reverse("town:article", args=[article.pk])]:
        text = client.get(url).content.decode()
        assert CANARY in text
        for hidden in (
            "江田島",
            "342157",
            "蝦夷",
            "沖野",
            article.consultation.number_label,
            article.proposed_by.name,
            f"consultations/{article.consultation_id}/",
        ):
            assert hidden not in text, (url, hidden)


def test_nothing_shows_between_proposal_and_approval(client_of: ClientOf) -> None:
    """The same reader, before and after the town's word."""
    asker, reader = make_editor(), make_editor("343021")
    article = made_in("proposed", asker)
    client = client_of(reader)
    url = reverse("town:article", args=[article.pk])
    assert client.get(url).status_code == 404
    services.approve_article(article.pk, by=asker)
    assert client.get(url).status_code == 200
    services.withdraw_article(article.pk, reason="outdated", note="", by=asker)
    assert client.get(url).status_code == 404
    assert CANARY not in client.get(reverse("town:articles")).content.decode()


def test_who_sees_what_at_all() -> None:
    article = made_in("proposed", make_editor())
    specialist = create_account(email="s@example.jp", name="人材", kind="specialist", by=None)
    sees = [make_editor(), make_coordinator(), make_auditor()]
    assert all(article in Article.objects.visible_to(user) for user in sees)
    services.approve_article(article.pk, by=sees[0])
    for user in (specialist, AnonymousUser()):
        assert not Article.objects.visible_to(user).exists()
