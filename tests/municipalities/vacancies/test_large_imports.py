"""Imports that are large, fail, or meet the limits: nobody waits for them, none is stuck."""

import tracemalloc
from collections.abc import Callable, Iterator
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from municipalities.registry import problems
from municipalities.registry.importing import Importer, Progress
from municipalities.registry.problems import Problem
from municipalities.vacancies import services
from municipalities.vacancies.imports import MOST_CACHED, Checker, Entry
from municipalities.vacancies.models import FormVersion, Vacancy, VacancyCounter, VacancyImport
from municipalities.vacancies.services.imports import VACANCIES
from talentpool.audit import services as audit
from talentpool.audit.models import Event
from talentpool.conventions.era import fiscal_year
from tests.municipalities.vacancies.form_file import DEFINITION
from tests.municipalities.vacancies.objects import COMPLETE, make_editor, make_town, make_vacancy
from tests.municipalities.vacancies.test_imports import applied, make_import

pytestmark = pytest.mark.django_db


def elsewhere(ask: Callable[[], Any]) -> Any:
    """What another session of the database answers."""
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(ask())
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return answers[0]


def chain_is_free() -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [audit.CHAIN_LOCK])
        return bool(cursor.fetchone()[0])  # type: ignore[index]


@pytest.mark.django_db(transaction=True)
def test_other_verbs_go_on_and_progress_is_seen_while_an_import_is_written() -> None:
    """The audit chain's lock is taken at the end, and others see how far it is."""
    job = make_import(COMPLETE, COMPLETE)
    VacancyImport.objects.filter(pk=job.pk).update(status="applying", mode="all", done=0)
    seen: list[tuple[bool, int]] = []

    def write(entries: list[Entry], row: VacancyImport, note: Progress) -> int:
        """As the room writes, with a look from outside after the first and the last row."""

        def look(done: int, total: int) -> None:
            note(done, total)
            now = elsewhere(lambda: VacancyImport.objects.get(pk=row.pk).done)
            seen.append((elsewhere(chain_is_free), now))

        audit.record("save_vacancy", row, by=row.created_by)
        look(0, len(entries))
        return services.write_entries(
            entries, row.municipality, mode=row.mode, by=row.created_by, progress=look
        )

    importer = VACANCIES
    watched: Importer[VacancyImport, Entry] = Importer(
        model=VacancyImport,
        prefix="watched",
        task=importer.task,
        noun=importer.noun,
        check=importer.check,
        write=write,
        related=importer.related,
    )
    watched.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.written, job.done) == ("applied", 2, 2)
    assert seen == [(True, 1), (True, 2)]
    actions = list(Event.objects.order_by("pk").values_list("action", flat=True))[-4:]
    assert actions == ["save_vacancy", "create_vacancy", "create_vacancy", "finish_import"]
    assert audit.verify_chain()[1] is None


def test_a_number_that_no_column_holds_is_a_problem_of_its_cell() -> None:
    huge = COMPLETE | {"frequency_unit": "D", "freq_min": "99999", "freq_max": "99999"}
    job = make_import(huge)
    assert [p["message"] for p in job.problems] == ["9999.9以下で入れてください。"] * 2


def test_an_import_that_fails_in_the_program_is_not_stuck() -> None:
    """Whatever goes wrong, it waits for its owner again, with words, and nothing was written."""
    job = make_import(COMPLETE)

    def write(entries: list[Entry], row: VacancyImport, note: Progress) -> int:
        services.create_vacancy(row.municipality, {}, by=row.created_by)
        Vacancy.objects.update(freq_min=99_999)  # a DataError of the database
        return 1

    importer = VACANCIES
    broken: Importer[VacancyImport, Entry] = Importer(
        model=VacancyImport,
        prefix="broken",
        task=importer.task,
        noun=importer.noun,
        check=importer.check,
        write=write,
    )
    broken.apply(job, mode="all", by=job.created_by)
    events = Event.objects.count()
    broken.run(job.pk)
    job.refresh_from_db()
    assert (job.status, Vacancy.objects.count(), Event.objects.count()) == ("checked", 0, events)
    assert job.message.startswith("プログラムの不具合")


