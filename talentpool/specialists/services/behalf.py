"""What a coordinator does for somebody who said so by telephone or on paper: the same verbs as the
person's own, each with how it was said."""

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.urls import reverse

from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.specialists import terms
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import Consent, Purpose, Specialist, StatusChange
from talentpool.specialists.models.consent import PLEDGES, REQUIRED
from talentpool.specialists.notices import tell_specialist
from talentpool.specialists.services import consent, registration, vetting
from talentpool.users.models import User

FOR_ANYBODY = {
    "pause": "休止する",
    "resume": "再開する",
    "withdraw": "登録を取りやめる",
}
# What agrees to words or sends a registration in is done by an account's owner.
WITHOUT_ACCOUNT = {
    "renew": "登録を更新する",
    "reapply": "もう一度、申請の準備を始める",
    "submit": "申請として受け付ける",
}
TAKE_BACK = "take_back_"


def verbs_of(person: Specialist, today: date) -> list[tuple[str, str]]:
    """What a coordinator may do for the person now: verb and words."""
    found = [(verb, label) for verb, label in FOR_ANYBODY.items() if person.allows(verb)]
    if person.user_id is None:
        found += [
            (verb, label)
            for verb, label in WITHOUT_ACCOUNT.items()
            if _may_without_account(person, verb, today)
        ]
    given = set(
        Consent.objects.current().filter(specialist=person).values_list("purpose", flat=True)
    )
    return found + [
        (TAKE_BACK + purpose.value, f"「{purpose.label}」への同意を取り消す")
        for purpose in Purpose
        if purpose in given and purpose not in PLEDGES
    ]


def _may_without_account(person: Specialist, verb: str, today: date) -> bool:
    if verb == "renew":
        return person.may_renew and terms.renewal_is_open(person.registered_until, today)
    return person.allows(verb)


@transaction.atomic
def act_for(person: Specialist, verb: str, *, reason: str, papers: bool, by: User) -> None:
    """Carry out one of `verbs_of` for the person, who is told by mail where there is an account. By
    a coordinator. `papers` says that all words in force are there, signed: without them nobody is
    renewed.

    Raises PoolRefused.
    """
    if not is_coordinator(by):
        raise PoolRefused("本人に代わって行えるのは、県コーディネーターと県決裁者です。")
    if not reason.strip():
        raise PoolRefused("本人がどのように申し出たかを入れてください。")
    if verb in WITHOUT_ACCOUNT and person.user_id is not None:
        raise PoolRefused("本人が利用者を持っているため、本人の画面から行います。")
    if verb.startswith(TAKE_BACK):
        _take_back(person, verb.removeprefix(TAKE_BACK), reason=reason, by=by)
    elif verb == "renew":
        _renew(person, reason=reason, papers=papers, by=by)
    elif verb == "submit":
        vetting.take_in(person, reason=reason, by=by)
    elif verb in {"pause", "resume", "withdraw", "reapply"}:
        getattr(vetting, verb)(person, reason=reason, by=by)
    else:
        raise PoolRefused("この操作はできません。")
    step = person.status_changes.order_by("-pk").first()
    tell_specialist(
        person,
        subject="登録について、お申し出のとおりにしました",
        first_line="県が、あなたのお申し出により登録の状態を変えました。内容は次のページで"
        "確かめてください。心当たりがないときは、県にお知らせください。",
        path=reverse("specialist:registration"),
        key=f"behalf:{person.pk}:{step.pk if step else 0}",
    )


@transaction.atomic
def enter_for(
    person: Specialist,
    what: str,
    enter: Callable[[], object],
    *,
    reason: str,
    by: User,
    thing: str = "",
) -> None:
    """Carry out `enter`, with which a coordinator enters what somebody without an account has said.
    `what` says in words what was entered, `thing` which one, `reason` how the person said it: all
    stay among the steps of the registration, the state stays. Raises PoolRefused."""
    row = Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if not registration.is_writable_for(row, by):
        raise PoolRefused("利用者のない人の登録だけを、県が本人に代わって入力できます。")
    if not reason.strip():
        raise PoolRefused("本人がどのように申し出たかを入れてください。")
    enter()
    which = f"（{thing}）" if thing else ""  # of the person: not for the log, which is kept
    said = f"本人に代わって、{what}{which}。{reason.strip()}"
    last = row.status_changes.first()
    if vetting.was_just_done(row, "enter", by=by) and last is not None and last.reason == said:
        return  # a second click: what it entered is kept once
    StatusChange.objects.create(
        specialist=row,
        verb="enter",
        before=row.status,
        after=row.status,
        reason=said,
        by=by,
    )
    audit.record("enter_for_person", row, by=by, detail={"what": what})


def _renew(person: Specialist, *, reason: str, papers: bool, by: User) -> None:
    lacking = consent.missing(person, REQUIRED)
    if lacking and not papers:
        names = "、".join(text.get_purpose_display() for text in lacking)
        raise PoolRefused(f"今の文面での同意・誓約の書面が要ります：{names}")
    consent.give(person, lacking, method=Consent.Method.PAPER, by=by)
    vetting.renew(person, reason=reason, by=by)


def _take_back(person: Specialist, purpose: str, *, reason: str, by: User) -> None:
    """The step keeps how the person said so; the state stays."""
    given = Consent.objects.current().filter(specialist=person, purpose=purpose)
    if not given.exists():
        raise PoolRefused("この同意は、いまはありません。")
    consent.withdraw(person, purpose, by=by)
    now = Specialist.objects.get(pk=person.pk)
    if now.allows("reapply") or now.allows("readmit"):
        return  # a step would begin the term of keeping anew
    label = Purpose(purpose).label
    StatusChange.objects.create(
        specialist=now,
        verb="take_back",
        before=now.status,
        after=now.status,
        reason=f"「{label}」への同意の取消し。{reason.strip()}",
        by=by,
    )
