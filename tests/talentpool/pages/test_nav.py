"""The header: the main links of the area, and who is signed in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.checks import run_checks
from django.test import Client, RequestFactory
from django.urls import resolve

from talentpool.pages import nav
from talentpool.pages.nav import NavItem, NavLink, area_of, nav_links, register_nav
from talentpool.users.models import User


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four public links in place of those that the apps registered."""
    monkeypatch.setitem(nav._items, "public", {})
    register_nav("public", "プライバシー", "privacy", 30)
    register_nav("public", "使い方", "help", 20)
    register_nav("public", "設定", "account_settings", 40)
    register_nav("public", "サインイン", "account_login", 50)


@pytest.mark.usefixtures("links")
def test_links_come_in_order_with_this_page_marked() -> None:
    assert nav_links("public", "/help/")[:2] == [
        NavLink("使い方", "/help/", "page"),
        NavLink("プライバシー", "/privacy/", ""),
    ]


@pytest.mark.usefixtures("links")
def test_a_page_below_a_link_marks_its_section() -> None:
    marked = [link.label for link in nav_links("public", "/help/more/") if link.current]
    assert marked == ["使い方"]
    assert nav_links("public", "/help/more/")[0].current == "true"


def test_a_page_elsewhere_marks_the_link_it_belongs_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def marked(path: str) -> list[str]:
        return [link.label for link in nav_links("town", path) if link.current]

    assert marked("/town/round/") == marked("/town/joint/342041-08-001/") == ["募集情報"]
    assert marked("/town/applications/3/") == ["募集情報"]
    monkeypatch.setitem(nav._pages, "town", {})
    assert marked("/town/round/") == []


def test_a_section_whose_address_begins_another_links_is_marked_on_its_pages() -> None:
    def marked(path: str) -> list[str]:
        return [link.label for link in nav_links("coordinator", path) if link.current]

    assert marked("/admin/specialists/specialist/5/change/") == ["人材"]
    assert marked("/admin/specialists/specialist/review/") == ["登録の審査"]
    assert marked("/admin/specialists/specialist/changed/") == ["登録の審査"]
    assert marked("/admin/proposals/bundle/2/change/") == ["調整"]


def test_a_page_of_no_link_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(nav._pages, "public", {"help": "nowhere"})
    assert nav.broken_nav() == [("public", "help")]


def test_home_is_marked_on_its_own_page_only(monkeypatch: pytest.MonkeyPatch) -> None:
    items = {
        "admin:index": NavItem("ホーム", "admin:index", 1),
        "admin:registry_municipality_changelist": NavItem(
            "市町", "admin:registry_municipality_changelist", 2
        ),
    }
    monkeypatch.setitem(nav._items, "coordinator", items)

    def marked(path: str) -> list[str]:
        return [link.label for link in nav_links("coordinator", path) if link.current]

    assert marked("/admin/") == ["ホーム"]
    assert marked("/admin/registry/municipality/342157/change/") == ["市町"]
    assert marked("/admin/outbox/") == []


def test_a_link_without_a_page_is_left_out_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(nav._items, "public", {"nowhere": NavItem("未", "nowhere", 1)})
    assert nav_links("public", "/") == []
    assert [error.id for error in run_checks()] == ["pages.E001"]


def test_all_registered_links_lead_somewhere() -> None:
    assert nav.broken_nav() == []


@pytest.mark.parametrize(
    ("path", "area"), [("/admin/", "coordinator"), ("/town/", "town"), ("/help/", "public")]
)
def test_the_namespace_decides_the_area(path: str, area: str) -> None:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    request.resolver_match = resolve(path)
    assert area_of(request) == area


def test_signed_in_people_keep_their_own_links_on_public_pages(
    coordinator: User, client_of: Callable[[User], Client]
) -> None:
    html = client_of(coordinator).get("/help/").content.decode()
    assert "県コーディネーター(管理画面)" in html
    assert "デジタル基盤整備課" in html
    assert 'href="/admin/"' in html
    assert "サインアウト" in html


def test_a_stranger_is_offered_to_sign_in(client: Client) -> None:
    html = client.get("/help/").content.decode()
    assert "サインイン</a>" in html
    assert "サインアウト</a>" not in html


def test_the_header_asks_for_the_membership_once(
    coordinator: User,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    client = client_of(coordinator)
    with django_assert_max_num_queries(20) as queries:
        client.get("/help/")
    asked = [query for query in queries if "registry_membership" in query["sql"]]
    assert len(asked) == 1
