"""The shared pages in a real browser: axe, reflow, keyboard, policy, print, weight."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from talentpool.users.models import User
from tests.talentpool.pages.browser import (
    TEXT_SPACING,
    Weight,
    policy_violations,
    sideways,
    small_targets,
    tab_walk,
    watch_policy,
)

Axe = Callable[[Page], list[str]]
OPEN = [
    "/styleguide/",
    "/styleguide/?errors=1",
    "/help/",
    "/accessibility/",
    "/privacy/",
    "/no-such-page/",
    "/account/login/",
    "/account/password/reset/",
    "/account/signup/",
]
SIGNED_IN = [
    "/account/settings/",
    "/account/2fa/",
    "/account/2fa/webauthn/",
    "/account/email/",
    "/account/password/change/",
    "/account/sessions/",
    "/account/logout/",
]
ADMIN = [
    "/admin/",
    "/admin/registry/",
    "/admin/registry/municipality/?q=市&o=1.-2",
    "/admin/registry/municipality/342157/change/",
    "/admin/registry/group/",
    "/admin/registry/municipality/342157/history/",
    "/admin/registry/vendorcontract/add/",
    "/admin/specialists/specialist/add/",  # inlines, and a box to choose several
]


@pytest.fixture
def at(live_server: Any, page: Page) -> Callable[..., Page]:
    """Open a path of the live server, at a width, perhaps signed in."""
    watch_policy(page)

    def open_page(path: str, width: int = 1280, user: User | None = None) -> Page:
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            page.context.add_cookies(
                [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
            )
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(live_server.url + path)
        return page

    return open_page


@pytest.fixture
def populated(town: Any) -> None:
    """Rows for the admin's lists and inlines."""
    from municipalities.registry.models import Group, Population

    Population.objects.create(municipality=town, as_of="2020-01-01", value=22932, source="住基")
    Group.objects.create(name="共同利用グループ1", kind=Group.Kind.choices[0][0])


def faults(page: Page, axe: Axe) -> list[str]:
    """What is wrong with the page shown now, wide and on a small telephone.

    axe looks at the small one only: the same elements stand there, closer together.
    """
    found = policy_violations(page)
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        if (over := sideways(page)) > 0:
            found.append(f"{width}: {over} pixels too wide")
        small = small_targets(page, 24, "a[href], button, input, select, summary")
        found += [f"{width}: small: {html}" for html in small]
    return found + axe(page)


def test_every_component_in_every_state(at: Callable[..., Page], axe: Axe) -> None:
    """C-01, wide; the small window is below."""
    for path in ("/styleguide/", "/styleguide/?errors=1"):
        assert axe(at(path)) == []


def test_open_pages(at: Callable[..., Page], axe: Axe) -> None:
    """axe finds nothing, nothing scrolls sideways, the policy refuses nothing (C-01, C-05)."""
    assert {path: wrong for path in OPEN if (wrong := faults(at(path), axe))} == {}


def test_account_pages(at: Callable[..., Page], axe: Axe, specialist: User) -> None:
    at("/help/", user=specialist)
    assert {path: wrong for path in SIGNED_IN if (wrong := faults(at(path), axe))} == {}


@pytest.mark.usefixtures("populated")
def test_admin_pages(at: Callable[..., Page], axe: Axe, coordinator: User) -> None:
    at("/help/", user=coordinator)
    assert {path: wrong for path in ADMIN if (wrong := faults(at(path), axe))} == {}


@pytest.mark.usefixtures("populated")
def test_a_form_of_the_admin_with_errors(
    at: Callable[..., Page], axe: Axe, coordinator: User
) -> None:
    page = at("/admin/registry/vendorcontract/add/", 1280, coordinator)
    page.locator("input[name=_save]").click()
    expect(page.locator(".errornote")).to_be_visible()
    assert axe(page) == []


@pytest.mark.usefixtures("populated")
def test_stock_admin_beside_ours(
    at: Callable[..., Page], axe: Axe, coordinator: User, settings: Any, tmp_path: Path
) -> None:
    """C-23: the same pages and data, Django's own templates against ours, in one run."""
    paths = [path for path in ADMIN if "registry" in path]

    def look() -> list[str]:
        found = []
        for path in paths:
            page = at(path, 1280, coordinator)
            expect(page.locator("#content")).to_be_visible()  # the admin's page, not an error's
            found += axe(page)
        return found

    ours = look()
    for part in (Path(settings.BASE_DIR) / "templates").iterdir():
        if part.name != "admin":
            (tmp_path / part.name).symlink_to(part)
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    theirs = look()
    assert ours == []
    assert theirs != []


def test_axe_would_find_a_fault(at: Callable[..., Page], axe: Axe) -> None:
    page = at("/help/")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x>')")
    assert any(finding.startswith("image-alt") for finding in axe(page))


def test_the_measures_would_find_a_fault(at: Callable[..., Page]) -> None:
    page = at("/help/", 320)
    page.evaluate(
        """document.querySelector('main').insertAdjacentHTML('beforeend',
             '<div id="wide"><button id="tiny">x</button></div>');
           document.getElementById("wide").style.width = "400px";
           document.getElementById("tiny").style.cssText = "width:10px;height:10px;padding:0";"""
    )
    assert sideways(page) > 0
    assert len(small_targets(page, 24, "button")) == 1


