"""A registration in words: for the check page, the review and the renewal."""

from typing import Any

from django.utils import timezone

from talentpool.conventions import amounts, era, weekdays
from talentpool.specialists.completeness import TOPICS
from talentpool.specialists.models import Background, Specialist, WorkProfile
from talentpool.specialists.retirement import Restriction, restrictions
from talentpool.vocabulary.models import Term

Answers = list[tuple[str, str]]


def answers_of(person: Specialist) -> list[dict[str, Any]]:
    """The filled answers by topic, consents and documents aside."""
    more = getattr(person, "background", None) or Background()
    profile = getattr(person, "work_profile", None) or WorkProfile()
    makers = {
        "basics": _basics(person),
        "background": _background(person, more),
        "skills": _skills(person),
        "roles": _roles(person, profile),
        "certificates": _certificates(person),
        "conditions": _conditions(person, profile),
        "documents": [
            (row.get_kind_display(), f"{row.file.name}({row.file.get_state_display()})")
            for row in person.documents.select_related("file")
        ],
    }
    return [
        {"code": code, "label": TOPICS[code], "answers": [pair for pair in pairs if pair[1]]}
        for code, pairs in makers.items()
    ]


def restrictions_of(person: Specialist) -> list[Restriction]:
    """What the law forbids a retired member of the prefecture's staff today, with its last day:
    whoever retired, in whatever capacity he or she is in the pool. A firm's people work for it."""
    more: Background | None = getattr(person, "background", None)
    if more is None:
        return []
    works_for_company = person.kind == Specialist.Kind.FIRM
    return restrictions(
        retired_on=more.retired_on,
        was_manager=bool(more.was_manager),
        works_for_company=works_for_company or more.present_work == Background.Work.COMPANY,
        today=timezone.localdate(),
    )


def _date(day: Any) -> str:
    return era.format_both(day) if day else ""


def _yes_no(value: bool | None) -> str:
    return "" if value is None else ("はい" if value else "いいえ")


def _days(half_days: int | None) -> str:
    return "" if half_days is None else amounts.half_days_label(half_days)


def _labels(vocabulary: str, codes: list[str]) -> str:
    rows = Term.objects.filter(vocabulary=vocabulary, code__in=codes)
    return "、".join(row.label for row in rows)


def _basics(person: Specialist) -> Answers:
    return [
        ("お名前", person.name),
        ("フリガナ", person.kana),
        *([("通称・旧姓", person.known_as)] if person.known_as else []),
        ("区分", person.get_kind_display()),
        ("所属事業者", person.firm.name if person.firm else ""),
        *([("事業者を離れた日", _date(person.left_firm_on))] if person.left_firm_on else []),
        ("拠点の市町", person.base.name_anywhere if person.base else ""),
    ]


def _background(person: Specialist, more: Background) -> Answers:
    return [
        ("退職した日", _date(more.retired_on)),
        ("最後の職", more.last_post),
        ("部課長級以上の職", _yes_no(more.was_manager)),
        ("退職前5年間の所属", more.departments),
        ("今の勤め先", more.get_present_work_display()),
        ("勤務先・所属先", person.employer),
        ("職名", more.post),
        ("再就職の届出", more.get_reported_display()),
        ("副業の許可が要るか", _yes_no(more.permit_needed)),
        ("許可を受けた日", _date(more.permit_given_on)),
        ("許可の期限", _date(person.side_job_permit_until)),
    ]


def _skills(person: Specialist) -> Answers:
    found = []
    for row in person.skills.select_related("skill").order_by("pk"):
        parts = [f"L{row.own_level}"]
        parts += [f"{row.years}年"] if row.years else []
        parts += [f"案件{row.projects}件"] if row.projects else []
        parts += ["自治体の仕事あり"] if row.with_municipalities else []
        parts += [row.evidence] if row.evidence else []
        found.append((row.skill.name, "、".join(parts)))
    return found


def _roles(person: Specialist, profile: WorkProfile) -> Answers:
    return [
        ("人材類型", _labels("talent_type", profile.talent_types)),
        ("役割(DSS-P)", _labels("dss_role", profile.dss_roles)),
        ("経験年数", f"{person.years}年(うち自治体の仕事 {person.municipal_years}年)"),
        ("得意なこと", person.strengths),
        ("日本語のほかに使える言語", profile.languages),
    ]


def _certificates(person: Specialist) -> Answers:
    rows = list(person.certificates.all())
    codes = [row.code for row in rows if row.code]
    labels = dict(
        Term.objects.filter(vocabulary="certificate", code__in=codes).values_list("code", "label")
    )
    found = []
    for row in rows:
        until = f"有効期限 {_date(row.expires_on)}" if row.expires_on else ""
        words = "、".join(filter(None, [row.number, until])) or "番号の記入なし"
        found.append((labels.get(row.code, row.code) or row.other_name, words))
    return found


def _conditions(person: Specialist, profile: WorkProfile) -> Answers:
    pay = "、".join(row.words for row in person.pay_wishes.all())
    return [
        ("受けられる形態", "、".join(form.name for form in person.forms.all())),
        (
            "報酬の希望",
            pay or (f"1日 {amounts.yen_label(person.day_rate_yen)}" if person.day_rate_yen else ""),
        ),
        ("受け持てる市町", f"{person.max_towns}市町まで"),
        ("最低の量", _days(person.least_half_days)),
        ("働き方", person.get_remote_display()),
        ("来庁の上限", _days(profile.most_on_site)),
        ("遠隔の上限", _days(profile.most_remote)),
        ("来庁できる距離", f"{person.radius_km}km"),
        ("移動の手段", profile.travel),
        ("動ける曜日", weekdays.names_of(person.weekdays)),
    ]
