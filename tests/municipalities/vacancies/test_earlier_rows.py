"""What the rows of earlier versions of the product carry, and a database that is not whole yet."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.apps import _load_forms
from municipalities.vacancies.models import JointTown, Vacancy
from municipalities.vacancies.services import columns
from municipalities.vacancies.services.writing import create_vacancies
from tests.municipalities.vacancies.objects import (
    COMPLETE,
    change,
    make_coordinator,
    make_editor,
    make_town,
    make_vacancy,
)

pytestmark = pytest.mark.django_db
PARTNER = "342084"


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def leave_partner(vacancy: Vacancy) -> None:
    """A partner that the vacancy does not name, as before the database forbade it."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE vacancies_jointtown DISABLE TRIGGER only_joint_vacancy_has_partners")
    JointTown.objects.create(
        vacancy=vacancy, municipality=make_town(PARTNER), asked_at=timezone.now()
    )
    execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_draft_with_a_partner_left_over_is_saved_all_the_same() -> None:
    vacancy = make_vacancy()
    leave_partner(vacancy)
    services.save_values(
        vacancy,
        {"note": "書き足した"},
        identifiers=["note"],
        version=vacancy.version,
        by=vacancy.created_by,
    )
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Vacancy.objects.get().values["note"] == "書き足した"
    assert not JointTown.objects.exists()


def migrate_rows() -> None:
    name = "municipalities.vacancies.migrations.0011_what_earlier_rows_left_over"
    execute(import_module(name).FORWARD)


def test_partners_left_over_go_and_no_others() -> None:
    lead = make_editor()
    make_town(PARTNER)
    joint = make_vacancy(by=lead, joint_type="1", joint_members=PARTNER)
    services.ask_partners(joint, by=lead)
    leave_partner(make_vacancy("published", by=lead))
    ended = make_vacancy("closed", by=lead)
    execute(
        "INSERT INTO vacancies_jointtown (vacancy_id, municipality_id, status, asked_at, remark,"
        " document_number, held_document)"
        f" VALUES ({ended.pk}, '{PARTNER}', 'asked', now(), '', '', '')"
    )
    migrate_rows()
    left = JointTown.objects.values_list("vacancy", flat=True)
    assert sorted(left) == sorted([joint.pk, ended.pk])


def test_what_its_town_recalled_is_not_returned() -> None:
    by = make_coordinator()
    returned, recalled = make_vacancy("returned"), make_vacancy("returned")
    recalled = services.submit_vacancy(recalled, by=recalled.created_by)
    services.recall_vacancy(recalled, by=recalled.created_by)
    again = services.submit_vacancy(make_vacancy(), by=recalled.created_by)
    again = services.recall_vacancy(again, by=recalled.created_by)
    again = services.submit_vacancy(again, by=recalled.created_by)
    services.return_vacancy(again, remark="直して", by=by)
    Vacancy.objects.update(returned_at=timezone.now())  # as 0009 did
    migrate_rows()
    marked = Vacancy.objects.filter(returned_at__isnull=False)
    assert set(marked) == {returned, again}


def test_a_migration_to_before_a_column_reads_no_vacancy() -> None:
    make_vacancy("published")
    Vacancy.objects.update(open_line="")
    loader = MigrationLoader(connection)
    before = loader.project_state(("vacancies", "0007_vacancy_carries_its_open_line"))
    _load_forms(apps=before.apps)
    assert Vacancy.objects.get().open_line == ""
    _load_forms()
    assert Vacancy.objects.get().open_line != ""


def test_many_are_written_with_one_question_to_the_registry() -> None:
    """However many of them are joint, made and renewed alike; and all find their partners."""
    town, by = make_town(), make_editor()
    make_town(PARTNER)
    joint = COMPLETE | {"joint_type": "1", "joint_members": PARTNER}
    for number in (2, 5):
        with CaptureQueriesContext(connection) as made:
            create_vacancies(town, [joint] * number, by=by)
        Vacancy.objects.update(open_line="", search_text="")
        with CaptureQueriesContext(connection) as renewed:
            columns.renew_columns()
        for found in (made, renewed):
            asked = [one["sql"] for one in found if 'FROM "registry_municipality"' in one["sql"]]
            assert len([sql for sql in asked if PARTNER in sql]) == 1
        assert not Vacancy.objects.exclude(search_text__contains="府中市").exists()


def test_renewing_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look for more begins after the last row, or it would read all the earlier ones."""
    monkeypatch.setattr(columns, "BATCH", 1)
    first = make_vacancy("published")
    services.copy_vacancy(first, by=first.created_by)
    Vacancy.objects.update(open_line="")
    with CaptureQueriesContext(
        connection,
    ) as ran:
        assert services.renew_columns() == 2
    looks = [query["sql"] for query in ran if "FOR NO KEY UPDATE" in query["sql"]]
    last = Vacancy.objects.latest("pk").pk
    assert [
        f'"id" > {pk}' in look for pk, look in zip((0, first.pk, last), looks, strict=True)
    ] == [True] * 3


def test_the_calendar_renews_a_line_that_what_is_hidden_has_emptied() -> None:
    vacancy = make_vacancy("published", contact_name="主任 見本みどり")
    line = vacancy.open_line
    change(vacancy, make_coordinator(), contact_name="主任 見本あおい")
    assert Vacancy.objects.get().open_line == ""
    services.keep_calendar()
    assert Vacancy.objects.get().open_line == line != ""
