"""Write down what retired staff asked, and that it was reported (地方公務員法38条の2)."""

from datetime import date

from django.db import transaction

from municipalities.registry.notices import tell_coordinators
from talentpool.audit import services as audit
from talentpool.specialists.models import LobbyingRecord
from talentpool.users.models import User


@transaction.atomic
def record_lobbying(record: LobbyingRecord, *, by: User) -> LobbyingRecord:
    """Keep a new record. By the staff who were asked, of a town or of the prefecture. A town's
    record is told to the coordinators."""
    record.recorded_by = by
    record.save()
    if record.municipality_id is not None:
        tell_coordinators(
            subject="働きかけの記録がありました",
            first_line="市町が、退職者からの働きかけを記録しました。",
            path=f"/admin/specialists/lobbyingrecord/{record.pk}/change/",
            key=f"lobbying:{record.pk}",
        )
    audit.record("record_lobbying", record, by=by, detail={"barred": record.verdict.barred})
    return record


@transaction.atomic
def report_lobbying(record: LobbyingRecord, *, reported_on: date, by: User) -> LobbyingRecord:
    """Note the day on which the request was reported to the personnel commission. By the staff
    whose body keeps the record; the day may be set right."""
    row = LobbyingRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    row.reported_on = reported_on
    row.save(update_fields=["reported_on"])
    audit.record("report_lobbying", row, by=by)
    return row
