"""The verbs of a need: write it, submit, accept or return, withdraw, and how it ended."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies.errors import EditConflictError, IncompleteError, NotAllowedNowError
from municipalities.vacancies.hooks import return_obstacle, run_withdrawal_hooks
from municipalities.vacancies.models import Need, NeedSkill, Vacancy
from municipalities.vacancies.services.rows import check_read
from talentpool.audit import services as audit
from talentpool.audit.models import Event
from talentpool.conventions.era import format_month
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User
from talentpool.vocabulary.models import EngagementForm

LAPSED_NOTE = "契約に至らないまま、案件の期間が終わりました。"


def _locked(need: Need, verb: str) -> Need:
    """The row, locked and read again; raises NotAllowedNowError in a wrong state."""
    row: Need = Need.objects.select_for_update(of=("self",), no_key=True).get(pk=need.pk)
    if not row.allows(verb):
        raise NotAllowedNowError(
            f"案件「{row.title}」は今「{row.get_status_display()}」のため、この操作はできません。"
            "ほかの人が先に進めたか、画面が古くなっています。"
        )
    row.status = Need.TRANSITIONS[verb][1]
    return row


def period_obstacle(need: Need) -> str:
    """What keeps the need from being submitted or accepted in its months, for the page that would
    ask; empty when they lie ahead. What is left of a period that began is not what was asked for.
    """
    month = first_of_month(timezone.localdate())
    if need.first_month < month:
        return f"開始月({format_month(need.first_month)})が過ぎています。"
    latest = Need.latest_month(month)
    if need.last_month > latest:
        return (
            f"終了月({format_month(need.last_month)})が先すぎます"
            f"(入れられるのは{format_month(latest)}まで)。"
        )
    return ""


def _refuse_period(need: Need, way_out: str) -> None:
    """Raises IncompleteError when the months do not lie ahead, with what to do."""
    obstacle = period_obstacle(need)
    if obstacle:
        raise IncompleteError(obstacle + way_out)


def _tell_town(need: Need, event: Event, subject: str, first_line: str) -> None:
    tell_town(
        need.municipality_id,
        subject=subject,
        first_line=first_line,
        path=reverse("town:need_detail", args=[need.pk]),
        key=f"need:{event.pk}",
    )


@transaction.atomic
def create_need(
    need: Need,
    *,
    municipality_code: str,
    skills: Mapping[str, int],
    forms: Iterable[EngagementForm],
    by: User,
) -> Need:
    """Keep a new need as a draft of the town. By its staff. `need` is filled in and checked, not
    saved yet; `skills` are the levels by the code of the skill."""
    need.municipality_id = municipality_code
    need.created_by = by
    need.save()
    _write_lists(need, skills, forms)
    audit.record("create_need", need, by=by)
    return need


@transaction.atomic
def save_need(
    need: Need,
    *,
    version: int,
    skills: Mapping[str, int],
    forms: Iterable[EngagementForm],
    by: User,
) -> Need:
    """Save a draft that was written over, as in `create_need`. By staff of its municipality, who
    opened it at `version`. Raises EditConflictError when somebody saved or submitted it since."""
    taken = Need.objects.filter(pk=need.pk, version=version, status=Need.Status.DRAFT)
    if not taken.update(version=version + 1):
        raise EditConflictError(
            "ほかの人が先に保存したか、提出しました。今の内容を確かめてから、入れ直してください。"
        )
    need.version = version + 1
    need.save()
    _write_lists(need, skills, forms)
    audit.record("save_need", need, by=by, detail={"version": need.version})
    return need


def _write_lists(need: Need, skills: Mapping[str, int], forms: Iterable[EngagementForm]) -> None:
    need.forms.set(forms)
    need.skills.all().delete()
    NeedSkill.objects.bulk_create(
        NeedSkill(need=need, skill_id=skill, level=level) for skill, level in skills.items()
    )


@transaction.atomic
def submit_need(need: Need, *, by: User, version: int | None = None) -> Need:
    """Hand the draft to the prefecture. By staff of the need's municipality.

    `version` is the one that the page showed; EditConflictError when somebody saved since.
    Raises NotAllowedNowError outside draft, IncompleteError without a skill, when its first month
    has passed or its last one lies too far ahead.
    """
    row = _locked(need, "submit")
    if version is not None and version != row.version:
        raise EditConflictError(
            "ほかの人が先に保存しました。今の内容を確かめてから、もう一度提出してください。"
        )
    if not row.skills.exists():
        raise IncompleteError("求めるスキルを1つ以上入れてから、県へ提出してください。")
    _refuse_period(row, "「内容を直す」で、開始月と終了月を直してから、提出してください。")
    row.submitted_at = timezone.now()
    row.remark = ""
    row.save()
    event = audit.record("submit_need", row, by=by)
    tell_coordinators(
        subject="確認する案件が届きました",
        first_line="市町から案件が提出されました。内容を確かめ、受け付けるか差し戻してください。",
        path=reverse("admin:vacancies_need_review", args=[row.pk]),
        key=f"need:{event.pk}",
    )
    return row


@transaction.atomic
def accept_need(
    need: Need, *, priority: int, remark: str = "", by: User, version: int | None = None
) -> Need:
    """Take the need up for matching after the hearing. By a coordinator, who has read `version`
    (see `check_read`).

    `priority` is 1 (usual) to 3 (first). Raises NotAllowedNowError unless submitted,
    EditConflictError when the text is another one, IncompleteError when its first month has passed
    or its last one lies too far ahead, ValueError on another priority.
    """
    if priority not in (1, 2, 3):
        raise ValueError(f"priority must be 1 to 3: {priority!r}")
    row = _locked(need, "accept")
    check_read(row, need, version)
    _refuse_period(row, "差し戻して、市町に期間を直してもらってください。")
    row.priority = priority
    row.remark = remark
    row.accepted_at = timezone.now()
    row.save()
    event = audit.record("accept_need", row, by=by, detail={"priority": priority})
    _tell_town(
        row,
        event,
        "案件を受け付けました",
        "提出された案件を県が受け付けました。候補が決まりしだいお知らせします。",
    )
    return row


@transaction.atomic
def return_need(need: Need, *, remark: str, by: User, version: int | None = None) -> Need:
    """Send the need back as a draft, with what to mend, also after it was accepted. By a
    coordinator, who has read `version` (see `check_read`).

    Raises NotAllowedNowError in a wrong state or while it is being coordinated, EditConflictError
    when the text is another one, IncompleteError without a remark.
    """
    if not remark.strip():
        raise IncompleteError("差し戻すときは、直してほしい点を書いてください。")
    row = _locked(need, "return")
    check_read(row, need, version)
    obstacle = return_obstacle(row)
    if obstacle:
        raise NotAllowedNowError(obstacle)
    row.remark = remark.strip()
    row.accepted_at = None
    row.save()
    event = audit.record("return_need", row, by=by)
    _tell_town(
        row,
        event,
        "案件が差し戻されました",
        "県から案件が差し戻されました。直してほしい点を確かめて、もう一度提出してください。",
    )
    return row


@transaction.atomic
def withdraw_need(need: Need, *, note: str = "", by: User) -> Need:
    """Take the need back. By staff of its municipality, or by the coordination on their behalf.

    Raises NotAllowedNowError when it is closed already, and what a higher app's hook raises.
    """
    row = _locked(need, "withdraw")
    run_withdrawal_hooks(row, by)
    row.closing_note = note.strip()
    row.closed_at = timezone.now()
    row.save()
    event = audit.record("withdraw_need", row, by=by)
    if row.submitted_at is not None:
        tell_coordinators(
            subject="案件が取り下げられました",
            first_line="市町の案件が取り下げられました。",
            path=reverse("admin:vacancies_need_review", args=[row.pk]),
            key=f"need:{event.pk}",
        )
    _ask_about_vacancy(row, event)
    return row


def _ask_about_vacancy(need: Need, event: Event, how: str = "案件が終わりました") -> None:
    """Tell the town that its vacancy goes on, in public and to the ministry, though the need that
    it was made of has ended; `how` says the way it ended."""
    vacancy = Vacancy.objects.filter(need=need, status__in=Vacancy.OPEN).first()
    if vacancy is not None:
        tell_town(
            need.municipality_id,
            subject="募集を終えるか決めてください",
            first_line=f"もとになった{how}が、募集情報は残っています。"
            "募集を終えるか、続けるかを決めてください。",
            path=reverse("town:vacancy_detail", args=[vacancy.vacancy_no]),
            key=f"vacancy-left:{event.pk}",
        )


@transaction.atomic
def mark_filled(need: Need, *, by: User | None) -> Need:
    """An engagement was signed for it. Called by the coordination; raises NotAllowedNowError.

    Where the town recruits for it too, it is asked whether to go on.
    """
    row, event = _close(need, "mark_filled", by=by)
    _ask_about_vacancy(row, event)
    return row


@transaction.atomic
def mark_unfilled(need: Need, *, by: User | None) -> Need:
    """Nobody was found. Called by the coordination; raises NotAllowedNowError.

    The town is told that it can go on with a public vacancy.
    """
    row, event = _close(need, "mark_unfilled", by=by)
    _tell_town(
        row,
        event,
        "該当する人材が見つかりませんでした",
        "今回の案件に合う人材が見つかりませんでした。標準募集様式で公募することができます。",
    )
    return row


@transaction.atomic
def mark_lapsed(need: Need, *, by: User | None) -> Need:
    """Its months are over and nobody came. Called by the coordination, by the calendar; raises
    NotAllowedNowError.

    The town is told, and may ask for the same anew with other months; where it recruits for it
    too, it is asked whether to go on.
    """
    row, event = _close(need, "mark_lapsed", by=by, note=LAPSED_NOTE)
    _tell_town(
        row,
        event,
        "案件の期間が終わりました",
        "契約に至らないまま、案件の期間が終わりました。"
        "まだ必要なときは、この内容をもとに新しい案件を出してください。",
    )
    _ask_about_vacancy(row, event, "案件は、契約に至らないまま期間が終わりました")
    return row


def _close(need: Need, verb: str, *, by: User | None, note: str = "") -> tuple[Need, Event]:
    row = _locked(need, verb)
    row.closing_note = note
    row.closed_at = timezone.now()
    row.save()
    return row, audit.record(verb.replace("mark_", "mark_need_"), row, by=by)
