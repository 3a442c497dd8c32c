"""Towns, staff, consultations and articles in a named state, made by the verbs themselves."""

import uuid
from itertools import count
from typing import Any

from consultations.desk import services as desk
from consultations.desk.models import Consultation
from consultations.knowledge import services as knowledge
from consultations.knowledge.models import Article
from municipalities.registry.models import Membership, Municipality, Prefecture
from municipalities.registry.services import add_member
from talentpool.users.models import User
from talentpool.vocabulary.models import Skill

PASSWORD = "a-long-pass-phrase-7"
TOWNS = {
    "342157": ("江田島市", "えたじまし"),
    "342084": ("府中市", "ふちゅうし"),
    "343021": ("府中町", "ふちゅうちょう"),
    "341002": ("広島市", "ひろしまし"),
    "342122": ("東広島市", "ひがしひろしまし"),
    "343099": ("坂町", "さかちょう"),
}
_numbers = count(1)


def make_town(code: str = "342157") -> Municipality:
    """A town of the prefecture, by its code."""
    prefecture, _ = Prefecture.objects.get_or_create(
        code="340006", defaults={"name": "広島県", "kana": "ひろしまけん"}
    )
    name, kana = TOWNS[code]
    town, _ = Municipality.objects.get_or_create(
        code=code, defaults={"prefecture": prefecture, "name": name, "kana": kana}
    )
    return town


def make_topic(code: str = "NW", name: str = "ネットワーク") -> Skill:
    topic, _ = Skill.objects.get_or_create(code=code, defaults={"name": name})
    return topic


def make_staff(
    role: Membership.Role, municipality: Municipality | None = None, name: str = "見本 職員"
) -> User:
    member = add_member(
        email=f"staff{next(_numbers)}@example.jp",
        name=name,
        role=role,
        municipality=municipality,
        section="総務課" if municipality else "デジタル基盤整備課",
        password=PASSWORD,
        by=None,
    )
    return member.user


def make_editor(code: str = "342157", name: str = "沖野 みどり") -> User:
    """A member of staff of a town."""
    return make_staff(Membership.Role.EDITOR, make_town(code), name)


def make_coordinator(name: str = "県見 太郎") -> User:
    return make_staff(Membership.Role.COORDINATOR, name=name)


def make_auditor() -> User:
    return make_staff(Membership.Role.AUDITOR, name="監査 一子")


def unsaved(**values: Any) -> Consultation:
    """What the form hands to `desk.ask`."""
    given = {
        "topic": make_topic(),
        "stage": Consultation.Stage.BUDGET,
        "title": "庁内ネットワーク更改の見積",
        "question": "見積が妥当か確かめたい。",
        "wanted_by": None,
        "secrecy": Consultation.Secrecy.SHAREABLE,
        "request_key": uuid.uuid4(),
    }
    return Consultation(**{**given, **values})


def make_consultation(
    in_status: str = "asked",
    *,
    by: User | None = None,
    coordinator: User | None = None,
    answer: str = "内訳の様式をそろえて取り直してください。",
    **values: Any,
) -> Consultation:
    """A consultation in `in_status`: asked, in_progress, answered, closed or withdrawn."""
    asker = by or make_editor()
    made = desk.ask(unsaved(**values), by=asker)
    if in_status in {"in_progress", "answered", "closed"}:
        staff = coordinator or make_coordinator()
        desk.assign(made.pk, assignee=staff, by=staff)
        if in_status != "in_progress":
            desk.answer(made.pk, body=answer, request_key=uuid.uuid4(), by=staff)
    if in_status in {"closed", "withdrawn"}:
        desk.close(made.pk, by=asker)
    return Consultation.objects.get(pk=made.pk)


def make_article(
    in_status: str = "proposed",
    *,
    consultation: Consultation | None = None,
    coordinator: User | None = None,
    title: str = "ネットワーク更改の見積の見方",
    question: str = "見積が妥当かどうか。",
    answer: str = "内訳の様式をそろえて比べる。",
) -> Article:
    """An article in `in_status`: proposed, published, refused or withdrawn (after publication)."""
    staff = coordinator or make_coordinator()
    source = consultation or make_consultation("answered", coordinator=staff)
    article = knowledge.propose_article(
        source.pk, title=title, question=question, answer=answer, by=staff
    )
    asker = source.asked_by
    if in_status in {"published", "withdrawn"}:
        knowledge.approve_article(article.pk, by=asker)
    if in_status == "refused":
        knowledge.refuse_article(article.pk, reason="policy", note="", by=asker)
    if in_status == "withdrawn":
        knowledge.withdraw_article(article.pk, reason="outdated", note="", by=staff)
    return Article.objects.get(pk=article.pk)
