"""The steps of the two lines, each by its own role on its own page."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.era import fiscal_year
from talentpool.embedded.walkthrough.browser import Browser, Form, Page, Unexpected
from talentpool.embedded.walkthrough.people import RARE, Cast, Person
from talentpool.embedded.walkthrough.vacancy import complete

SOLVE_SECONDS = 120
POLL_SECONDS = 0.5


def _number(address: str) -> int:
    """The last number in an address."""
    found = re.findall(r"\d+", address)
    if not found:
        raise Unexpected(f"{address} holds no number")
    return int(found[-1])


def _date(name: str, day: date) -> dict[str, str]:
    return {f"{name}_0": str(day.year), f"{name}_1": str(day.month), f"{name}_2": str(day.day)}


@dataclass
class Walk:
    """What the steps hand to each other."""

    cast: Cast
    mark: str
    needs: list[int] = field(default_factory=list)
    other_need: int = 0
    run: int = 0
    proposals: list[int] = field(default_factory=list)
    bundle: int = 0
    engagement: int = 0
    vacancy_no: str = ""
    consultation: int = 0
    article: int = 0

    # --- The main line --------------------------------------------------------------------------
    def post_needs(self) -> str:
        """市町: post and submit a need each; the third asks for what nobody has."""
        for town in self.cast.towns:
            self.needs.append(self._post_need(town, RARE, "共同の課題"))
        self.other_need = self._post_need(self.cast.other_town, ("OTH", "AIR"), "めずらしい課題")
        return f"needs {self.needs}, {self.other_need}"

    def _post_need(self, town: Person, skills: tuple[str, str], title: str) -> int:
        april = date(fiscal_year(timezone.localdate()) + 1, 4, 1)
        page = town.browser.get("/town/needs/new/")
        page = town.browser.submit(
            page,
            page.form_with("title", "half_days"),
            {
                "title": f"{title} {self.mark}",
                "problem": "other",
                "description": "通し確認のための案件です。",
                "skill_1": skills[0],
                "level_1": "4",
                "skill_2": skills[1],
                "level_2": "4",
                "half_days": "2",
                "first_month_0": str(april.year),
                "first_month_1": "4",
                "last_month_0": str(april.year + 1),
                "last_month_1": "3",
                "place": "mixed",
                "on_site_half_days": "0.5",
                "budget_yen": "2,000,000",
                "forms": ["10", "20"],
            },
        )
        need = _number(page.url)
        page = town.browser.submit(page, page.form_with(action="/submit/"))
        page.must_say("県の確認待ち")
        return need

    def accept_needs(self) -> str:
        """県: read each need and accept it."""
        browser = self.cast.coordinator.browser
        browser.get("/admin/").must_say("今日すること")
        for need in [*self.needs, self.other_need]:
            page = browser.get(f"/admin/vacancies/need/{need}/review/")
            browser.submit(
                page,
                page.form_with("priority", "accept"),
                {"priority": "3"},
                button=("accept", "1"),
            )
        return f"{len(self.needs) + 1} needs"

    def start_run(self) -> str:
        """県: start a run over these needs."""
        browser = self.cast.coordinator.browser
        page = browser.get("/admin/proposals/run/add/")
        page = browser.submit(
            page,
            page.form_with("title", "needs"),
            {
                "title": f"通し確認 {self.mark}",
                "needs": [str(pk) for pk in [*self.needs, self.other_need]],
                "wall_seconds": "30",
            },
        )
        self.run = _number(page.url)
        return f"run {self.run}"

    def wait_for_plan(self) -> str:
        """The worker solves it while the page shows progress."""
        end = time.monotonic() + SOLVE_SECONDS
        while time.monotonic() < end:
            page = self._run_page()
            if "この計算の記録" in page.text and 'id="progress"' not in page.text:
                page.must_say("証明済み")
                return "proven plan"
            time.sleep(POLL_SECONDS)
        raise Unexpected(f"run {self.run} was not solved in {SOLVE_SECONDS} s: is a worker there?")

    def _run_page(self, query: str = "") -> Page:
        return self.cast.coordinator.browser.get(f"/admin/proposals/run/{self.run}/change/{query}")

    def read_reasons(self) -> str:
        """県: the plan gives both towns the same person, and says why."""
        page = self._run_page(f"?need={self.needs[0]}")
        page.must_say("と同じ人", "なぜ", "合計")
        return "reasons shown"

    def offer(self) -> str:
        """県: offer blind candidates to the two towns."""
        browser = self.cast.coordinator.browser
        page = self._run_page()
        due = add_business_days(timezone.localdate(), 7)
        page = browser.submit(
            page,
            page.form_with("needs", action="/offer/"),
            {"needs": [str(pk) for pk in self.needs], **_date("rank_due", due)},
        )
        if 'name="checked"' in page.text:  # somebody is like nobody else: told less of
            browser.submit(page, page.form_with("checked", action="/offer/"))
        for town, need in zip(self.cast.towns, self.needs, strict=True):
            page = town.browser.get(f"/town/needs/{need}/")
            self.proposals.append(_number(page.link(r"/town/proposals/\d+/")))
        return f"proposals {self.proposals}"

    def make_vacancy(self) -> str:
        """県: nobody fits the third need: it becomes a vacancy."""
        browser = self.cast.coordinator.browser
        page = self._run_page()
        page = browser.get(page.link(f"/vacancy/{self.other_need}/"))
        browser.submit(page, page.form_with())
        page = self.cast.other_town.browser.get(f"/town/needs/{self.other_need}/")
        link = page.link(r"/town/vacancies/\d")
        self.vacancy_no = link.rstrip("/").rsplit("/", 1)[-1]
        return f"vacancy {self.vacancy_no}"

    def rank(self) -> str:
        """市町: see blind candidates, rank them, check, send."""
        for town, proposal in zip(self.cast.towns, self.proposals, strict=True):
            page = town.browser.get(f"/town/proposals/{proposal}/")
            self._must_be_blind(page)
            form = page.form_with(action="/rank/")
            names = sorted(name for name in form.names if name.startswith("rank_"))
            order = [name for name in form.options if name in names]
            ranks = {name: str(index) for index, name in enumerate(order, start=1)}
            page = town.browser.submit(page, form, ranks)
            page.must_say("内容を確かめて")
            page = town.browser.submit(page, page.form_with("confirmed"))
            page.must_say("意向を確かめています")
        return "ranked by both towns"

    def _must_be_blind(self, page: Page) -> None:
        for person in (self.cast.specialist, self.cast.second):
            profile = person.user.specialist
            page.must_not_say(profile.name, profile.kana, profile.pool_number, person.user.email)

    def approach(self) -> str:
        """県: approach the person whom both towns want, for both needs at once."""
        browser = self.cast.coordinator.browser
        page = browser.get("/admin/proposals/proposal/board/")
        wanted = {str(pk) for pk in self.proposals}
        for form in page.forms:
            sent = set(form.options.get("proposals", []))
            if wanted <= sent:
                browser.submit(page, form, {"proposals": sorted(wanted)}).must_say("に打診しました")
                return "one approach for two towns"
        raise Unexpected("the board offers no person whom both towns want")

    def answer(self) -> str:
        """専門人材: read the approach, take it on, agree that both towns see the name."""
        browser = self.cast.specialist.browser
        page = browser.get("/specialist/")
        page = browser.get(page.link(r"/specialist/approaches/\d+/"))
        self.bundle = _number(page.url)
        page = browser.submit(
            page,
            page.form_with("answer", "agreed"),
            {"answer": "accept", "agreed": self.cast.codes},
        )
        page.must_say("お引き受けいただきありがとうございます")
        return f"bundle {self.bundle}"

    def open_names(self) -> str:
        """市町: ask for the name; both have agreed, so it opens, and the person sees who looked."""
        name = self.cast.specialist.user.specialist.name
        for town, proposal in zip(self.cast.towns, self.proposals, strict=True):
            page = town.browser.get(f"/town/proposals/{proposal}/")
            page.must_not_say(name)
            page = town.browser.submit(page, page.form_with(action="/disclosure/"))
            page.must_say(name)
        self.cast.specialist.browser.get("/specialist/profile/views/").must_say("お名前と登録内容")
        return "names open to both towns"

    def decide(self) -> str:
        """市町: note the interview, decide with a document number."""
        today = timezone.localdate()
        for index, (town, proposal) in enumerate(
            zip(self.cast.towns, self.proposals, strict=True), start=1
        ):
            page = town.browser.get(f"/town/proposals/{proposal}/")
            page = town.browser.submit(
                page, page.form_with(action="/interview/"), _date("held_on", today)
            )
            page = town.browser.submit(
                page,
                page.form_with("document_number"),
                {"document_number": f"通し第{index}号", **_date("decided_on", today)},
            )
            page.must_say("決定")
        return "decided by both towns"

    def sign(self) -> str:
        """県: sign the shared engagement; both towns see days and cost, which sum to the yen."""
        browser = self.cast.coordinator.browser
        page = browser.get(f"/admin/proposals/bundle/{self.bundle}/change/")
        page = browser.submit(page, page.form_with("form", "signed_on_0"))
        page.must_say("を締結しました")
        self.engagement = _number(re.sub(r"/change/$", "", page.url))
        for town in self.cast.towns:
            page = town.browser.get(f"/town/engagements/{self.engagement}/")
            page.must_say("通し第1号", "通し第2号")
        self.cast.specialist.browser.get(f"/specialist/engagements/{self.engagement}/")
        return f"engagement {self.engagement}"

    def publish(self) -> str:
        """市町 completes the vacancy, 県 publishes it, anybody reads it."""
        town = self.cast.other_town.browser
        april = date(fiscal_year(timezone.localdate()) + 1, 4, 1)
        page = complete(town, f"/town/vacancies/{self.vacancy_no}/", april)
        town.submit(page, page.form_with(action="/submit/"))
        browser = self.cast.coordinator.browser
        page = browser.get("/admin/vacancies/vacancy/?q=" + self.vacancy_no)
        page = browser.get(page.link("/change/"))
        form = next(
            (form for form in page.forms if any(name == "publish" for name, _ in form.buttons)),
            None,
        )
        if form is None:
            raise Unexpected(f"{page.url} offers no publishing")
        browser.submit(page, form, button=("publish", "1"))
        Browser(browser.base).get(f"/vacancies/{self.vacancy_no}/").must_say(self.mark)
        return f"/vacancies/{self.vacancy_no}/"

    def export(self) -> str:
        """県: freeze the month, record the decision, submit; the file holds the vacancy."""
        browser = self.cast.coordinator.browser
        today = timezone.localdate()
        address = f"/admin/vacancies/ministryexport/months/{today:%Y-%m}/"
        page = browser.get(address)
        if any(("verb", "discard") in form.buttons for form in page.forms):
            page = browser.submit(page, _form_of(page, "discard"), button=("verb", "discard"))
        form = _form_of(page, "freeze")
        asked = {"reason": "通し確認", "early": "on"}  # the second before the cut-off only
        said: dict[str, Any] = {name: asked[name] for name in asked if name in form.names}
        page = browser.submit(page, form, said, button=("verb", "freeze"))
        form = _form_of(page, "approve")
        values: dict[str, Any] = {"document_number": "通し第3号", "approver": "通し確認 課長"}
        page = browser.submit(
            page,
            form,
            {**values, **_date("document_date", today)},
            button=("verb", "approve"),
        )
        page = browser.submit(page, _form_of(page, "submit"), button=("verb", "submit"))
        file = browser.get(page.link("/file/")).body
        if not file.startswith(b"\xef\xbb\xbf") or b"\r\n" not in file:
            raise Unexpected("the export lacks its BOM or CRLF")
        if self.vacancy_no.encode() not in file:
            raise Unexpected(f"the export lacks vacancy {self.vacancy_no}")
        return f"{file.count(bytes([13, 10])) - 1} rows, {len(file)} bytes"

    # --- The desk's line ------------------------------------------------------------------------
    def ask(self) -> str:
        """市町: ask the desk."""
        town = self.cast.towns[0].browser
        page = town.get("/town/consultations/new/")
        form = page.form_with("topic", "question")
        page = town.submit(
            page,
            form,
            {
                "topic": "NW",
                "stage": next(value for value in form.options["stage"] if value),
                "title": f"無線の仕様の書き方 {self.mark}",
                "question": "庁内の無線について、仕様書に何を書けばよいでしょうか。",
                "secrecy": "shareable",
            },
        )
        self.consultation = _number(page.url)
        return f"consultation {self.consultation}"

    def reply(self) -> str:
        """県: answer it."""
        browser = self.cast.coordinator.browser
        page = browser.get(f"/admin/desk/consultation/{self.consultation}/change/")
        form = page.form_with("body", action="/reply/")
        values = {"body": "接続台数と電波の調査を、仕様書に書いてください。"}
        browser.submit(page, form, values, button=_button(form, "answer"))
        self.cast.towns[0].browser.get(f"/town/consultations/{self.consultation}/").must_say(
            "接続台数と電波の調査"
        )
        return "answered"

    def propose_article(self) -> str:
        """県: propose the anonymised answer as an article."""
        browser = self.cast.coordinator.browser
        page = browser.get(f"/admin/knowledge/article/propose/{self.consultation}/")
        browser.submit(page, page.form_with("title", "answer"))
        page = self.cast.towns[0].browser.get("/town/")
        self.article = _number(page.link("/review/"))
        return f"article {self.article}"

    def approve_article(self) -> str:
        """市町: see what will be shared, approve; the other town reads it without the name."""
        first, second = (town.browser for town in self.cast.towns)
        second.get(f"/town/knowledge/{self.article}/", status=404)
        page = first.get(f"/town/knowledge/{self.article}/review/")
        first.submit(page, page.form_with(action="/approve/"))
        page = second.get(f"/town/knowledge/{self.article}/")
        page.must_say("接続台数と電波の調査")
        return "shared with all towns"

    def steps(self) -> Iterator[Callable[[], str]]:
        """All steps in order."""
        yield from (
            self.post_needs,
            self.accept_needs,
            self.start_run,
            self.wait_for_plan,
            self.read_reasons,
            self.offer,
            self.make_vacancy,
            self.rank,
            self.approach,
            self.answer,
            self.open_names,
            self.decide,
            self.sign,
            self.publish,
            self.export,
            self.ask,
            self.reply,
            self.propose_article,
            self.approve_article,
        )


def _button(form: Any, word: str) -> tuple[str, str] | None:
    """The form's button whose name or value is `word`; the only one where none is named so."""
    for name, value in form.buttons:
        if word in (name, value):
            return (name, value)
    return None


def _form_of(page: Page, verb: str) -> Form:
    """The form of the month's page with the button of a verb."""
    for form in page.forms:
        if ("verb", verb) in form.buttons:
            return form
    raise Unexpected(
        f"{page.url} offers no 「{verb}」: look there whether an earlier month is still on its way"
        " or a value cannot be written"
    )
