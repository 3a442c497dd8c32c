"""Every page that links lead to, in a real browser on the sample prefecture (C-01, A-02).

From each role's home all links are followed, two pages of each address, or one where all pages of
the address are the same form. Each page is looked at in 1280 and 320 pixels: the policy, reflow,
one first heading, a title of its own; and axe, which sees a page of an address again only where it
holds elements that the first did not. The auditor's pages are the coordinator's without buttons:
they are read without a browser.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Error as PageError
from playwright.sync_api import Page

from talentpool.embedded.sample.load import load_sample
from talentpool.users.models import User
from tests.talentpool.pages.browser import policy_violations, sideways, watch_policy

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[..., list[str]]

AUDITOR = "auditor@pref.example.jp"
PERSON = "a person with an approach"
# Where a role starts, and how many pages it reaches at least: fewer means that links got lost.
STARTS = {
    "": ("/", 8),
    "342041@town.example.jp": ("/town/", 20),  # 三原市: has signed
    "342157@town.example.jp": ("/town/", 14),  # 江田島市: waits for an answer
    "coordinator@pref.example.jp": ("/admin/", 40),
    PERSON: ("/specialist/", 6),
}
PAGES_OF_AN_ADDRESS = 2
# Records of one plain form each: the second page of an address would show nothing new.
PLAIN_RECORDS = (
    "admin:audit_",
    "admin:outbox_",
    "admin:privacy_",
    "admin:registry_",
    "admin:specialists_firm",
    "admin:specialists_purposetext",
    "admin:vocabulary_",
)
# What may come out otherwise on a narrow page, whose elements and colours are the same.
RULES_OF_WIDTH = ("scrollable-region-focusable", "target-size", "link-in-text-block")
# The kinds of elements of a page, each with what it stands in.
KINDS_OF_ELEMENTS = """
  () => {
    const kind = (element) =>
      `${element.tagName}.${element.className}[${element.type || ""},${element.role || ""}]`;
    return [...new Set([...document.querySelectorAll("body *")].map(
      (element) => `${kind(element.parentElement)} > ${kind(element)}`))];
  }
"""
# Reached by links that leave the portal's pages, or that only the demo and the tests have.
LEFT_OUT = {"styleguide", "account_logout", "admin:logout"}
# Pages that are the same for every role: looked at as the first that reaches them.
OF_ALL = ("help", "accessibility", "privacy", "account_login", "account_reset", "public:")
OF_ALL_SIGNED_IN = ("account_", "mfa_", "usersessions_")
FIRST_SIGNED_IN = "342041@town.example.jp"
SECOND_TOWN = "342157@town.example.jp"


def test_every_page_that_links_lead_to(
    live_server: Any, page: Page, axe: Axe, settings: Any
) -> None:
    """One test for all roles: making the sample takes longer than most of them."""
    settings.SECOND_FACTOR_REQUIRED = False
    load_sample()
    watch_policy(page)
    faults: list[str] = []
    kinds: dict[str, set[str]] = {}
    for role, (start, least) in STARTS.items():
        email = _person_with_an_approach() if role == PERSON else role
        sign_in(page, live_server.url, email)
        found, looked_at = faults_of_role(page, axe, live_server.url, start, email, kinds)
        faults += [f"{role}: {fault}" for fault in found]
        if looked_at < least:
            faults.append(f"{role}: only {looked_at} pages")
    assert faults == []


def faults_of_role(
    page: Page, axe: Axe, url: str, start: str, email: str, kinds: dict[str, set[str]]
) -> tuple[list[str], int]:
    """What is wrong with the pages that one role reaches, and how many they are. `kinds` are the
    elements that some role has seen on a page of each address."""
    titles: dict[str, str] = {}
    faults: list[str] = []
    looked_at = 0
    for path, status in crawl(page, url, start, email):
        looked_at += 1
        is_new = holds_new_elements(page, kinds)
        if status not in {200, 422}:  # 422: the page says what cannot be done, and why
            faults.append(f"{path}: {status}")
        faults += [f"{path}: {fault}" for fault in faults_of(page, axe, is_new)]
        title = page.title()
        shown = urlsplit(page.url).path  # not `path`, where a factor must be shown first
        if titles.setdefault(title, shown) != shown:
            faults.append(f"{path}: has the title of {titles[title]}: {title}")
    return faults, looked_at


@pytest.mark.django_db
def test_every_page_that_an_auditor_reaches(settings: Any) -> None:
    """The coordinator's pages without buttons: they are read here without a browser."""
    settings.SECOND_FACTOR_REQUIRED = False
    load_sample()
    client = Client()
    client.force_login(User.objects.get(email=AUDITOR))
    waiting, known, seen = ["/admin/"], {"/admin/"}, Counter[str]()
    titles: dict[str, str] = {}
    faults: list[str] = []
    while waiting:
        path = waiting.pop(0)
        answer = client.get(path, follow=True)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        html = answer.content.decode()
        if answer.status_code not in {200, 422} or len(re.findall("<h1[ >]", html)) != 1:
            faults.append(f"{path}: {answer.status_code}, or not one first heading")
        title = re.findall("<title>(.*?)</title>", html, re.DOTALL)[0]  # those of images follow
        shown = answer.request["PATH_INFO"]
        if titles.setdefault(title, shown) != shown:
            faults.append(f"{path}: has the title of {titles[title]}: {title}")
        links = {
            urlsplit(unescape(href)).path for href in re.findall('<a [^>]*href="(/[^"]*)"', html)
        }
        for target in sorted(links - known):
            if _is_wanted(target, seen, AUDITOR):
                known.add(target)
                waiting.append(target)
    assert faults == []
    assert len(titles) >= 20