def test_an_inline_script_does_not_run(at: Callable[..., Page]) -> None:
    page = at("/help/")
    page.evaluate(
        """() => { const script = document.createElement("script");
                   script.textContent = "window.broken = true";
                   document.body.append(script); }"""
    )
    assert page.evaluate("window.broken") is None
    assert policy_violations(page) == ["script-src-elem inline"]


def test_text_may_be_spaced_out(at: Callable[..., Page]) -> None:
    page = at("/styleguide/?errors=1", 320)
    page.evaluate(
        """(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);
                      document.adoptedStyleSheets = [sheet]; }""",
        TEXT_SPACING,
    )
    assert sideways(page) == 0


def test_main_buttons_are_big_enough_for_a_finger(at: Callable[..., Page]) -> None:
    """C-03: 44 pixels for what a page is there for."""
    page = at("/styleguide/", 320)
    assert small_targets(page, 44, ".button, .nav a, .field .input, label.choice, summary") == []


def test_the_summary_has_the_focus_and_leads_to_the_field(at: Callable[..., Page]) -> None:
    """C-06: from the error to its field in two keystrokes."""
    page = at("/styleguide/?errors=1")
    assert page.evaluate("document.activeElement.id") == "errors"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#id_ex-title")
    page.keyboard.type("住基標準化")
    assert page.locator("#id_ex-title").input_value() == "住基標準化"


def test_the_keyboard_reaches_everything(at: Callable[..., Page]) -> None:
    """C-02: a visible focus of two pixels or more, never covered, no trap."""
    steps = tab_walk(at("/styleguide/"))
    assert steps[0]["html"].startswith('<a class="skip"')
    assert 30 < len(steps) < 200
    assert [step["html"] for step in steps if step["outline"] < 2 or step["style"] == "none"] == []
    assert [step["html"] for step in steps if not step["seen"]] == []


def test_the_skip_link_leads_to_the_content(at: Callable[..., Page]) -> None:
    page = at("/help/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_signing_in_works_without_javascript(
    live_server: Any, browser: Browser, specialist: User
) -> None:
    """C-20; and what was typed wrongly first is still there."""
    from tests.talentpool.pages.conftest import PASSWORD

    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/account/login/?next=/account/settings/")
    page.get_by_label("メールアドレス").fill(specialist.email)
    page.get_by_role("button", name="サインイン", exact=True).click()
    expect(page).to_have_title("エラー：1か所｜サインイン｜ひろしま情報人材プール")
    assert page.get_by_label("メールアドレス").input_value() == specialist.email
    page.get_by_label("パスワード", exact=False).fill(PASSWORD)
    page.get_by_role("button", name="サインイン", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("設定")
    context.close()


def test_a_passkey_that_fails_is_said_in_words(at: Callable[..., Page]) -> None:
    page = at("/account/login/")
    notice = page.locator("#passkey-error")
    expect(notice).to_be_hidden()
    page.evaluate("document.dispatchEvent(new CustomEvent('allauth.error', {cancelable: true}))")
    expect(notice).to_be_visible()


def test_paper_carries_no_controls(at: Callable[..., Page]) -> None:
    """C-12: no nav and no buttons; table heads repeat; everything fits A4."""
    page = at("/styleguide/", 718)  # A4 less its margins
    page.emulate_media(media="print")
    for selector in (".button", ".crumbs", ".filters", ".pager", ".site-header .who", ".skip"):
        assert not page.locator(selector).first.is_visible(), selector
    assert sideways(page) == 0
    head = "getComputedStyle(document.querySelector('.table thead')).display"
    assert page.evaluate(head) == "table-header-group"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_states_keep_their_shape_in_forced_colours(at: Callable[..., Page]) -> None:
    """Where colours are taken away, shape and word remain."""
    page = at("/styleguide/")
    page.emulate_media(forced_colors="active")
    shapes = page.evaluate(
        """[...document.querySelectorAll(".tag")].map((tag) => {
             const style = getComputedStyle(tag, "::before");
             return style.clipPath + style.transform + style.borderRadius; })"""
    )
    assert len(set(shapes)) >= 3


def test_public_pages_are_light(at: Callable[..., Page], page: Page, live_server: Any) -> None:
    """D-11 and B-17: 60 kB, 30 kB of it script, 12 requests, none to anybody else."""
    for path in OPEN:
        page.context.clear_cookies()
        weight = Weight(page)
        at(path).wait_for_load_state("networkidle")
        assert weight.total() <= 60_000, path
        assert weight.total("javascript") <= 30_000, path
        assert len(weight.responses) <= 12, path
        assert weight.foreign(live_server.url) == [], path


def test_portal_and_admin_pages_are_light(
    at: Callable[..., Page], page: Page, coordinator: User
) -> None:
    weight = Weight(page)
    at("/account/settings/", 1280, coordinator).wait_for_load_state("networkidle")
    assert weight.total() <= 120_000
    weight.responses.clear()
    at("/admin/").wait_for_load_state("networkidle")
    assert weight.total() <= 180_000
