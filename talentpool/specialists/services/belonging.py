"""Which firm a person belongs to and how the person is registered: changed by verbs only.

A conflict of interest outlives the employment (sources.md 3.4: two years), and an agreement of one
firm says nothing for another. So whoever leaves keeps the tie with its last day, and who comes to
another firm waits for that firm's agreement.
"""

from collections.abc import Callable
from datetime import date

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_address, tell_coordinators
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.specialists.errors import EditedMeanwhile, PoolRefused
from talentpool.specialists.models import Firm, FirmManager, Interest, Specialist, StatusChange
from talentpool.specialists.notices import tell_specialist
from talentpool.specialists.services.interests import ties_changed
from talentpool.specialists.services.leaving import prepare_endings
from talentpool.users.models import User

BELONGING = [
    "kind",
    "kind_unsettled_since",
    "firm",
    "left_firm_on",
    "firm_agreed_at",
    "belonging_changed_at",
    "employer_no_company",
]
MEANWHILE = "開いているあいだに、所属が変わりました。もう一度確かめてください。"
NO_REASON = "区分・所属を変える理由を入れてください。"
Ending = Callable[[User | None], None]


@transaction.atomic
def change_firm(
    person: Specialist,
    *,
    kind: str,
    firm: Firm | None,
    until: date,
    opened: str,
    reason: str,
    by: User,
    never_worked: bool = False,
) -> Specialist:
    """Register the person under another kind or firm. By a coordinator or an approver of the
    prefecture, with the reason, which the person reads among the steps of the registration.

    `until` is the last day at the firm before, today at the latest: that tie counts for two more
    years. What is being coordinated ends, the firm's agreement too; signed engagements go on. What
    was declared of ties counts no more: the person declares anew, and answers what the kind asks.
    With `never_worked` the firm before was a mistake, and no tie to it is kept.
    Between the kinds that are asked the same and held to the same rules (`Specialist.BELONGING`)
    only the label changes: nothing ends and what was declared counts on. Who waits for the kind to
    be looked at (`kind_unsettled_since`) may also stay under it.
    `opened` is what `belonging_of` said when the page was opened. Raises PoolRefused,
    EditedMeanwhile.
    """
    if not is_coordinator(by):
        raise PoolRefused("所属を変えられるのは、県コーディネーターと県決裁者です。")
    refusal = _why_not(kind, firm, until) or ("" if reason.strip() else NO_REASON)
    if refusal:
        raise PoolRefused(refusal)
    if belonging_of(person) != opened:
        raise EditedMeanwhile(MEANWHILE)
    endings = [] if _is_label(person, kind, firm) else prepare_endings(person.pk)
    row = _locked(person)
    if belonging_of(row) != opened:
        raise EditedMeanwhile(MEANWHILE)
    stays = row.firm_id == (firm.pk if firm else None)
    if stays and row.kind == kind and not (row.left_firm_on or row.kind_unsettled_since):
        raise PoolRefused("いまの所属と同じです。")
    if _is_label(row, kind, firm):
        return _relabel(row, kind, reason=reason, by=by)
    before = row.firm
    if before is not None and not stays and not never_worked:
        _keep_tie(row, before, until)
    elif before is not None and row.left_firm_on is not None:  # or was never there
        _tie_of(row, before).filter(until=row.left_firm_on).delete()  # did not leave after all
    if not stays or row.kind != kind:  # nothing is known of the new employer until it is declared
        row.belonging_changed_at, row.employer_no_company = timezone.now(), ""
    row.kind, row.firm, row.left_firm_on, row.firm_agreed_at = kind, firm, None, None
    row.kind_unsettled_since = None
    row.save(update_fields=BELONGING)
    _keep_step(row, f"登録の区分・所属を「{_words(row)}」に変えました。{reason.strip()}", by)
    _end(row, endings, by)
    audit.record(
        "change_firm",
        row,
        by=by,
        detail={
            "kind": kind,
            "before": before.pk if before else None,
            "after": firm.pk if firm else None,
            "never_worked": never_worked,
        },
    )
    _tell_person(row, "県が、登録の区分・所属を変えました")
    for told in {one.pk: one for one in (before, firm) if one is not None}.values():
        _tell_firm(told, row)
    return row


