"""The life of a registration, from sending it in to its end; each step keeps its reason."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.pages.opened import fingerprint
from talentpool.specialists import terms
from talentpool.specialists.completeness import missing_of
from talentpool.specialists.errors import EditedMeanwhile, PoolRefused
from talentpool.specialists.models import InterviewNote, Specialist, StatusChange
from talentpool.specialists.models.consent import REQUIRED
from talentpool.specialists.notices import tell_specialist
from talentpool.specialists.services import changes, consent
from talentpool.specialists.services.leaving import prepare_endings
from talentpool.users.models import User

Status = Specialist.Status
NEEDS_REASON = frozenset({"send_back", "refuse", "remove", "readmit"})
MEANWHILE = "開いているあいだに、ほかの画面で保存されました。"
DONE_WORDS = {
    "take_up": "審査を始めました",
    "send_back": "登録の内容について、県から連絡があります",
    "register": "人材プールに登録しました",
    "admit_paused": "人材プールに登録しました",
    "refuse": "登録の申請について、県の決定をお知らせします",
    "remove": "人材プールの登録について、県の決定をお知らせします",
    "readmit": "もう一度、登録を申請できるようになりました",
    "fall_due": "登録の更新をお願いします",
    "lapse": "更新がなかったため、登録を終えました",
}
# After these the person is not matched: what is being coordinated with him or her ends.
LEAVES = frozenset({"pause", "withdraw", "remove", "lapse"})
# In these nobody is matched yet, and may be later.
BEFORE_USE = (Status.DRAFT, Status.APPLIED, Status.UNDER_REVIEW, Status.RENEWAL_DUE)
PAUSED_INSTEAD = {"register": "admit_paused", "renew": "renew_paused"}
SUSPENDED = (
    "利用停止の決定により、登録または更新のあとは休止になります。再開は、本人が画面で行えます。"
)
PREFECTURES_VERBS = ("take_up", "send_back", "register", "refuse", "remove", "readmit")


def _move(person: Specialist, verb: str, *, by: User | None, reason: str = "") -> Specialist:
    """Lock, decide, save, keep the step. Raises PoolRefused in a wrong state or without reason."""
    endings = prepare_endings(person.pk) if verb in LEAVES else []
    row: Specialist = Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if was_just_done(row, verb, by=by):
        return row
    if not row.allows(verb):
        raise PoolRefused(
            f"登録は今「{row.get_status_display()}」のため、この操作はできません。"
            "ほかの人が先に進めたか、画面が古くなっています。"
        )
    if verb in NEEDS_REASON and not reason.strip():
        raise PoolRefused("理由を入れてください。")
    before, row.status = row.status, Specialist.TRANSITIONS[verb][1]
    if verb == "submit":
        row.submitted_at = timezone.now()
    if verb in {"register", "admit_paused", "renew", "renew_paused"}:
        today = timezone.localdate()
        row.registered_on = row.registered_on or today
        row.registered_until = terms.term_end(today)
    row.save()
    step = StatusChange.objects.create(
        specialist=row, verb=verb, before=before, after=row.status, reason=reason.strip(), by=by
    )
    for end in endings:
        end(by)
    audit.record(f"{verb}_specialist", row, by=by)
    if verb in DONE_WORDS:
        tell_specialist(
            row,
            subject=DONE_WORDS[verb],
            first_line=f"{DONE_WORDS[verb]}。内容は次のページで確かめてください。",
            path=reverse("specialist:home"),
            key=f"registration:{step.pk}",
        )
    return row


def was_just_done(person: Specialist, verb: str, *, by: User | None) -> bool:
    """Whether the last step of the registration is this one by the same account, some minutes ago:
    the slower of two clicks says nothing new."""
    last = person.status_changes.first()
    if by is None or last is None or last.by_id != by.pk or last.after != person.status:
        return False
    is_same = last.verb in {verb, PAUSED_INSTEAD.get(verb, verb)}
    return is_same and timezone.now() - last.at < terms.SECOND_CLICK


@transaction.atomic
def submit(person: Specialist, *, by: User) -> Specialist:
    """Send the registration in. By the person. Raises PoolRefused while something is missing."""
    fresh = Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if missing_of(fresh):
        raise PoolRefused("まだ入っていないところがあります。")
    row = _move(fresh, "submit", by=by)
    tell_coordinators(
        subject="人材の登録の申請がありました",
        first_line="人材の登録の申請がありました。審査を始めてください。",
        path=reverse("admin:specialists_specialist_review", args=[row.pk]),
        key=f"application:{row.pk}:{row.submitted_at:%Y%m%d%H%M%S}",
    )
    return row


def take_in(person: Specialist, *, reason: str, by: User) -> Specialist:
    """Send in what staff wrote for somebody without account; the review shows what is missing, as
    for all that the prefecture enters. By a coordinator."""
    return _move(person, "submit", by=by, reason=reason)


def hand_over(person: Specialist, *, by: User) -> None:
    """Let the person who has taken over what the prefecture entered complete and check it: while
    something is missing it goes back to being written, with all that is there. By the person,
    inside the transaction that makes the account."""
    if person.allows("claim") and missing_of(person):
        _move(person, "claim", by=by)


@transaction.atomic
def decide(person: Specialist, verb: str, *, reason: str, by: User) -> Specialist:
    """take_up, send_back, register, refuse, remove or readmit. By a coordinator or an approver of
    the prefecture.

    Nobody is registered without consents and pledges, or a firm's member without the firm's
    agreement. Raises PoolRefused.
    """
    if verb not in PREFECTURES_VERBS or not is_coordinator(by):
        raise PoolRefused("この操作ができるのは、県コーディネーターと県決裁者です。")
    if verb == "register":
        _check_agreements(person)
        verb = "admit_paused" if is_suspended(person) else verb
        changes.note_seen(person, by=by)
    return _move(person, verb, by=by, reason=reason)


@transaction.atomic
def suspend(person: Specialist, *, by: User) -> None:
    """Have the person not used any more, as was granted (article 98 of the Personal Information
    Protection Act): who is registered is paused; who is not yet, or waits for renewal, is paused
    from the registration or renewal on. It ends when the person resumes. By a coordinator."""
    if person.allows("pause"):
        pause(person, by=by)
        return
    row: Specialist = Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if row.status not in BEFORE_USE:
        return  # paused already, or out of the pool
    StatusChange.objects.create(
        specialist=row,
        verb="suspend",
        before=row.status,
        after=row.status,
        reason=SUSPENDED,
        by=by,
    )
    audit.record("suspend_specialist", row, by=by)


def is_suspended(person: Specialist) -> bool:
    """Whether a registration or renewal ends in a pause, because use was suspended before it."""
    steps = person.status_changes.filter(verb__in=["suspend", "pause", "resume", "reapply"])
    last = steps.order_by("-pk").first()
    return last is not None and last.verb == "suspend"


def waits_suspended(person: Specialist) -> bool:
    """Whether it is still to come that a registration or renewal ends in a pause (`SUSPENDED`)."""
    return person.status in BEFORE_USE and is_suspended(person)


def _check_agreements(person: Specialist) -> None:
    """Asked of the row as it is now, which stays locked until the decision is saved."""
    person = Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    lacking = [text.get_purpose_display() for text in consent.missing(person, REQUIRED)]
    if lacking:
        raise PoolRefused("本人の同意・誓約がまだありません：" + "、".join(lacking))
    if person.kind == Specialist.Kind.FIRM and person.firm_agreed_at is None:
        raise PoolRefused("所属の事業者の同意がまだありません。")


def levels_of(person: Specialist) -> dict[str, list[int | None]]:
    """The own and the assessed level by skill: what whoever assesses looks at."""
    rows = person.skills.values_list("skill_id", "own_level", "assessed_level")
    return {code: [own, assessed] for code, own, assessed in rows}


@transaction.atomic
def assess(
    person: Specialist, levels: Mapping[str, int | None], *, opened: str | None = None, by: User
) -> None:
    """Set the prefecture's level (1 to 4, None for none) by skill code; others stay. By a
    coordinator. `opened` is the fingerprint of what the page showed (`levels_of`). Raises
    PoolRefused, and EditedMeanwhile where that is something else now."""
    if not is_coordinator(by):
        raise PoolRefused("評価できるのは、県コーディネーターと県決裁者です。")
    Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    rows = list(person.skills.filter(skill_id__in=list(levels)))
    differs = any(row.assessed_level != levels[row.skill_id] for row in rows)
    if differs and opened is not None and fingerprint(levels_of(person)) != opened:
        raise EditedMeanwhile(MEANWHILE)
    changed = {}
    for row in rows:
        if row.assessed_level != levels[row.skill_id]:
            row.assessed_level = levels[row.skill_id]
            row.save(update_fields=["assessed_level"])
            changed[row.skill_id] = row.assessed_level
    if changed:
        audit.record("assess_skills", person, by=by, detail={"levels": changed})


@transaction.atomic
def write_note(
    person: Specialist, *, held_on: date, text: str, corrects: int | None = None, by: User
) -> InterviewNote:
    """Keep what was said in an interview, or, with the key of a note that it `corrects`, what is to
    be read beside it: the first one stays. The person may ask to read both. By a coordinator; the
    same again is kept once. Raises PoolRefused."""
    if not is_coordinator(by):
        raise PoolRefused("記録できるのは、県コーディネーターと県決裁者です。")
    Specialist.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    first = person.interview_notes.filter(pk=corrects, corrects=None).first() if corrects else None
    if corrects and first is None:
        raise PoolRefused("訂正する記録が見つかりません。画面を開き直してください。")
    facts = {
        "specialist": person,
        "held_on": first.held_on if first else held_on,
        "text": text,
        "corrects": first,
        "written_by": by,
    }
    same: InterviewNote | None = InterviewNote.objects.filter(**facts).first()
    if same is not None:
        return same
    note: InterviewNote = InterviewNote.objects.create(**facts)
    audit.record("write_interview_note", note, by=by, detail={"corrects": corrects})
    return note


@transaction.atomic
def pause(person: Specialist, *, reason: str = "", by: User) -> Specialist:
    """Stop being matched for a while. By the person or a coordinator. Engagements go on."""
    return _move(person, "pause", by=by, reason=reason)


@transaction.atomic
def resume(person: Specialist, *, reason: str = "", by: User) -> Specialist:
    """Be matched again. By the person or a coordinator."""
    return _move(person, "resume", by=by, reason=reason)


@transaction.atomic
def renew(person: Specialist, *, reason: str = "", by: User) -> Specialist:
    """Renew for the next fiscal year, from two months before the end on; who had paused stays
    paused. By the person, who has agreed to the words in force, or by a coordinator for somebody
    without account (`services.behalf`). Raises PoolRefused."""
    if not terms.renewal_is_open(person.registered_until, timezone.localdate()):
        raise PoolRefused("更新できるのは、期限の2か月前からです。")
    _check_agreements(person)
    row = Specialist.objects.get(pk=person.pk)  # locked by the check
    verb = "renew_paused" if _has_paused(row) else "renew"
    return _move(row, verb, by=by, reason=reason)


def _has_paused(person: Specialist) -> bool:
    """Whether the person is paused, or was when the registration fell due."""
    if person.status != Status.RENEWAL_DUE:
        return person.status == Status.PAUSED
    if is_suspended(person):
        return True
    last = person.status_changes.filter(verb="fall_due").order_by("-pk").first()
    return last is not None and last.before == Status.PAUSED


@transaction.atomic
def withdraw(person: Specialist, *, reason: str = "", by: User) -> Specialist:
    """Leave the pool. By the person, or by a coordinator whom the person asked."""
    return _move(person, "withdraw", by=by, reason=reason)


def remind_of_permits() -> int:
    """Mail people in the pool whose permission of side work ends within 30 days, or has ended, once
    for each end and again about once a quarter (`terms.occasion`); returns how many there are. By
    the sweep."""
    today = timezone.localdate()
    soon = today + terms.PERMIT_IS_ASKED_FOR
    people = (
        Specialist.objects.filter(
            kind=Specialist.Kind.SIDE_JOB,
            status__in=Specialist.IN_POOL,
            side_job_permit_until__lte=soon,
        )
        .exclude(background__permit_needed=False)
        .select_related("user")
        .order_by("pk")
    )
    for person in people:
        until = person.side_job_permit_until
        if until is None:  # the filter above asks for a day
            continue
        asked = terms.occasion(until - terms.PERMIT_IS_ASKED_FOR, today)
        tell_specialist(
            person,
            subject="副業の許可・承諾の期限",
            first_line=f"副業の許可・承諾の期限は{until:%Y年%-m月%-d日}です。"
            "勤務先で更新し、新しい期限を入れてください。"
            "新しい期限が入るまで、およそ3か月ごとにお知らせします。",
            path=reverse("specialist:registration_topic", args=["background"]),
            key=f"permit:{person.pk}:{until:%Y%m%d}:{asked}",
        )
    return len(people)


@transaction.atomic
def reapply(person: Specialist, *, reason: str = "", by: User) -> Specialist:
    """Begin again after having left the pool or lapsed: what was entered is there, to be checked
    and sent in anew. By the person, or by a coordinator for somebody without account; whom the
    prefecture removed only after it has readmitted."""
    return _move(person, "reapply", by=by, reason=reason)


def sweep_terms() -> int:
    """Registrations past their end wait for renewal; after 90 days more they end. Returns how many
    moved. Running it twice changes nothing more."""
    today = timezone.localdate()
    moved = 0
    over = Specialist.objects.filter(
        status__in=[Status.REGISTERED, Status.PAUSED], registered_until__lt=today
    )
    lapsed = Specialist.objects.filter(
        status=Status.RENEWAL_DUE, registered_until__lt=today - terms.LAPSES_AFTER
    )
    for verb, people in (("fall_due", over), ("lapse", lapsed)):
        for person in people:
            try:
                with transaction.atomic():
                    _move(person, verb, by=None)
            except PoolRefused:
                continue  # somebody was quicker
            moved += 1
    return moved
