"""Write down what retired staff asked, and that it was reported (地方公務員法38条の2)."""

from datetime import date

from django.db import models, transaction

from municipalities.registry.notices import tell_coordinators
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.conventions.era import format_wareki
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import LobbyingRecord, Specialist
from talentpool.users.models import User

# What whoever writes a record down says in it.
SAID = (
    "municipality_id",
    "happened_on",
    "requester",
    "company",
    "in_company",
    "retired_on",
    "post",
    "duty",
    "subject",
    "content",
    "answer",
    "corrects_id",
)


@transaction.atomic
def record_lobbying(record: LobbyingRecord, *, by: User) -> LobbyingRecord:
    """Keep a new record, or one that sets an earlier one of the same body right (`corrects`),
    which may be done once. By the staff who were asked, of a town or of the prefecture. A town's
    record is told to the coordinators. The same again by the same account is kept once. Raises
    PoolRefused."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    facts = {name: getattr(record, name) for name in SAID}
    told = LobbyingRecord.objects.filter(**facts, recorded_by=by, corrected_by=None)
    same: LobbyingRecord | None = told.first()
    if same is not None:
        return same
    if record.corrects_id is not None:
        _check_correction(record)
    record.recorded_by = by
    record.save()
    if record.municipality_id is not None:
        tell_coordinators(
            subject="働きかけの記録がありました",
            first_line="市町が、退職者からの働きかけを記録しました。",
            path=f"/admin/specialists/lobbyingrecord/{record.pk}/change/",
            key=f"lobbying:{record.pk}",
        )
    detail = {"barred": record.verdict.barred, "corrects": record.corrects_id}
    audit.record("record_lobbying", record, by=by, detail=detail)
    return record


def why_not_before(reported_on: date) -> str:
    """Why a correction cannot say that the request came after the day of its report, which it takes
    over; with the way out."""
    return (
        f"届け出た日({format_wareki(reported_on)})までの日を入れてください。届け出た日が違うときは、"
        "先に、もとの記録で直してください。"
    )


def _check_correction(record: LobbyingRecord) -> None:
    """Lock what is set right; it stays linked to the person to whom it was linked."""
    first = LobbyingRecord.objects.select_for_update(of=("self",)).get(pk=record.corrects_id)
    if LobbyingRecord.objects.filter(corrects=first).exists():
        raise PoolRefused("この記録は、もう訂正されています。訂正した記録を開いてください。")
    reported = record.reported_on
    if reported is not None and record.happened_on > reported:
        raise PoolRefused(why_not_before(reported))
    if first.municipality_id != record.municipality_id:
        raise PoolRefused("ほかの団体の記録は訂正できません。")
    record.specialist_id = record.specialist_id or first.specialist_id


@transaction.atomic
def link_lobbying(record: LobbyingRecord, specialist: Specialist, *, by: User) -> LobbyingRecord:
    """Say which person of the pool the record is about: it is in the person's package from now on
    and an erasure empties it, and so are the records that it sets right or that set it right. Once;
    by a coordinator or an approver. Raises PoolRefused."""
    if not is_coordinator(by):
        raise PoolRefused("人材と結べるのは、県コーディネーターと県決裁者です。")
    row: LobbyingRecord = LobbyingRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if row.specialist_id is not None:
        raise PoolRefused("この記録は、もう人材と結ばれています。")
    for one in _corrections_of(row):
        if one.specialist_id is None:
            one.specialist = specialist
            one.save(update_fields=["specialist"])
            audit.record("link_lobbying", one, by=by, detail={"specialist": specialist.pk})
    row.refresh_from_db()
    return row


def _corrections_of(record: LobbyingRecord) -> list[LobbyingRecord]:
    """The record with all that it sets right and that set it right, the first one first, locked."""
    first = record.pk
    while (earlier := _column(pk=first).values_list("corrects", flat=True).get()) is not None:
        first = earlier
    found = [first]
    while (later := _column(corrects=found[-1]).values_list("pk", flat=True).first()) is not None:
        found.append(later)
    rows = LobbyingRecord.objects.select_for_update(of=("self",)).filter(pk__in=found)
    return list(rows.order_by("pk"))


def _column(**values: int) -> models.QuerySet[LobbyingRecord]:
    rows: models.QuerySet[LobbyingRecord] = LobbyingRecord.objects.filter(**values)
    return rows


@transaction.atomic
def report_lobbying(record: LobbyingRecord, *, reported_on: date, by: User) -> LobbyingRecord:
    """Note the day on which the request was reported to the personnel commission. By the staff
    whose body keeps the record; the day may be set right."""
    row: LobbyingRecord = LobbyingRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    row.reported_on = reported_on
    row.save(update_fields=["reported_on"])
    audit.record("report_lobbying", row, by=by)
    return row