def _is_label(person: Specialist, kind: str, firm: Firm | None) -> bool:
    """Whether nothing that a rule reads changes: the kind is asked the same as the one before."""
    alone = person.firm_id is None and firm is None and person.left_firm_on is None
    return alone and {person.kind, kind} <= set(Specialist.BELONGING)


def _relabel(row: Specialist, kind: str, *, reason: str, by: User) -> Specialist:
    before = row.kind
    row.kind, row.kind_unsettled_since = kind, None
    row.save(update_fields=["kind", "kind_unsettled_since"])
    said = "確かめました" if before == kind else "直しました"
    _keep_step(row, f"登録の区分を「{_words(row)}」と{said}。{reason.strip()}", by)
    audit.record("settle_kind", row, by=by, detail={"before": before, "kind": kind})
    if before != kind:
        tell_specialist(
            row,
            subject="登録の区分を直しました",
            first_line="県が、登録の区分を直しました。必要な手続きは変わりません。内容を確かめ、"
            "違うときは、県にお問い合わせください。",
            path=reverse("specialist:registration"),
            key=f"belonging:{row.pk}:{_stamp()}",
        )
    return row


def _words(row: Specialist) -> str:
    kind = row.get_kind_display()
    return f"{kind}（{row.firm.name}）" if row.firm else kind


def _keep_step(row: Specialist, reason: str, by: User, *, verb: str = "belonging") -> None:
    """A step among those of the registration, which the person reads; the state stays."""
    StatusChange.objects.create(
        specialist=row, verb=verb, before=row.status, after=row.status, reason=reason, by=by
    )


@transaction.atomic
def leave_firm(person: Specialist, *, by: User) -> Specialist:
    """The person works for the firm no more: it speaks for him or her no longer, and nobody is
    introduced until the prefecture has settled how the person goes on. By the firm's manager; the
    last day is today. Who has never applied goes on alone at once. Raises PoolRefused."""
    if not Specialist.objects.managed_by(by).filter(pk=person.pk).exists():
        raise PoolRefused("この事業者の担当者ではありません。")
    endings = prepare_endings(person.pk)
    row = _locked(person)
    if not Specialist.objects.managed_by(by).filter(pk=row.pk).exists() or row.firm is None:
        raise PoolRefused("この方は、もうこの事業者の社員ではありません。")
    today, firm = timezone.localdate(), row.firm
    _keep_tie(row, firm, today)
    if row.submitted_at is None:
        _let_go(row, firm, by)
        return row
    row.left_firm_on, row.firm_agreed_at = today, None
    row.save(update_fields=["left_firm_on", "firm_agreed_at"])
    _end(row, endings, by)
    audit.record("leave_firm", row, by=by, detail={"firm": row.firm_id})
    _tell_person(row, "所属の事業者が、退職を県に届け出ました")
    tell_coordinators(
        subject="事業者の社員が退職しました",
        first_line="事業者が、社員の退職を届け出ました。本人に確かめ、登録の区分と所属を変えて"
        "ください。それまで、市町には紹介されません。",
        path=reverse("admin:specialists_specialist_belonging", args=[row.pk]),
        key=f"left-firm:{row.pk}:{_stamp()}",
    )
    return row


def _let_go(row: Specialist, firm: Firm, by: User) -> None:
    """Who has never applied is nobody of the prefecture's yet: the person chooses the own kind and
    goes on alone."""
    row.kind, row.firm, row.firm_agreed_at = Specialist.Kind.OTHER, None, None
    row.belonging_changed_at = timezone.now()
    row.save(update_fields=BELONGING)
    ties_changed(row.pk)
    audit.record("leave_firm", row, by=by, detail={"firm": firm.pk})
    tell_specialist(
        row,
        subject="所属の事業者が、退職を届け出ました",
        first_line="登録の下書きは残っています。続けるときは、どの立場で登録するかを選び直して"
        "ください。",
        path=reverse("specialist:registration"),
        key=f"belonging:{row.pk}:{_stamp()}",
    )