def _person_with_an_approach() -> str:
    people = User.objects.filter(kind__in=["specialist", "firm"], specialist__bundles__isnull=False)
    return str(people.order_by("pk").values_list("email", flat=True)[0])


def sign_in(page: Page, url: str, email: str) -> None:
    page.context.clear_cookies()
    if not email:
        return
    client = Client()
    client.force_login(User.objects.get(email=email))
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def holds_new_elements(page: Page, kinds: dict[str, set[str]]) -> bool:
    """Whether the open page has kinds of elements that no page of its address had before."""
    name = resolve(urlsplit(page.url).path).view_name
    here = set(page.evaluate(KINDS_OF_ELEMENTS))
    new = here - kinds.get(name, set())
    kinds.setdefault(name, set()).update(here)
    return bool(new)


def crawl(page: Page, url: str, start: str, email: str) -> Iterator[tuple[str, int]]:
    """Open page after page in 1280 pixels; says which one is open now, and its status."""
    waiting = [start]
    known = {start}
    seen: Counter[str] = Counter()
    while waiting:
        path = waiting.pop(0)
        try:
            answer = page.goto(url + path)
        except PageError as error:
            if "Download is starting" in error.message:
                continue
            raise
        assert answer is not None
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        yield path, answer.status
        # evaluate: a locator would bring Playwright's own script into each page
        hrefs: list[str] = page.evaluate(
            "[...document.querySelectorAll('a[href]')].map((link) => link.href)"
        )
        for href in hrefs:
            parts = urlsplit(href)
            target = parts.path
            if not href.startswith(url) or target in known or not _is_wanted(target, seen, email):
                continue
            known.add(target)
            waiting.append(target)


def _is_wanted(path: str, seen: Counter[str], email: str) -> bool:
    try:
        name = resolve(path).view_name
    except Resolver404:
        return False
    if name in LEFT_OUT or path.endswith((".csv", ".xlsx", ".ics", ".atom", ".json", ".xml")):
        return False
    if email and name.startswith(OF_ALL):
        return False
    if email not in {"", FIRST_SIGNED_IN} and name.startswith(OF_ALL_SIGNED_IN):
        return False
    if name.startswith("admin:") and name.endswith("_history"):
        name = "admin:history"  # one template for all records
    seen[name] += 1
    # The auditor's pages are the coordinator's without buttons, the second town's are the first's.
    one = email in {AUDITOR, SECOND_TOWN} or name.startswith(PLAIN_RECORDS)
    return seen[name] <= (1 if one else PAGES_OF_AN_ADDRESS)


def faults_of(page: Page, axe: Axe, is_new: bool) -> list[str]:
    """What is wrong with the open page; axe sees it where its elements are new."""
    found = policy_violations(page)
    if is_new:
        found += [f"at 1280: {fault}" for fault in axe(page)]
    page.set_viewport_size({"width": 320, "height": 900})
    if is_new:
        found += [f"at 320: {fault}" for fault in axe(page, RULES_OF_WIDTH)]
    if sideways(page) > 0:
        found.append(f"{sideways(page)} pixels too wide at 320")
    headings = page.evaluate("document.querySelectorAll('h1').length")
    if headings != 1:
        found.append(f"{headings} first headings")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found
