"""The verbs of the month's batch: freeze, approve, mark as submitted, discard."""

import hashlib
import logging
from collections.abc import Collection
from datetime import date

from django.db import connection, transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.vacancies.difference import Changed, counts
from municipalities.vacancies.errors import ExportError, IncompleteError, TooEarlyError
from municipalities.vacancies.exports import batch_of, csv_bytes, last_submitted, xlsx_bytes
from municipalities.vacancies.models import FormVersion, MinistryExport, MonthlyRound, Vacancy
from municipalities.vacancies.models.export import FIRST_HASH
from municipalities.vacancies.services.answers import days_of
from talentpool.audit import services as audit
from talentpool.conventions.cells import FormulaCellError
from talentpool.conventions.era import format_month
from talentpool.conventions.months import add_months, first_of_month
from talentpool.users.models import User

logger = logging.getLogger(__name__)

FREEZE_LOCK = 0xF0EE  # one freeze at a time: versions and chain follow each other
NUMBERS_IN_REASON = 40  # of 14 characters each, in a column of 1,000
Status = MinistryExport.Status


def _one_at_a_time() -> None:
    """Wait for whoever freezes or submits; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FREEZE_LOCK])


def _nothing_earlier_on_its_way(month: date) -> None:
    """Raise ExportError when an earlier month may still be submitted: this one would be compared
    with the batch before it, and send the same vacancies as new again."""
    earlier = MinistryExport.objects.filter(
        month__lt=month, status__in=[Status.DRAFT, Status.APPROVED]
    ).defer("rows", "content")
    waiting = earlier.order_by("month").first()
    if waiting is not None:
        raise ExportError(
            f"{waiting}が、まだ提出も破棄もされていません。先に提出済みにするか破棄してください。"
        )


def _form_in_force(day: date) -> FormVersion:
    version: FormVersion | None = FormVersion.objects.in_force_on(day)
    if version is None:
        raise ExportError("今日使える標準募集様式の版がありません。")
    return version


def is_past_making(month: date) -> bool:
    """Whether a later month is made, so that no batch of this one can be made any more."""
    later = MinistryExport.objects.filter(month__gt=month)
    return later.exclude(status=Status.DISCARDED).exists()


def still_answering(month: date, today: date) -> bool:
    """Whether towns may still answer on `today` to the month's question, and one has not; or the
    question is yet to be asked, because its first day has not come or nothing ran on it."""
    round_ = MonthlyRound.objects.filter(month=month).first()
    if round_ is None:
        return first_of_month(today) == month and today <= days_of(month)[1]
    return today <= round_.cut_off and round_.answers.filter(answered_at__isnull=True).exists()


def months_to_freeze(
    today: date, versions: Collection[MinistryExport]
) -> list[tuple[date, MonthlyRound | None]]:
    """The months past their cut-off whose batch is yet to be made, of the running one and the one
    before, the oldest first; each with its round, if its towns were asked. `versions` holds all
    versions of the month before and later.

    Nobody was asked of a month that was frozen before and given up after the cut-off, or when
    nothing ran on the days between. Such a month counts when a version of it was made or something
    was published by the cut-off: before a prefecture begins here there is nothing to send.
    """
    running = first_of_month(today)
    months = [add_months(running, -1), running]
    rounds = {row.month: row for row in MonthlyRound.objects.filter(month__in=months)}
    begun = {row.month for row in versions}
    made = [row.month for row in versions if row.status != Status.DISCARDED]
    ends = {
        month: rounds[month].cut_off if month in rounds else days_of(month)[1] for month in months
    }
    # what is older than the newest batch can no longer be frozen
    newest = max(made, default=date.min)
    past = [month for month in months if ends[month] < today and month > newest]
    published = None
    if any(month not in rounds and month not in begun for month in past):
        published = Vacancy.objects.aggregate(first=Min("published_at"))["first"]
    return [
        (month, rounds.get(month))
        for month in past
        if month in rounds
        or month in begun
        or (published is not None and timezone.localdate(published) <= ends[month])
    ]


def preview_month(
    month: date,
) -> tuple[list[Changed], MinistryExport | None, dict[str, dict[str, str]]]:
    """The batch as it would be frozen now, the submitted batch that it is compared with, and the
    values that cannot be written in the form in force, by vacancy number and identifier; their
    vacancies are held back in the batch."""
    today = timezone.localdate()
    base = last_submitted(month)
    batch, leftovers = batch_of(month, today, _form_in_force(today), base, hold_back=True)
    return batch, base, leftovers


@transaction.atomic
def freeze_month(
    month: date,
    *,
    by: User | None,
    reason: str = "",
    hold_back: bool = False,
    early: bool = False,
) -> MinistryExport:
    """Freeze the month's batch: rows, bytes, hash, chain. By a coordinator, or the system.

    A second version of a month needs a reason. Raises ExportError while a batch of the month or
    of an earlier one is on its way, when a later month exists already, for a month yet to come,
    and when a value cannot be written or does not fit the form. With `hold_back` such vacancies
    wait (see `batch_of`), so that one town's value does not keep all others back: that needs a
    reason too, which is kept with their numbers; their towns are told. While the towns may still
    answer (`still_answering`), it is done with `early` only (else TooEarlyError): what they say
    then waits a month.
    """
    _one_at_a_time()
    month = first_of_month(month)
    today = timezone.localdate()
    versions = MinistryExport.objects.filter(month=month)
    if month > first_of_month(today):
        raise ExportError(f"{format_month(month)}は、まだ始まっていません。")
    if versions.filter(status__in=[Status.DRAFT, Status.APPROVED]).exists():
        raise ExportError(f"{format_month(month)}分は、もう確定しています。")
    _nothing_earlier_on_its_way(month)
    if not early and still_answering(month, today):
        raise TooEarlyError(
            "締切の前に確定するときは、そのことを確かめる欄にチェックを入れてください。"
        )
    if is_past_making(month):
        raise ExportError("後の月がもう確定しているため、この月は作れません。")
    version = (versions.order_by("-version").values_list("version", flat=True).first() or 0) + 1
    if version > 1 and not reason.strip():
        raise IncompleteError("作り直すときは、理由を書いてください。")
    form = _form_in_force(today)
    base = last_submitted(month)
    batch, leftovers = batch_of(month, today, form, base, hold_back=hold_back)
    if leftovers and not hold_back:
        raise ExportError(
            "今の様式に入らない値か、数式として扱われる値のある募集情報があります："
            f"{'、'.join(leftovers)}。市町に直してもらうか、今月は見送ってください。"
        )
    if leftovers and not reason.strip():
        raise IncompleteError("見送る募集情報があるときは、理由を書いてください。")
    rows = [item.row for item in batch]
    try:
        content = csv_bytes(rows, form.definition)
    except FormulaCellError as error:
        raise ExportError(f"ファイルに書けない値があります。{error}") from error
    previous = MinistryExport.objects.order_by("-pk").values_list("chain_hash", flat=True).first()
    export = MinistryExport(
        month=month,
        version=version,
        form_version=form,
        base=base,
        reason=_reason(reason, leftovers) if version > 1 or leftovers else "",
        rows=rows,
        counts=counts(rows),
        held_back=sorted(leftovers),
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        previous_hash=previous or FIRST_HASH,
        frozen_at=timezone.now(),
        frozen_by=by,
    )
    export.chain_hash = export.expected_chain_hash()
    export.save(force_insert=True)
    audit.record(
        "freeze_month",
        export,
        by=by,
        detail={"sha256": export.sha256}
        | ({"held_back": export.held_back} if leftovers else {})
        | ({"early": True} if early else {}),
    )
    _tell_held_back(export)
    return export


def _tell_held_back(export: MinistryExport) -> None:
    """Tell the town of each vacancy that waits, once for a month however often it is made."""
    held = Vacancy.objects.filter(vacancy_no__in=export.held_back).order_by("vacancy_no")
    for code, number in held.values_list("municipality_id", "vacancy_no"):
        tell_town(
            code,
            subject="国への提出を見送った募集情報があります",
            first_line=f"国へのファイルに書けない値があるため、{format_month(export.month)}分の提出で、"
            "募集情報の今の内容を国へ伝えるのを見送りました。公表は続いています。値を直して、"
            "変更を県へ提出してください。",
            path=reverse("town:vacancy_sent", args=[number]),
            key=f"held-back:{export.month:%Y-%m}:{number}",
        )


def _reason(typed: str, held_back: Collection[str]) -> str:
    """The reason as it is kept: with the numbers of what was held back, as many as fit (all stand
    in the audit record)."""
    words = typed.strip()
    if held_back:
        shown = sorted(held_back)[:NUMBERS_IN_REASON]
        more = len(held_back) - len(shown)
        rest = f"ほか{more}件" if more else ""
        words = f"{words}(見送り：{'、'.join(shown)}{rest})"
    return words


def _locked(export: MinistryExport, verb: str) -> MinistryExport:
    row: MinistryExport = MinistryExport.objects.select_for_update(of=("self",)).get(pk=export.pk)
    if not row.allows(verb):
        raise ExportError(f"{row} は今「{row.get_status_display()}」のため、この操作はできません。")
    row.status = MinistryExport.TRANSITIONS[verb][1]
    return row


@transaction.atomic
def approve_export(
    export: MinistryExport,
    *,
    document_number: str,
    document_date: date,
    approver: str,
    by: User,
) -> MinistryExport:
    """Record the decision: document number, date, office of the approver. By a coordinator.

    Raises ExportError unless it is a draft, IncompleteError when one of them is missing.
    """
    if not document_number.strip() or not approver.strip():
        raise IncompleteError("文書番号と決裁者を入れてください。")
    row = _locked(export, "approve")
    row.document_number = document_number.strip()
    row.document_date = document_date
    row.approver = approver.strip()
    row.save()
    audit.record("approve_export", row, by=by)
    return row


@transaction.atomic
def submit_export(export: MinistryExport, *, by: User) -> MinistryExport:
    """Note that the file went to the ministry: from now on it is what later months are compared
    with. By a coordinator.

    Raises ExportError unless approved, when a later month was submitted already, or when another
    batch than the one it was compared with was submitted last.
    """
    _one_at_a_time()
    row = _locked(export, "submit")
    later = MinistryExport.objects.filter(month__gt=row.month, status=Status.SUBMITTED)
    if later.exists():
        raise ExportError("後の月がもう提出されているため、この月を提出済みにできません。")
    base = last_submitted(row.month)
    if row.base_id != (base.pk if base else None):
        raise ExportError(
            f"{row}を確定したあとで、比べる相手の提出分が変わりました。"
            "この版を破棄して、作り直してください。"
        )
    row.submitted_at = timezone.now()
    row.save()
    audit.record("submit_export", row, by=by)
    return row


@transaction.atomic
def discard_export(export: MinistryExport, *, by: User) -> MinistryExport:
    """Give up a batch that was not submitted; the month can then be frozen again with a reason.

    By a coordinator. Raises ExportError once it was submitted.
    """
    row = _locked(export, "discard")
    row.save()
    audit.record("discard_export", row, by=by)
    return row


def render(export: MinistryExport) -> bytes:
    """Make the file again from the frozen rows; the bytes are those that were stored.

    Raises ExportError when they are not.
    """
    content = csv_bytes(export.rows, export.form_version.definition)
    if hashlib.sha256(content).hexdigest() != export.sha256:
        raise ExportError(f"{export} のファイルが、記録されたハッシュと一致しません。")
    return content


# The batch as a file: the one that is sent, as a workbook, and for what reads Shift_JIS only.
FILES = ("csv", "xlsx", "cp932")


def file_of(export: MinistryExport, kind: str) -> tuple[str, bytes]:
    """Name and content of a batch as one of `FILES`, made again from the frozen rows.

    Raises ExportError as `render` does, and UnencodableError for what CP932 cannot hold.
    """
    definition, name = export.form_version.definition, export.file_name
    if kind == "xlsx":
        return name.replace(".csv", ".xlsx"), xlsx_bytes(export.rows, definition)
    if kind == "cp932":
        return name.replace(".csv", "-sjis.csv"), csv_bytes(export.rows, definition, "cp932")
    return name, render(export)


@transaction.atomic
def check_exports() -> MinistryExport | None:
    """Verify all batches and tell the coordinators of the first broken one, which is returned.

    Run each night, any number of times: one mail a day.
    """
    _, broken = verify_exports()
    if broken is not None:
        logger.error("the chain of the month's batches is broken at %s", broken.file_name)
        tell_coordinators(
            subject="月次提出の記録が、確定したときと違います",
            first_line="確定した月次提出のファイルを毎晩たしかめています。記録されたハッシュと"
            "合わない月がありました。提出や作り直しをせずに、保守の担当へ連絡してください。",
            path=reverse("admin:vacancies_ministryexport_month", args=[f"{broken.month:%Y-%m}"]),
            key=f"exports:{broken.pk}:{timezone.localdate()}",
        )
    return broken


def verify_exports() -> tuple[int, MinistryExport | None]:
    """Make all files again and walk the chain: (batches checked, the first broken one or None)."""
    previous = FIRST_HASH
    checked = 0
    for export in MinistryExport.objects.select_related("form_version").order_by("pk").iterator(50):
        stored = hashlib.sha256(bytes(export.content)).hexdigest() == export.sha256
        try:
            render(export)
        except ExportError:
            stored = False
        if not stored or export.previous_hash != previous:
            return checked, export
        if export.chain_hash != export.expected_chain_hash():
            return checked, export
        previous = export.chain_hash
        checked += 1
    return checked, None