def belonging_of(person: Specialist) -> str:
    """What a page of the belonging was opened on, to notice that somebody was quicker."""
    return f"{person.kind}:{person.firm_id}:{person.left_firm_on}"


def renumber_firm(firm: Firm, *, before: str) -> None:
    """Have the conflicts of a firm's people looked at anew, those who left it too, after its number
    `before` was set right: the kept ties get the new one. Call it in the transaction of the
    change."""
    kept = Interest.objects.filter(from_registration=True, corporate_number=before)
    people = set(kept.values_list("specialist_id", flat=True))
    kept.update(corporate_number=firm.corporate_number)
    for pk in sorted(people.union(firm.specialists.values_list("pk", flat=True))):
        ties_changed(pk)


@transaction.atomic
def remove_kept_tie(tie: Interest, *, reason: str, by: User) -> None:
    """Take out a tie that the portal kept though the person never worked there. By a coordinator,
    with the reason, which the person may read among the steps. Raises PoolRefused."""
    if not is_coordinator(by):
        raise PoolRefused("取り消せるのは、県コーディネーターと県決裁者です。")
    if not tie.from_registration or not reason.strip():
        raise PoolRefused("登録の所属だった会社を選び、取り消す理由を入れてください。")
    row = _locked(tie.specialist)
    audit.record("remove_kept_tie", tie, by=by)
    said = f"登録の所属だった会社「{tie.name}」の記録を取り消しました。{reason.strip()}"
    _keep_step(row, said, by, verb="remove_tie")
    Interest.objects.filter(pk=tie.pk).delete()
    ties_changed(row.pk)
    _tell_person(row, "県が、登録の所属だった会社の記録を取り消しました")


def _why_not(kind: str, firm: Firm | None, until: date) -> str:
    if kind == Specialist.Kind.FIRM and firm is None:
        return "地場ベンダ等の方には、事業者を選んでください。"
    if until > timezone.localdate():
        return "前の所属の最後の日は、今日までの日を入れてください。"
    return ""


def _locked(person: Specialist) -> Specialist:
    row: Specialist = (
        Specialist.objects.select_for_update(of=("self",))
        .select_related("firm", "user")
        .get(pk=person.pk)
    )
    return row


def _tie_of(person: Specialist, firm: Firm) -> models.QuerySet[Interest]:
    found: models.QuerySet[Interest] = Interest.objects.filter(
        specialist=person, corporate_number=firm.corporate_number, from_registration=True
    )
    return found


def _keep_tie(person: Specialist, firm: Firm, until: date) -> None:
    """The firm as a past employer, which neither the person nor the firm can take out."""
    left = _tie_of(person, firm).filter(until=person.left_firm_on).first()
    if person.left_firm_on is not None and left is not None:  # the firm said so; now the true day
        left.until = until
        left.save(update_fields=["until"])
        return
    Interest.objects.create(
        specialist=person,
        kind=Interest.Kind.EMPLOYER,
        corporate_number=firm.corporate_number,
        name=firm.name,
        until=until,
        from_registration=True,
    )


def _end(person: Specialist, endings: list[Ending], by: User) -> None:
    for end in endings:
        end(by)
    ties_changed(person.pk)


def _tell_person(person: Specialist, what: str) -> None:
    tell_specialist(
        person,
        subject="登録の所属が変わりました",
        first_line=f"{what}。登録内容と、会社との関わりの申告を確かめてください。"
        "心当たりがないときは、県にお問い合わせください。",
        path=reverse("specialist:interests"),
        key=f"belonging:{person.pk}:{_stamp()}",
    )


def _tell_firm(firm: Firm, person: Specialist) -> None:
    for manager in FirmManager.objects.filter(firm=firm, until=None).select_related("user"):
        tell_address(
            manager.user.email,
            subject="社員の登録の所属が変わりました",
            first_line="県が、事業者の社員の所属を変えました。社員の一覧を確かめてください。"
            "新しく加わった方は、同意するまで市町に紹介されません。",
            path=reverse("specialist:firm"),
            key=f"firm-belonging:{firm.pk}:{person.pk}:{_stamp()}:{manager.user_id}",
        )


def _stamp() -> str:
    return f"{timezone.now():%Y%m%d%H%M%S%f}"
