"""A vacancy in a browser: kept while it is typed (C-08), saved without JavaScript (C-20), and on A4
paper (C-12)."""

import io
import re
import time
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from municipalities.vacancies.models import SectionDraft, Vacancy
from tests.municipalities.vacancies.objects import make_vacancy
from tests.talentpool.pages.browser import policy_violations, sideways, watch_policy

pytestmark = pytest.mark.django_db(transaction=True)

TYPED = "企画課で打ちかけた"
A4_POINTS = (595, 842)
PRINTED_WIDTH = 680  # CSS pixels: 210 mm less two margins of 15 mm
LONG = "https://example.lg.jp/" + "a" * 150


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def sign_in(page: Page, url: str, vacancy: Vacancy) -> None:
    client = Client()
    client.force_login(vacancy.created_by)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def address_of(vacancy: Vacancy, section: str = "contact") -> str:
    return reverse("town:vacancy_section", args=[vacancy.vacancy_no, section])


def within_seconds(holds: Callable[[], bool]) -> bool:
    """Whether it holds within five seconds: a browser sends what is left after the page is gone."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_what_is_typed_is_there_again_without_a_button(live_server: Any, page: Page) -> None:
    """Said beside the form, still there after leaving in the middle of a word; only the button
    puts it into the vacancy, and what another button throws away stays away."""
    vacancy = make_vacancy("draft")
    sign_in(page, live_server.url, vacancy)
    page.goto(live_server.url + address_of(vacancy))
    page.get_by_label("担当部署").fill(TYPED)
    page.get_by_label("担当部署").press("Tab")
    expect(page.locator("[data-autosave-status]")).to_contain_text("入力の控えを取りました")
    page.get_by_label("備考").press_sequentially("途中")
    page.goto(live_server.url + reverse("town:vacancy_list"))
    assert within_seconds(lambda: quote("途中") in SectionDraft.objects.get().typed)
    page.goto(live_server.url + address_of(vacancy))
    expect(page.get_by_text("まだ保存していません")).to_be_visible()
    expect(page.get_by_label("担当部署")).to_have_value(TYPED)
    expect(page.get_by_label("備考")).to_have_value("途中")
    assert Vacancy.objects.get().values["dept"] == vacancy.values["dept"]
    page.get_by_role("button", name="保存して次へ").click()
    page.wait_for_url(lambda url: url != live_server.url + address_of(vacancy))
    saved = Vacancy.objects.get()
    assert (saved.values["dept"], saved.values["note"]) == (TYPED, "途中")
    assert SectionDraft.objects.count() == 0
    SectionDraft.objects.create(
        vacancy=saved,
        section="contact",
        user=vacancy.created_by,
        typed=f"note={quote('捨てる言葉')}",
        version=saved.version,
    )
    page.goto(live_server.url + address_of(vacancy))
    page.get_by_label("備考").press_sequentially("、まだ打っている")
    with page.expect_navigation():
        page.get_by_role("button", name="この内容を捨てて").click()
    page.goto(live_server.url + address_of(vacancy))
    expect(page.get_by_label("備考")).to_have_value("途中")
    assert SectionDraft.objects.count() == 0


def test_without_javascript_the_button_saves(live_server: Any, browser: Browser) -> None:
    vacancy = make_vacancy("draft")
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    sign_in(page, live_server.url, vacancy)
    page.goto(live_server.url + address_of(vacancy))
    page.get_by_label("担当部署").fill(TYPED)
    page.get_by_role("button", name="保存して次へ").click()
    assert Vacancy.objects.get().values["dept"] == TYPED
    page.goto(live_server.url + address_of(vacancy))
    expect(page.get_by_label("担当部署")).to_have_value(TYPED)
    context.close()


def words_of(pdf: PdfReader) -> str:
    """All that stands on the sheets but their numbers, without spaces."""
    sheets = (re.sub(r"^\s*\d+\s*/\s*\d+", "", page.extract_text()) for page in pdf.pages)
    return plain("".join(sheets))


def plain(text: str) -> str:
    """A PDF spells some characters as the radicals that look like them."""
    return "".join(unicodedata.normalize("NFKC", text).split())


# What reaches past the paper's edge, or is cut off inside its box.
CUT_OFF = """
  (width) => [...document.querySelectorAll("main *")].filter((element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const hidden = ["hidden", "clip", "auto", "scroll"].includes(style.overflowX)
      && element.scrollWidth > element.clientWidth + 1 && style.clipPath === "none";
    return box.width && (box.right > width + 1 || hidden) && style.clipPath === "none";
  }).map((element) => element.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("preview", [False, True], ids=["public", "preview"])
def test_a_vacancy_prints_on_a4(
    live_server: Any, page: Page, preview: bool, axe: Callable[..., list[str]]
) -> None:
    """Every answer that the screen shows, nothing to click, nothing past the edge of the sheet."""
    vacancy = make_vacancy("published", duties="ながいことば" * 300, url=LONG)
    path = reverse("public:vacancy_detail", args=[vacancy.vacancy_no])
    if preview:
        sign_in(page, live_server.url, vacancy)
        path = reverse("town:vacancy_preview", args=[vacancy.vacancy_no])
    watch_policy(page)
    page.goto(live_server.url + path)
    assert policy_violations(page) + axe(page) == []
    answers = page.locator("main .card:not(.no-print) dd").all_inner_texts()
    assert len(answers) > 20
    page.set_viewport_size({"width": PRINTED_WIDTH, "height": 900})
    page.emulate_media(media="print")
    assert sideways(page) == 0
    assert page.evaluate(CUT_OFF, PRINTED_WIDTH) == []
    shown = page.locator("nav:visible, button:visible, a.button:visible, form:visible")
    assert shown.evaluate_all("(found) => found.map((one) => one.outerHTML.slice(0, 99))") == []
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    sheets = {tuple(round(float(side)) for side in sheet.mediabox[2:]) for sheet in pdf.pages}
    assert sheets == {A4_POINTS}
    words = words_of(pdf)
    assert [text for text in answers if plain(text) not in words] == []
    first = plain(pdf.pages[0].extract_text())
    assert (
        "ながいことば" in first
    )  # a long answer begins where it stands, and goes on over the edge
