"""Every page that links lead to, in a real browser on the sample prefecture (C-01, A-02).

From each role's home all links are followed, two pages of each address. Each page is looked at in
1280 and 320 pixels: axe, the policy, reflow, one first heading, a title of its own.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from talentpool.embedded.sample.load import load_sample
from talentpool.users.models import User
from tests.talentpool.pages.browser import policy_violations, sideways, watch_policy

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], list[str]]

STARTS = {
    "": ["/"],
    "342041@town.example.jp": ["/town/"],  # 三原市: has signed
    "342157@town.example.jp": ["/town/"],  # 江田島市: waits for an answer
    "coordinator@pref.example.jp": ["/admin/"],
    "auditor@pref.example.jp": ["/admin/"],
}
PAGES_OF_AN_ADDRESS = 2
# Reached by links that leave the portal's pages, or that only the demo and the tests have.
LEFT_OUT = {"styleguide", "account_logout", "admin:logout"}
# A shared page of this role was looked at as another one already.
SHARED = ("help", "accessibility", "privacy", "account_", "mfa_", "usersessions_", "public:")


def test_every_page_that_links_lead_to(
    live_server: Any, page: Page, axe: Axe, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    load_sample()
    watch_policy(page)
    people = User.objects.filter(kind__in=["specialist", "firm"], specialist__bundles__isnull=False)
    person = people.order_by("pk").values_list("email", flat=True)[0]
    starts = {**STARTS, person: ["/specialist/"]}
    seen: dict[str, int] = {}
    titles: dict[str, str] = {}
    faults: list[str] = []
    looked_at = 0
    for email, paths in starts.items():
        sign_in(page, live_server.url, email)
        for path in crawl(page, live_server.url, paths, seen, email):
            looked_at += 1
            faults += [f"{email} {path}: {fault}" for fault in faults_of(page, axe)]
            title = page.title()
            if titles.setdefault(title, path) != path and not _is_same_page(titles[title], path):
                faults.append(f"{email} {path}: has the title of {titles[title]}: {title}")
    assert faults == []
    assert looked_at > 70


def _is_same_page(one: str, other: str) -> bool:
    """The same address for two roles, or the same list with another query."""
    return urlsplit(one).path == urlsplit(other).path


def sign_in(page: Page, url: str, email: str) -> None:
    page.context.clear_cookies()
    if not email:
        return
    client = Client()
    client.force_login(User.objects.get(email=email))
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def crawl(
    page: Page, url: str, starts: list[str], seen: dict[str, int], email: str
) -> Iterator[str]:
    """Open page after page in 1280 pixels and say which one is open now."""
    waiting = list(starts)
    known = set(starts)
    while waiting:
        path = waiting.pop(0)
        answer = page.goto(url + path)
        assert answer is not None
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        assert answer.status == 200, (email, path, answer.status)
        yield path
        hrefs: list[str] = page.eval_on_selector_all(
            "a[href]", "links => links.map((link) => link.href)"
        )
        for href in hrefs:
            parts = urlsplit(href)
            target = parts.path
            if not href.startswith(url) or target in known or not _is_wanted(target, seen, email):
                continue
            known.add(target)
            waiting.append(target)


def _is_wanted(path: str, seen: dict[str, int], email: str) -> bool:
    try:
        name = resolve(path).view_name
    except Resolver404:
        return False
    if name in LEFT_OUT or path.endswith((".csv", ".xlsx", ".ics", ".atom", ".json", ".xml")):
        return False
    key = name if name.startswith(SHARED) else f"{email} {name}"
    seen[key] = seen.get(key, 0) + 1
    return seen[key] <= PAGES_OF_AN_ADDRESS


def faults_of(page: Page, axe: Axe) -> list[str]:
    found = []
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"at {width}: {fault}" for fault in axe(page)]
    if sideways(page) > 0:
        found.append(f"{sideways(page)} pixels too wide at 320")
    found += policy_violations(page)
    headings = page.locator("h1").count()
    if headings != 1:
        found.append(f"{headings} first headings")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found