def test_a_draft_in_an_older_form_is_moved_to_the_form_of_the_file() -> None:
    draft, by = make_vacancy(), make_editor()
    form = services.copy_form(FormVersion.objects.get(code="proposed-1"), by=by)
    form.fields.filter(identifier="note").update(identifier="remarks")
    services.save_values(draft, {"note": "旧"}, identifiers=["note"], version=draft.version, by=by)
    services.put_in_force(form, timezone.localdate(), by=by)
    for _ in range(2):
        draft.refresh_from_db()
        job = make_import(COMPLETE | {"vacancy_no": draft.vacancy_no}, by=by)
        assert job.problems == []
        assert applied(job, "all").status == "applied"
    draft.refresh_from_db()
    assert (draft.form_version, draft.values["form_version"]) == (form, form.code)
    assert (draft.leftover, "note" in draft.values) == ({"note": "旧"}, False)


def test_the_dry_run_counts_the_numbers_that_are_left() -> None:
    year = fiscal_year(timezone.localdate())
    VacancyCounter.objects.create(municipality=make_town(), fiscal_year=year, last=29_998)
    bad = COMPLETE | {"tel": "1"}
    job = make_import(bad, COMPLETE, COMPLETE)
    assert [(p["cell"], p["header"]) for p in job.problems] == [
        ("AY2", "電話番号"),
        ("A4", "募集管理番号"),
    ]
    assert "あと1件" in job.problems[1]["message"]
    assert applied(job, "valid").written == 1


def test_all_problems_are_in_the_file_and_the_first_ones_on_the_page(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    editor = make_editor()
    job = make_import(*[COMPLETE | {"tel": str(number)} for number in range(230)], by=editor)
    assert (job.problem_count, len(job.problems)) == (230, 200)
    client = Client()
    client.force_login(editor)
    url = f"/town/vacancies/import/{job.pk}/"
    assert "はじめの200か所" in client.get(url).content.decode()
    lines = client.get(f"{url}problems.csv").getvalue().decode("utf-8-sig").splitlines()
    assert (len(lines), lines[-1].split(",")[1]) == (231, '"AY231"')


def test_a_wrong_number_names_its_cell() -> None:
    job = make_import(COMPLETE, COMPLETE | {"vacancy_no": "342157-08-999"})
    assert [p["cell"] for p in job.problems] == ["A3"]


def problem_after_problem(count: int) -> Iterator[SimpleNamespace]:
    """Entries as a check gives them, of five problems each, made one by one."""
    for number in range(count // 5):
        value = f"{number:0300}"
        said = [Problem("s", f"A{number}", "項目", value, "直してください。") for _ in range(5)]
        yield SimpleNamespace(problems=said)


def test_of_very_many_problems_only_the_first_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are counted; the page gets 200, the file its most and how many more there are. Memory
    stays what it was: the problems alone would be several megabytes."""
    monkeypatch.setattr(problems, "MOST_IN_FILE", 1000)
    job = VacancyImport()
    tracemalloc.start()
    problems.report(job, problem_after_problem(10_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (job.problem_count, job.valid, job.invalid) == (10_000, 0, 2000)
    assert len(job.problems) == 200
    assert peak < 1024 * 1024
    lines = b"".join(problems.problem_file(job)).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 1000 + 1
    assert "ほかに9,000か所あります" in lines[-1]


def test_the_page_says_when_the_file_has_not_all_problems(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    job = make_import(COMPLETE | {"tel": "1"})
    VacancyImport.objects.filter(pk=job.pk).update(problem_count=123_456)
    client = Client()
    client.force_login(job.created_by)
    page = client.get(f"/town/vacancies/import/{job.pk}/").content.decode()
    assert "ほかの123,455か所は、CSVのファイルにあります" in page
    assert "はじめの100,000か所まで" in page


def test_texts_that_are_seen_once_do_not_stay_in_memory() -> None:
    checker = Checker(DEFINITION, {})
    spec = DEFINITION.by_identifier["note"]
    for number in range(2 * MOST_CACHED):
        checker.cell(spec, str(number))
    assert len(checker._seen) <= MOST_CACHED
