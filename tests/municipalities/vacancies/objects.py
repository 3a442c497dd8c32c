"""Towns, staff, needs and vacancies in a named state, made by the verbs themselves."""

from datetime import date
from itertools import count
from typing import Any

from django.utils import timezone

from municipalities.registry.models import Membership, Municipality, Population, Prefecture
from municipalities.registry.services import add_member
from municipalities.vacancies import services
from municipalities.vacancies.models import Need, NeedSkill, Vacancy
from municipalities.vacancies.wording import wording_on
from talentpool.conventions.months import add_months, first_of_month
from talentpool.embedded.sample import past
from talentpool.outbox.models import Message
from talentpool.users.models import User
from talentpool.vocabulary.models import Level, Skill

PASSWORD = "a-long-pass-phrase-7"
TOWNS = {
    "342157": ("江田島市", "えたじまし"),
    "342084": ("府中市", "ふちゅうし"),
    "343021": ("府中町", "ふちゅうちょう"),
}
_numbers = count(1)


def make_town(code: str = "342157") -> Municipality:
    """A town of the prefecture, by its code, with a population."""
    prefecture, _ = Prefecture.objects.get_or_create(
        code="340006", defaults={"name": "広島県", "kana": "ひろしまけん"}
    )
    name, kana = TOWNS.get(code, (f"町{code}", f"まち{code}"))
    town, made = Municipality.objects.get_or_create(
        code=code, defaults={"prefecture": prefecture, "name": name, "kana": kana}
    )
    if made:
        Population.objects.create(
            municipality=town, as_of=date(2020, 1, 1), value=22_000, source="見本"
        )
    return town


def make_staff(role: Membership.Role, municipality: Municipality | None = None) -> User:
    return add_member(
        email=f"staff{next(_numbers)}@example.jp",
        name="見本 職員",
        role=role,
        municipality=municipality,
        section="総務課" if municipality else "デジタル基盤整備課",
        password=PASSWORD,
        by=None,
    ).user


def make_editor(code: str = "342157") -> User:
    return make_staff(Membership.Role.EDITOR, make_town(code))


def make_coordinator() -> User:
    return make_staff(Membership.Role.COORDINATOR)


def make_auditor() -> User:
    return make_staff(Membership.Role.AUDITOR)


def make_skills() -> None:
    """The code lists that needs point at."""
    for order, (code, name) in enumerate([("NW", "ネットワーク"), ("SEC", "セキュリティ")]):
        Skill.objects.get_or_create(code=code, defaults={"name": name, "order": order})
    for number in range(1, 5):
        Level.objects.get_or_create(
            number=number,
            defaults={"name": f"レベル{number}", "itss_from": number, "itss_to": number + 1},
        )


def make_need(
    in_status: str = "draft", *, by: User | None = None, code: str = "342157", **values: Any
) -> Need:
    """A need brought to a state by its verbs; `by` is the town's editor."""
    make_skills()
    town = make_town(code)
    editor = by or make_editor(code)
    start = add_months(first_of_month(timezone.localdate()), 2)
    given: dict[str, Any] = {
        "title": "ネットワーク更改の仕様の確認",
        "problem": Need.Problem.NETWORK,
        "description": "仕様書の内容を確かめたい。",
        "half_days": 5,
        "least_half_days": 3,
        "first_month": start,
        "last_month": add_months(start, 5),
        "place": Need.Place.MIXED,
        "on_site_half_days": 2,
    }
    need = Need.objects.create(municipality=town, created_by=editor, **given | values)
    NeedSkill.objects.create(need=need, skill_id="NW", level=3)
    if in_status == "draft":
        return need
    if in_status == "withdrawn":
        return services.withdraw_need(need, by=editor)
    need = services.submit_need(need, by=editor)
    if in_status == "submitted":
        return need
    coordinator = make_coordinator()
    if in_status == "returned":
        return services.return_need(need, remark="期間を確かめてください。", by=coordinator)
    need = services.accept_need(need, priority=2, by=coordinator)
    if in_status == "filled":
        return services.mark_filled(need, by=coordinator)
    if in_status == "unfilled":
        return services.mark_unfilled(need, by=coordinator)
    if in_status == "lapsed":
        return services.mark_lapsed(need, by=None)
    assert in_status == "accepted", in_status
    return need


