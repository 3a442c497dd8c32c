"""The admin in the portal's frame, and what an upgrade of Django would cost (C-24)."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.contrib.admin.sites import AdminSite, site
from django.test import Client
from django.urls import reverse

from municipalities.registry.models import Membership
from talentpool.users.models import User
from tests import factories as make

OURS = Path(settings.BASE_DIR) / "templates" / "admin"
STOCK = Path(django.__file__).parent / "contrib" / "admin" / "templates" / "admin"

# The original each of ours was written against. When Django changes one, look at the difference,
# carry it over, and write the new digest here.
ORIGINALS = {
    "app_index.html": "ecd3dbd1b74b28e7",
    "base_site.html": "182897817c02fd96",
    "change_list.html": "20b8d0e45467ccd3",
    "change_list_results.html": "c8ea5bd68f8be58b",
    "edit_inline/tabular.html": "ef1b0d9b50be1e24",
    "index.html": "4d0c59740cb66727",
    "pagination.html": "381bc2d87585687d",
    "search_form.html": "18898ee2576bda25",
}
# These are copies with marked changes; the others extend the original.
COPIES = {
    "change_list_results.html",
    "edit_inline/tabular.html",
    "pagination.html",
    "search_form.html",
}
# Ours is components/register_results.html, for rows that are written in one go.
ELSEWHERE = {"change_list_results.html"}


# These add links to the list of one table; they extend the list's own template.
OF_ONE_TABLE = {
    "registry/plannedprocurement/change_list.html",
    "rights/rightsrequest/change_list.html",
}


def overridden() -> set[str]:
    return {str(path.relative_to(OURS)) for path in OURS.rglob("*.html")} - OF_ONE_TABLE


def test_few_templates_are_overridden() -> None:
    assert overridden() == ORIGINALS.keys() - ELSEWHERE
    assert len(ORIGINALS) <= 8


@pytest.mark.parametrize("name", sorted(ORIGINALS))
def test_the_original_is_the_one_we_know(name: str) -> None:
    digest = hashlib.sha256((STOCK / name).read_bytes()).hexdigest()[:16]
    assert digest == ORIGINALS[name], f"Django changed admin/{name}"


def test_the_frame_is_the_one_we_know() -> None:
    """base.html is not overridden, but base_site.html fills its blocks."""
    blocks = re.findall(r"{% block (\S+) %}", (STOCK / "base.html").read_text("utf-8"))
    ours = re.findall(r"{% block (\S+) %}", (OURS / "base_site.html").read_text("utf-8"))
    assert set(ours) <= set(blocks)


@pytest.mark.parametrize("name", sorted(ORIGINALS.keys() - COPIES))
def test_ours_extend_the_original(name: str) -> None:
    parent = "base.html" if name == "base_site.html" else name
    assert (OURS / name).read_text("utf-8").startswith(f'{{% extends "admin/{parent}" %}}')


def test_no_list_of_ours_falls_into_the_inline_style_of_the_original() -> None:
    """Django writes a <style> element into a list that shows actions nowhere; the policy forbids
    it."""
    silent = [
        type(admin).__name__
        for admin in site._registry.values()
        if not admin.actions_on_top and not admin.actions_on_bottom
    ]
    assert silent == []


@pytest.fixture
def home(coordinator: User, client_of: Callable[[User], Client]) -> str:
    return client_of(coordinator).get("/admin/").content.decode()


@pytest.mark.django_db
def test_an_auditors_home_says_what_waits_and_where_the_records_are(
    client_of: Callable[[User], Client],
) -> None:
    make.make_need("submitted")
    html = client_of(make.make_member(Membership.Role.AUDITOR)).get("/admin/").content.decode()
    assert "<h1>いまの状況</h1>" in html
    assert re.findall(r'button--s" href="[^"]+">(\w+)<', html) == ["見る"]
    assert f'<a href="{reverse("admin:audit_event_changelist")}">監査記録</a>' in html


def test_home_shows_what_to_do_first_and_the_registers_last(home: str) -> None:
    order = [home.index(text) for text in ("<h1>今日すること</h1>", "作業キュー", "すべての台帳")]
    assert order == sorted(order)
    assert "今日することはありません" in home
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\d">令和', home)


def test_home_lists_the_queue_and_the_facts(
    coordinator: User, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from municipalities.registry import queue

    items = [
        queue.QueueItem(
            f"案件{n}", "市の順位付け待ち", f"#{n}", "見る", label="今日まで", kind="late"
        )
        for n in range(12)
    ]
    monkeypatch.setitem(queue._queue, "coordinator", [lambda user: items])
    monkeypatch.setitem(
        queue._panels, "coordinator", [lambda user: [queue.Panel("充足率", "78", "％")]]
    )
    html = client_of(coordinator).get("/admin/").content.decode()
    assert "12件" in html
    assert html.count('<span class="tag tag--late">今日まで</span>') == 12
    assert "残りの2件を見る" in html
    assert re.search(r"<dt>充足率</dt>\s*<dd>78 <small>％</small>", html)


def test_the_admin_wears_the_portal(home: str) -> None:
    assert "<title>今日すること｜ひろしま情報人材プール</title>" in home
    assert '<header class="site-header">' in home
    assert "見本データです" in home
    assert "/static/css/admin.css" in home
    assert "dark_mode" not in home
    assert "theme.js" not in home


def test_lists_have_captions_scopes_and_a_sort_order_in_words(
    coordinator: User, client_of: Callable[[User], Client], town: object
) -> None:
    html = client_of(coordinator).get("/admin/registry/municipality/?o=2").content.decode()
    assert '<caption class="visually-hidden">市町の一覧</caption>' in html
    assert html.count("<th scope=") >= 3
    assert html.count('aria-sort="ascending"') == 1
    assert "よみ：" in html
    assert '<label for="searchbar">ことばで探す</label>' in html


def test_the_page_of_one_app_has_no_queue(
    coordinator: User, client_of: Callable[[User], Client]
) -> None:
    html = client_of(coordinator).get("/admin/registry/").content.decode()
    assert "作業キュー" not in html
    assert "/admin/registry/municipality/" in html


def test_registers_are_worked_out_once_and_only_where_they_are_shown(
    coordinator: User, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    work_out = AdminSite._build_app_dict

    def noted(self: AdminSite, request: Any, label: str | None = None) -> Any:
        asked.append(label)
        return work_out(self, request, label)

    monkeypatch.setattr(AdminSite, "_build_app_dict", noted)
    site._kept_registers.clear()  # type: ignore[attr-defined]
    browser = client_of(coordinator)
    browser.get("/admin/registry/membership/")
    assert asked == []
    assert "すべての台帳" in browser.get("/admin/").content.decode()
    assert asked == [None]
    assert browser.get("/admin/nowhere/").status_code == 404
    browser.get("/admin/")
    assert asked == [None]  # they are kept as they were written


def test_what_is_kept_of_the_registers_is_kept_for_those_who_may_do_the_same(
    coordinator: User, client_of: Callable[[User], Client]
) -> None:
    add = 'class="addlink"'
    reader = client_of(make.make_member("auditor"))
    for browser, writes in ((client_of(coordinator), True), (reader, False)) * 2:
        home = browser.get("/admin/").content.decode()
        registers = home[home.index("すべての台帳") :]
        assert (add in registers) is writes
        assert "/admin/audit/event/" in registers


@pytest.mark.django_db
def test_a_filter_by_what_is_given_says_so(client: Client) -> None:
    client.force_login(make.make_coordinator())
    page = client.get(reverse("admin:specialists_specialist_changelist")).content.decode()
    section = page[page.index("事業者を離れた日") :]
    shown = re.findall(r"<a [^>]*left_firm_on__isempty[^>]*>\s*([^<\s]+)\s*<", section)
    assert shown == ["なし", "あり"]
