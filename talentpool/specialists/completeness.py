"""The topics of a registration, and what each still lacks before it can be sent in."""

from collections.abc import Callable

from talentpool.specialists.models import Background, Purpose, Specialist
from talentpool.specialists.models.consent import PLEDGES, REQUIRED
from talentpool.specialists.services import consent

# One topic a page, in this order. Consent stands first: no personal field before it (B-01).
TOPICS: dict[str, str] = {
    "consent": "利用目的の確認と同意",
    "basics": "お名前と区分",
    "background": "経歴と勤め先",
    "skills": "できること",
    "roles": "人材類型と経験",
    "certificates": "資格",
    "conditions": "働き方と報酬",
    "documents": "書類",
    "pledges": "誓約",
}
OPTIONAL = frozenset({"certificates", "documents"})
CONSENTS: list[str] = [purpose for purpose in Purpose.values if purpose not in PLEDGES]


def missing_of(person: Specialist) -> dict[str, list[str]]:
    """What is missing, in words, by topic; a topic without anything missing is not in it."""
    found = {topic: list(_LACKS[topic](person)) for topic in TOPICS if topic in _LACKS}
    return {topic: words for topic, words in found.items() if words}


def has_consented(person: Specialist) -> bool:
    """Whether the person has agreed to what must be agreed to before anything is asked."""
    return not consent.missing(person, REQUIRED - PLEDGES)


def _consent(person: Specialist) -> list[str]:
    return [text.get_purpose_display() for text in consent.missing(person, REQUIRED - PLEDGES)]


def _pledges(person: Specialist) -> list[str]:
    return [text.get_purpose_display() for text in consent.missing(person, PLEDGES)]


def _empty(person: object, **fields: str) -> list[str]:
    return [label for name, label in fields.items() if getattr(person, name) in (None, "")]


def _basics(person: Specialist) -> list[str]:
    return _empty(person, name="お名前", kana="フリガナ", base_id="拠点の市町")


def _background(person: Specialist) -> list[str]:
    more = getattr(person, "background", None) or Background()
    if person.kind == Specialist.Kind.RETIRED:
        return _empty(
            more,
            retired_on="退職した日",
            last_post="最後の職",
            was_manager="部課長級以上の職に就いたことがあるか",
            departments="退職前5年間の所属",
            present_work="今の勤め先",
        )
    if person.kind == Specialist.Kind.SIDE_JOB:
        return _side_job(person, more)
    if person.kind in Specialist.BELONGING:
        return _empty(person, employer="所属先")
    return []


def _side_job(person: Specialist, more: Background) -> list[str]:
    lacks = _empty(person, employer="勤務先") + _empty(more, permit_needed="許可が要るか")
    if more.permit_needed:
        lacks += _empty(more, permit_given_on="許可を受けた日")
        lacks += _empty(person, side_job_permit_until="許可の期限")
        if not person.documents.filter(kind="permit").exists():
            lacks.append("許可・承諾書の写し(「書類」で送ります)")
    return lacks


def _skills(person: Specialist) -> list[str]:
    return [] if person.skills.exists() else ["業務分野"]


def _roles(person: Specialist) -> list[str]:
    more = getattr(person, "work_profile", None)
    return [] if more is not None and more.talent_types else ["人材類型"]


def _conditions(person: Specialist) -> list[str]:
    lacks = [] if person.forms.exists() else ["受けられる形態"]
    has_wish = person.half_day_rate_yen or person.pay_wishes.exists()
    return lacks if has_wish else [*lacks, "報酬の希望"]


_LACKS: dict[str, Callable[[Specialist], list[str]]] = {
    "consent": _consent,
    "basics": _basics,
    "background": _background,
    "skills": _skills,
    "roles": _roles,
    "conditions": _conditions,
    "pledges": _pledges,
}
