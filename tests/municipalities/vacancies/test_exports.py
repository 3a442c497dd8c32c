"""The month's batch: frozen once, the same bytes for ever, compared with what was submitted."""

import csv
import hashlib
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import ExportError, IncompleteError
from municipalities.vacancies.models import MinistryExport, Vacancy
from talentpool.conventions.months import add_months, first_of_month
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_vacancy

pytestmark = pytest.mark.django_db

NOW = first_of_month(timezone.localdate())
BEFORE = add_months(NOW, -1)


def send(month: date, by: Any, reason: str = "") -> MinistryExport:
    """Freeze, approve and submit a month."""
    export = services.freeze_month(month, by=by, reason=reason, early=True)
    export = services.approve_export(
        export,
        document_number="デ基第123号",
        document_date=date(2026, 11, 20),
        approver="デジタル基盤整備課長",
        by=by,
    )
    return services.submit_export(export, by=by)


def change_types(export: MinistryExport) -> dict[str, str]:
    return {row["vacancy_no"]: row["change_type"] for row in export.rows}


def test_the_file_is_what_the_ministry_reads() -> None:
    vacancy = make_vacancy("published", issues='一行目\n「引用"符」', pay_max="30000")
    export = services.freeze_month(NOW, by=make_coordinator(), early=True)
    content = bytes(export.content)
    assert content.startswith(b'\xef\xbb\xbf"')
    assert content.endswith(b'"\r\n')
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert len(header) == 62
    values = dict(zip(header, row, strict=True))
    assert values["募集管理番号"] == vacancy.vacancy_no
    assert values["更新区分"] == "1"
    assert values["提出年月"] == f"{NOW:%Y-%m}"
    assert values["現状・課題"] == '一行目\n「引用"符」'
    assert values["様式版"] == "proposed-1"
    assert export.counts == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 0}
    assert export.sha256 == hashlib.sha256(content).hexdigest()


def test_only_what_is_open_and_publishable_goes_up() -> None:
    editor = make_editor()
    sent = make_vacancy("published", by=editor)
    make_vacancy("published", by=editor, publish_ok="0")
    make_vacancy("submitted", by=editor)
    make_vacancy("closed", by=editor)
    yesterday = timezone.localdate() - timedelta(days=1)
    make_vacancy("published", by=editor, close_type="1", close_date=yesterday.isoformat())
    make_vacancy("published", by=editor, open_date="2099-01-01")
    export = services.freeze_month(NOW, by=make_coordinator(), early=True)
    assert list(change_types(export)) == [sent.vacancy_no]


def test_the_difference_is_against_the_last_submitted_batch() -> None:
    by, editor = make_coordinator(), make_editor()
    names = ["kept", "changed", "closed", "withdrawn", "hidden", "expired"]
    rows = {name: make_vacancy("published", by=editor) for name in names}
    assert set(change_types(send(BEFORE, by)).values()) == {"1"}
    for name, values in [
        ("changed", {"position_title": "新しい役職"}),
        ("hidden", {"publish_ok": "0"}),
        ("expired", {"close_type": "1", "close_date": "2026-10-01"}),
        ("kept", {"updated_on": "2026-11-22"}),
    ]:
        row = rows[name]
        row.write_values(row.values | values)
        row.save()
    services.close_vacancy(rows["closed"], outcome="filled", by=editor)
    services.withdraw_vacancy(rows["withdrawn"], by=editor)
    rows["new"] = make_vacancy("published", by=editor)
    export = services.freeze_month(NOW, by=by, early=True)
    found = change_types(export)
    assert {name: found[row.vacancy_no] for name, row in rows.items()} == {
        "kept": "3",
        "changed": "2",
        "closed": "4",
        "withdrawn": "5",
        "hidden": "5",
        "expired": "4",
        "new": "1",
    }
    assert export.base == MinistryExport.objects.get(month=BEFORE)


def test_a_frozen_batch_that_was_not_submitted_is_no_base() -> None:
    by = make_coordinator()
    vacancy = make_vacancy("published")
    services.discard_export(services.freeze_month(BEFORE, by=by, early=True), by=by)
    export = services.freeze_month(NOW, by=by, early=True)
    assert change_types(export) == {vacancy.vacancy_no: "1"}
    assert export.base is None


