"""Fill in a vacancy of the standard form as a town would: what is missing, with plain answers."""

from datetime import date, timedelta

from django.utils import timezone

from talentpool.embedded.walkthrough.browser import Browser, Form, Page, Unexpected

ROUNDS = 3  # answers make further fields necessary


def answers(start: date) -> dict[str, str]:
    """Answers by the form's identifiers, for a post that begins on `start`."""
    today = timezone.localdate()
    return {
        "position_title": "CIO補佐官(通し確認)",
        "talent_type": "PR",
        "work_fields": "GOV",
        "duties": "計画づくりと庁内の調整について助言する。",
        "issues": "庁内の調整について助言がほしい。",
        "engagement_form": "10",
        "legal_basis": "地方公務員法第3条第3項第3号",
        "headcount": "1",
        "start_date": f"{start:%Y-%m-%d}",
        "renewal": "0",
        "frequency_unit": "D",
        "freq_min": "1",
        "freq_max": "3",
        "place": "本庁舎",
        "remote": "1",
        "onsite_freq": "月1回",
        "side_job": "1",
        "pay_unit": "D",
        "pay_min": "20000",
        "pay_max": "30000",
        "travel": "1",
        "req_must": "自治体の計画づくりに関わった経験",
        "selection": "書類と面接(オンライン可)",
        "open_date": f"{today:%Y-%m-%d}",
        "close_type": "1",
        "close_date": f"{today + timedelta(days=40):%Y-%m-%d}",
        "apply_method": "市区町村へ直接",
        "dept": "情報主管課",
        "tel": "082-000-0000",
        "email": "section@town.example.jp",
        "publish_ok": "1",
        "joint_type": "0",
        "population": "10000",
        "population_date": "2020-01-01",
    }


def complete(browser: Browser, address: str, start: date) -> Page:
    """Go through the sections of the draft until nothing is missing; returns its page."""
    known = answers(start)
    for _ in range(ROUNDS):
        page = browser.get(address)
        if any("submit" in form.action for form in page.forms):
            return page
        for link in dict.fromkeys(link for link in page.links if link.startswith(address)):
            _fill(browser, link, known)
    page = browser.get(address)
    if not any("submit" in form.action for form in page.forms):
        raise Unexpected(f"{address} still lacks something after {ROUNDS} rounds")
    return page


def _fill(browser: Browser, address: str, known: dict[str, str]) -> None:
    """Fill in one section; a link of the draft that leads to no section is passed over."""
    page = browser.get(address)
    form = next((form for form in page.forms if "version" in form.names), None)
    if form is None:
        return
    values = {name: value for name, value in _typed(form, known).items() if name in form.names}
    # 422: saved as far as it goes, something else is still missing
    browser.submit(page, form, values, status=(200, 422))


def _typed(form: Form, known: dict[str, str]) -> dict[str, str]:
    """The known answers for what is empty; a date in three boxes where the form has them."""
    filled = {name for name, value in form.fields if value}
    values: dict[str, str] = {}
    for name, value in known.items():
        if f"{name}_0" in form.names and f"{name}_0" not in filled:
            parts = [str(int(part)) for part in value.split("-")]
            values |= {f"{name}_{index}": part for index, part in enumerate(parts)}
        elif name not in filled:
            values[name] = value
    return values
