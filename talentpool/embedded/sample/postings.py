"""Vacancies of the sample prefecture: several published ones, one of two towns together, two
months that went to the ministry, the running round, and one of everything that waits."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.vacancies import services
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import (
    FormVersion,
    JointTown,
    MonthlyRound,
    RoundAnswer,
    Vacancy,
)
from municipalities.vacancies.services.answers import days_of
from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.era import fiscal_year, fiscal_year_span
from talentpool.conventions.months import add_months, first_of_month
from talentpool.embedded.sample import past
from talentpool.embedded.sample.places import as_said_here, here
from talentpool.outbox.models import Message
from talentpool.users.models import User

FILE = Path(__file__).parent / "vacancies.toml"
MONTHS = 3  # how far back the sample begins
OWN_KEYS = frozenset(
    {"key", "town", "partners", "posted", "closes", "this_year", "open_type", "question", "answer"}
)
UNKNOWN_POPULATION = {"population": "10000", "population_date": "2020-10-01"}  # sample figures
SILENT = 6  # towns that have not answered the running round yet


def first_day() -> date:
    """The day on which the sample's past begins, or today while the form is younger than that."""
    day = add_months(first_of_month(timezone.localdate()), -MONTHS)
    form = FormVersion.objects.in_force_on(day)
    return day if form is not None else timezone.localdate()


def read_postings() -> list[dict[str, Any]]:
    """The rows of the file, each with what is common to all."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [content["common"] | row for row in content["vacancy"]]


def post_vacancies(coordinator: User) -> None:
    """Play the months in the order of their days; today's clock holds again at the end."""
    today = timezone.localdate()
    start = first_day()
    if start == today:
        return
    rows = {row["key"]: row for row in read_postings()}
    made: dict[str, Vacancy] = {}
    for back in range(MONTHS, -1, -1):
        month = add_months(first_of_month(today), -back)
        for key in [key for key, row in rows.items() if row["posted"] == back]:
            with past.on(min(add_business_days(month, 0), today)):
                made[key] = _write(rows[key], today)
                if key not in {"asked", "submitted"}:
                    _publish(made[key], rows[key], coordinator)
        if back == MONTHS:
            continue  # nothing was sent yet
        _hold_round(month, today, silent=SILENT if back == 0 else 0)
        if back == 1:
            _month_of_changes(made, month, coordinator)
        if back:
            _send(month, coordinator)
    with past.on(min(first_of_month(today) + timedelta(days=3), today)):
        services.ask_partners(made["asked"], by=_editor(made["asked"].municipality_id))
        services.submit_vacancy(made["submitted"], by=_editor(made["submitted"].municipality_id))
        _ask(rows["data"], made["data"])
    # What was mailed then arrived long ago.
    Message.objects.filter(created_at__lt=timezone.now() - timedelta(minutes=30)).delete()


def _editor(code: str) -> User:
    return User.objects.get(email=f"{code}@town.example.jp")


def _write(row: dict[str, Any], today: date) -> Vacancy:
    town = Municipality.objects.get(pk=here(row["town"]))
    values = {key: as_said_here(text) for key, text in row.items() if key not in OWN_KEYS}
    if not town.populations.exists():  # only Hiroshima's come with the product
        values |= UNKNOWN_POPULATION
    partners = [here(code) for code in row.get("partners", [])]
    if partners:
        values |= {"joint_type": "1", "joint_members": ";".join([town.code, *partners])}
    april = date(fiscal_year(today) + 1, 4, 1)
    start, end = april, add_months(april, 12) - timedelta(days=1)
    if row.get("this_year"):  # of the day on which it was posted
        start = add_months(first_of_month(timezone.localdate()), 1)
        _, end = fiscal_year_span(fiscal_year(start))
    closes = row.get("closes")
    values |= {
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
        "open_date": timezone.localdate().isoformat(),
        "close_type": "1" if closes else "2",
        "close_date": (today + timedelta(days=closes)).isoformat() if closes else "",
        "tel": "082-000-0000",
        "email": f"joho-{town.code}@town.example.jp",
        "skills": row["work_fields"],
    }
    return services.create_vacancy(town, values, by=_editor(town.code))


def _publish(vacancy: Vacancy, row: dict[str, Any], coordinator: User) -> None:
    editor = _editor(vacancy.municipality_id)
    if vacancy.joint_codes:
        services.ask_partners(vacancy, by=editor)
        for answer in JointTown.objects.filter(vacancy=vacancy):
            services.agree_to_join(
                answer, version=vacancy.version, by=_editor(answer.municipality_id)
            )
    services.submit_vacancy(vacancy, by=editor)
    services.publish_vacancy(vacancy, by=coordinator)


def _hold_round(month: date, today: date, *, silent: int) -> None:
    """Ask the towns and take the answers of all but some."""
    opens, _ = days_of(month)
    if opens > today:
        return
    with past.on(opens):
        services.open_round(opens)
    round_ = MonthlyRound.objects.filter(month=month).first()
    if round_ is None:
        return
    answers = list(RoundAnswer.objects.filter(round=round_).order_by("municipality__code"))
    with past.on(min(add_business_days(opens, 2), today)):
        for answer in answers[: len(answers) - silent]:
            services.confirm_round(answer, by=_editor(answer.municipality_id))


def _month_of_changes(made: dict[str, Vacancy], month: date, coordinator: User) -> None:
    """Between two submissions: pay goes up, somebody is found, something is taken back."""
    with past.on(add_business_days(month, 4)):
        raised = made["raised"]
        editor = _editor(raised.municipality_id)
        raised = services.open_change(raised, by=editor)
        raised, _ = services.save_values(
            raised,
            {"pay_max": "45000"},
            identifiers=["pay_max"],
            version=raised.version,
            by=editor,
        )
        services.submit_change(raised, by=editor)
        services.publish_change(raised, by=coordinator)
        services.close_vacancy(
            made["filled"], outcome="filled", by=_editor(made["filled"].municipality_id)
        )
        services.withdraw_vacancy(
            made["withdrawn"],
            note="庁舎の移転が来年度以後になったため",
            by=_editor(made["withdrawn"].municipality_id),
        )


def _send(month: date, coordinator: User) -> None:
    """Freeze the month after the cut-off, note the decision, send."""
    _, cut_off = days_of(month)
    decided = add_business_days(cut_off, 3)
    with past.on(add_business_days(cut_off, 1)):
        export = services.freeze_month(month, by=coordinator)
    with past.on(decided):
        services.approve_export(
            export,
            document_number=f"見本デ基第{month.month}号",
            document_date=decided,
            approver="デジタル基盤整備課長",
            by=coordinator,
        )
        services.submit_export(export, by=coordinator)


def _ask(row: dict[str, Any], vacancy: Vacancy) -> None:
    try:
        question = services.ask_question(vacancy, text=row["question"])
    except NotAllowedNowError:
        return
    services.answer_question(
        question, answer=row["answer"], hidden=False, by=_editor(vacancy.municipality_id)
    )