def test_a_month_made_again_has_the_same_bytes() -> None:
    """A-34: whatever happens to the vacancies afterwards."""
    by, editor = make_coordinator(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    export = services.freeze_month(NOW, by=by, early=True)
    Vacancy.objects.filter(pk=vacancy.pk).update(values={})
    again = MinistryExport.objects.get(pk=export.pk)
    assert services.render(again) == bytes(again.content)


def test_a_month_is_frozen_once() -> None:
    by = make_coordinator()
    services.freeze_month(NOW, by=by, early=True)
    with pytest.raises(ExportError, match="もう確定しています"):
        services.freeze_month(NOW, by=by, early=True)
    assert MinistryExport.objects.count() == 1


def test_a_correction_is_a_new_version_with_a_reason() -> None:
    by = make_coordinator()
    make_vacancy("published")
    first = send(NOW, by)
    with pytest.raises(IncompleteError, match="理由"):
        services.freeze_month(NOW, by=by, early=True)
    second = send(NOW, by, reason="電話番号の誤り")
    assert (second.version, second.reason, second.base) == (2, "電話番号の誤り", None)
    assert change_types(second) == change_types(first)


def test_the_next_month_is_compared_with_the_correction() -> None:
    by, editor = make_coordinator(), make_editor()
    make_vacancy("published", by=editor)
    send(BEFORE, by)
    late = make_vacancy("published", by=editor)
    second = send(BEFORE, by, reason="入れ忘れ")
    assert services.freeze_month(NOW, by=by, early=True).base == second
    assert change_types(MinistryExport.objects.get(month=NOW))[late.vacancy_no] == "3"


def test_months_come_in_order() -> None:
    by = make_coordinator()
    with pytest.raises(ExportError, match="まだ始まっていません"):
        services.freeze_month(add_months(NOW, 1), by=by, early=True)
    services.freeze_month(NOW, by=by, early=True)
    with pytest.raises(ExportError, match="後の月"):
        services.freeze_month(BEFORE, by=by, early=True)


APPROVED: dict[str, Any] = {
    "status": "approved",
    "document_number": "1",
    "document_date": NOW,
    "approver": "課長",
}


def test_a_month_waits_until_the_earlier_one_is_sent_or_given_up() -> None:
    """Both would be compared with the batch before them, and send the same vacancy as new."""
    by = make_coordinator()
    vacancy = make_vacancy("published")
    older = services.freeze_month(BEFORE, by=by, early=True)
    with pytest.raises(ExportError, match="まだ提出も破棄もされていません"):
        services.freeze_month(NOW, by=by, early=True)
    services.approve_export(older, document_number="1", document_date=NOW, approver="課長", by=by)
    with pytest.raises(ExportError, match="まだ提出も破棄もされていません"):
        services.freeze_month(NOW, by=by, early=True)
    services.submit_export(older, by=by)
    assert change_types(services.freeze_month(NOW, by=by, early=True)) == {vacancy.vacancy_no: "3"}


def test_a_correction_waiting_holds_up_the_next_month() -> None:
    by = make_coordinator()
    make_vacancy("published")
    send(BEFORE, by)
    services.freeze_month(BEFORE, by=by, reason="誤り", early=True)
    with pytest.raises(ExportError, match="第2版が、まだ提出も破棄も"):
        services.freeze_month(NOW, by=by, early=True)


def two_on_their_way(by: Any) -> tuple[MinistryExport, MinistryExport]:
    """Two approved months with one base, as they could stand from before they were refused."""
    older = services.discard_export(services.freeze_month(BEFORE, by=by, early=True), by=by)
    newer = services.freeze_month(NOW, by=by, early=True)
    MinistryExport.objects.filter(pk__in=[older.pk, newer.pk]).update(**APPROVED)
    return older, newer


def test_a_batch_whose_base_is_no_longer_the_last_one_is_not_submitted() -> None:
    by = make_coordinator()
    make_vacancy("published")
    older, newer = two_on_their_way(by)
    services.submit_export(older, by=by)
    with pytest.raises(ExportError, match="破棄して、作り直して"):
        services.submit_export(newer, by=by)
    newer.refresh_from_db()
    assert newer.status == "approved"


def test_an_older_month_cannot_be_submitted_after_a_later_one() -> None:
    by = make_coordinator()
    older, newer = two_on_their_way(by)
    services.submit_export(newer, by=by)
    with pytest.raises(ExportError, match="後の月がもう提出"):
        services.submit_export(older, by=by)


VERBS: dict[str, Any] = {
    "approve": lambda export, by: services.approve_export(
        export, document_number="1", document_date=NOW, approver="課長", by=by
    ),
    "submit": lambda export, by: services.submit_export(export, by=by),
    "discard": lambda export, by: services.discard_export(export, by=by),
}
ALLOWED = {
    ("draft", "approve"): "approved",
    ("approved", "submit"): "submitted",
    ("draft", "discard"): "discarded",
    ("approved", "discard"): "discarded",
}


@pytest.mark.parametrize("status", MinistryExport.Status.values)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_from_every_state(status: str, verb: str) -> None:
    by = make_coordinator()
    export = services.freeze_month(NOW, by=by, early=True)
    for step in {
        "draft": [],
        "approved": ["approve"],
        "submitted": ["approve", "submit"],
        "discarded": ["discard"],
    }[status]:
        export = VERBS[step](export, by)
    assert export.allows(verb) == ((status, verb) in ALLOWED)
    if (status, verb) in ALLOWED:
        assert VERBS[verb](export, by).status == ALLOWED[status, verb]
        return
    with pytest.raises(ExportError, match=export.get_status_display().split("(")[0]):
        VERBS[verb](export, by)


def test_a_decision_needs_its_number() -> None:
    by = make_coordinator()
    export = services.freeze_month(NOW, by=by, early=True)
    with pytest.raises(IncompleteError, match="文書番号"):
        services.approve_export(
            export, document_number=" ", document_date=NOW, approver="課長", by=by
        )
    with pytest.raises(IntegrityError, match="approved_export_has_document_number"):
        MinistryExport.objects.filter(pk=export.pk).update(status="approved")


@pytest.mark.parametrize(
    "change",
    [{"rows": []}, {"content": b""}, {"sha256": "0" * 64}, {"reason": "x"}, {"month": BEFORE}],
)
def test_what_was_frozen_is_kept_by_the_database(change: dict[str, Any]) -> None:
    make_vacancy("published")
    export = services.freeze_month(NOW, by=make_coordinator(), early=True)
    with pytest.raises(IntegrityError, match="frozen export"), transaction.atomic():
        MinistryExport.objects.filter(pk=export.pk).update(**change)
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        MinistryExport.objects.filter(pk=export.pk).delete()


def test_the_chain_finds_a_batch_that_was_tampered_with() -> None:
    by = make_coordinator()
    make_vacancy("published")
    send(BEFORE, by)
    export = services.freeze_month(NOW, by=by, early=True)
    assert services.verify_exports() == (2, None)
    with connection.cursor() as cursor:  # somebody with the database's keys
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE vacancies_ministryexport DISABLE TRIGGER frozen_export_is_kept")
        cursor.execute(
            "UPDATE vacancies_ministryexport SET reason = 'x', version = 2 WHERE id = %s",
            [export.pk],
        )
        cursor.execute("ALTER TABLE vacancies_ministryexport ENABLE TRIGGER frozen_export_is_kept")
    assert services.verify_exports() == (1, export)


def test_the_preview_is_what_freezing_makes() -> None:
    make_vacancy("published")
    batch, base, leftovers = services.preview_month(NOW)
    assert leftovers == {}
    assert base is None
    assert [item.row for item in batch] == services.freeze_month(
        NOW, by=make_coordinator(), early=True
    ).rows


def test_a_value_that_begins_like_a_formula_stops_the_file() -> None:
    """A-33: in the ministry's file such a cell is an error, never silently changed."""
    vacancy = make_vacancy("published")
    vacancy.values["note"] = "=1+1"
    vacancy.save()
    with pytest.raises(ExportError, match="数式"):
        services.freeze_month(NOW, by=make_coordinator(), early=True)
    assert MinistryExport.objects.count() == 0


# --- The command ------------------------------------------------------------------------------
def run(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    call_command("ministry_export", *args, "--early")
    return capsys.readouterr().out


def test_the_command_prints_rows_counts_and_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_vacancy("published")
    out = run(capsys, f"{NOW:%Y-%m}", "--out", str(tmp_path))
    export = MinistryExport.objects.get()
    (file,) = tmp_path.iterdir()
    assert file.read_bytes() == bytes(export.content)
    assert file.name == f"boshu-34-{NOW:%Y-%m}-v1.csv"
    lines = out.splitlines()[2:]
    assert lines == [
        "行数: 1",
        "新規: 1",
        "変更: 0",
        "継続: 0",
        "募集終了: 0",
        "取下げ: 0",
        f"SHA-256: {export.sha256}",
    ]
    assert export.frozen_by is None


def test_the_command_makes_an_old_month_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by = make_coordinator()
    vacancy = make_vacancy("published")
    send(BEFORE, by)
    run(capsys, f"{BEFORE:%Y-%m}", "--out", str(tmp_path / "a"))
    services.withdraw_vacancy(vacancy, by=vacancy.created_by)
    run(capsys, f"{BEFORE:%Y-%m}", "--out", str(tmp_path / "b"))
    (first,), (second,) = (tmp_path / "a").iterdir(), (tmp_path / "b").iterdir()
    assert first.read_bytes() == second.read_bytes()
    assert MinistryExport.objects.count() == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["2026-13"], "YYYY-MM"),
        (["2099-01"], "まだ始まって"),
        ([f"{NOW:%Y-%m}", "--edition", "9"], "9"),
    ],
)
def test_the_command_refuses_in_one_line(args: list[str], words: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("ministry_export", *args, "--out", str(tmp_path))