COMPLETE = {
    "joint_type": "0",
    "issues": "庁内ネットワークの更改を控えている。",
    "position_title": "CIO補佐官",
    "talent_type": "PR",
    "work_fields": "NW;SEC",
    "duties": "更改の仕様書の確認と助言",
    "engagement_form": "10",
    "legal_basis": "地方公務員法第3条第3項第3号",
    "headcount": "1",
    "start_date": "2027-04-01",
    "end_date": "2028-03-31",
    "renewal": "2",
    "renewal_terms": "通算3年まで",
    "frequency_unit": "D",
    "freq_min": "2",
    "freq_max": "4",
    "place": "江田島市役所",
    "remote": "1",
    "onsite_freq": "月1日",
    "side_job": "1",
    "pay_unit": "D",
    "pay_min": "20000",
    "pay_max": "30000",
    "travel": "2 旅費条例の例による",
    "req_must": "自治体のネットワーク更改の経験",
    "selection": "書類と面接",
    "open_date": "2026-04-01",
    "close_type": "2",
    "apply_method": "市役所へメールで",
    "dept": "総務課",
    "contact_name": "主任 沖野みどり",
    "tel": "0823-43-1111",
    "email": "joho@example.lg.jp",
    "publish_ok": "1",
}


def make_vacancy(
    in_status: str = "draft",
    *,
    by: User | None = None,
    code: str = "342157",
    outcome: str = "filled",
    **values: str,
) -> Vacancy:
    """A complete vacancy brought to a state by its verbs; `by` is the town's editor. One whose last
    day is over came there on that day: nothing is handed on with a day that has passed."""
    editor = by or make_editor(code)
    given = (values.get("close_date"), values.get("publish_until"))
    last = min(filter(None, given), default="")
    if last and date.fromisoformat(last) < timezone.localdate():
        with past.on(date.fromisoformat(last)):
            return _brought_to(in_status, editor, code, outcome, values)
    return _brought_to(in_status, editor, code, outcome, values)


def _brought_to(
    in_status: str, editor: User, code: str, outcome: str, values: dict[str, str]
) -> Vacancy:
    vacancy = services.create_vacancy(make_town(code), COMPLETE | values, by=editor)
    if in_status == "draft":
        return vacancy
    if in_status == "withdrawn":
        return services.withdraw_vacancy(vacancy, by=editor)
    vacancy = services.submit_vacancy(vacancy, by=editor)
    if in_status == "submitted":
        return vacancy
    coordinator = make_coordinator()
    if in_status == "returned":
        return services.return_vacancy(vacancy, remark="報酬を確かめて。", by=coordinator)
    vacancy = services.publish_vacancy(vacancy, by=coordinator)
    if in_status == "closed":
        return services.close_vacancy(vacancy, outcome=outcome, by=editor)
    assert in_status == "published", in_status
    return vacancy


def change(vacancy: Vacancy, by: User, **values: str) -> Vacancy:
    """A change of what is published, written by its town and published by the coordinator."""
    vacancy = services.open_change(vacancy, by=vacancy.created_by)
    vacancy, problems = services.save_values(
        vacancy, values, identifiers=list(values), version=vacancy.version, by=vacancy.created_by
    )
    assert not problems
    vacancy = services.submit_change(vacancy, by=vacancy.created_by)
    return services.publish_change(vacancy, by=by)


def answer_wishes() -> None:
    """What a worker does with every wish for news that was ever queued."""
    for message in Message.objects.filter(payload__name="vacancies.answer_wish").order_by("pk"):
        services.answer_wish(*message.payload["args"])


def agreed() -> dict[str, str]:
    """The hidden input of the page on which news are asked for."""
    return {"consent": wording_on(timezone.localdate()).version}
