"""The desk's line in a browser: without JavaScript, at 1280 and 320 pixels, axe finding nothing."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from consultations.desk import services
from consultations.knowledge.models import Article
from talentpool.users.models import User
from tests.consultations.objects import (
    make_article,
    make_consultation,
    make_coordinator,
    make_editor,
    make_topic,
)
from tests.talentpool.pages.browser import policy_violations, sideways, watch_policy

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], list[str]]


@pytest.fixture
def sign_in(live_server: Any) -> Callable[[Page, User], None]:
    def sign_in(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        )

    return sign_in


def faults(page: Page, axe: Axe) -> list[str]:
    found = [f"{page.url}: {finding}" for finding in policy_violations(page) + axe(page)]
    page.set_viewport_size({"width": 320, "height": 900})
    if sideways(page) > 0:
        found.append(f"{page.url} is too wide at 320 pixels")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def test_every_page_in_every_state(
    live_server: Any, page: Page, axe: Axe, sign_in: Callable[[Page, User], None]
) -> None:
    """C-01, C-05, A-02."""
    town, coordinator = make_editor(), make_coordinator()
    watch_policy(page)
    sign_in(page, town)
    found: list[str] = []

    def look(name: str, *args: Any, query: str = "") -> None:
        page.goto(live_server.url + reverse(name, args=args) + query)
        found.extend(faults(page, axe))

    for name in ("town:consultations", "town:consultation_ask", "town:articles"):
        look(name)
    look("town:articles", query="?q=存在")
    made = make_consultation(by=town, title="長い件名" * 15, question="長い本文" * 200)
    look("town:consultation", made.pk)
    look("town:consultation_close", made.pk)
    services.ask_back(made.pk, body="台数は？", request_key=uuid.uuid4(), by=coordinator)
    look("town:consultation", made.pk)
    articles = {
        state: make_article(
            state,
            consultation=make_consultation("answered", by=town, coordinator=coordinator),
            coordinator=coordinator,
        )
        for state in Article.Status
    }
    look("town:consultations")
    look("town:articles")
    look("town:article", articles[Article.Status.PUBLISHED].pk)
    for article in articles.values():
        look("town:consultation", article.consultation_id)
        look("town:article_review", article.pk)
    look("town:article_refuse", articles[Article.Status.PROPOSED].pk)
    page.get_by_role("button", name="公開を断る").click()
    expect(page.get_by_role("alert")).to_contain_text("エラー：1か所")
    found += faults(page, axe)

    page.context.clear_cookies()
    sign_in(page, coordinator)
    look("admin:desk_consultation_changelist")
    look("admin:knowledge_article_changelist")
    look("admin:desk_consultation_change", made.pk)
    for article in articles.values():
        look("admin:desk_consultation_change", article.consultation_id)
        look("admin:knowledge_article_change", article.pk)
    look("admin:knowledge_article_withdraw", articles[Article.Status.PUBLISHED].pk)
    look("admin:knowledge_article_propose", articles[Article.Status.REFUSED].consultation_id)
    page.get_by_label("回答").fill("山田さんに082-228-2111へ。江田島市の例")
    page.get_by_role("button", name="市町に公開の確認を頼む").click()
    expect(page.get_by_role("alert")).to_contain_text("江田島市")
    found += faults(page, axe)
    assert found == []


def test_the_line_without_javascript(
    live_server: Any, browser: Browser, sign_in: Callable[[Page, User], None]
) -> None:
    """C-20: from the question to the article, by the buttons that people see."""
    make_topic("PRC", "調達仕様・価格妥当性")
    town, reader, coordinator = make_editor(), make_editor("343021"), make_coordinator()
    pages: dict[str, Page] = {}
    for who, user in (("town", town), ("reader", reader), ("staff", coordinator)):
        context = browser.new_context(java_script_enabled=False)
        pages[who] = context.new_page()
        sign_in(pages[who], user)

    page = pages["town"]
    page.goto(live_server.url + reverse("town:consultations"))
    page.get_by_role("link", name="県に相談する").first.click()
    page.get_by_label("分野").select_option(label="調達仕様・価格妥当性")
    page.get_by_label("調達の段階").select_option(label="予算要求")
    page.get_by_label("件名").fill("端末更改の見積は妥当か")
    page.get_by_label("相談したいこと").fill("3社の差が大きい。")
    page.get_by_text("市町名を伏せて、ほかの市町と共有してよい").click()
    page.get_by_role("button", name="県に送る").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("端末更改の見積は妥当か")

    staff = pages["staff"]
    staff.goto(live_server.url + reverse("admin:index"))
    staff.get_by_role("link", name="担当を決める").click()
    staff.get_by_label("回答、または市町への確認の質問").fill("内訳をそろえて比べてください。")
    staff.get_by_role("button", name="回答を送る").click()
    staff.get_by_role("link", name="文章を作る").click()
    staff.get_by_role("button", name="市町に公開の確認を頼む").click()
    expect(staff.get_by_text("江田島市に公開の確認を頼みました。")).to_be_visible()

    page.goto(live_server.url + reverse("town:home"))
    page.get_by_role("link", name="文章を確かめる").click()
    page.get_by_role("button", name="この文章の公開に同意する").click()

    other = pages["reader"]
    other.goto(live_server.url + reverse("town:articles"))
    other.get_by_label("ことば").fill("端末")
    other.get_by_role("button", name="探す").click()
    expect(other.get_by_text("1件見つかりました。")).to_be_visible()
    other.get_by_role("link", name="端末更改の見積は妥当か").click()
    expect(other.get_by_text("内訳をそろえて比べてください。")).to_be_visible()
    for context in {one.context for one in pages.values()}:
        context.close()
