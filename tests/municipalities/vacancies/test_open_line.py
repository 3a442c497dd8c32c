"""The line that each vacancy carries for the open data: the same file as from its values."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.bulk_csv import stream_csv
from municipalities.vacancies.models import FormVersion, Vacancy
from municipalities.vacancies.open_fields import open_columns, open_fields
from talentpool.conventions.cells import read_csv
from talentpool.conventions.folding import search_key
from tests.municipalities.vacancies.objects import change, make_coordinator, make_vacancy

pytestmark = pytest.mark.django_db

TEXTS = ['"引用"、改行\nあり', "a,b", "'=1", "''-1", "'ふつう", "\\N \\.", "100%の{仕事}", "𠮷野"]
TEXTS += ["=1", "＝1", "+1", "-1", "@a", "＋1", "－1", "＠a", "\ta", "\ra"]


def shipped() -> FormVersion:
    return FormVersion.objects.get(code="proposed-1")


def file_of_open() -> bytes:
    return b"".join(stream_csv(Vacancy.objects.order_by("vacancy_no"), open_columns()))


def test_lines_and_values_make_the_same_file() -> None:
    """Letter by letter, whatever the texts are; one without a line is read from its values."""
    vacancy = make_vacancy("published", note=TEXTS[0])
    for text in TEXTS[1:]:
        services.copy_vacancy(vacancy, by=vacancy.created_by)
        copy = Vacancy.objects.latest("pk")
        copy.write_values(copy.values | {"note": text, "message": text})
        copy.save()
    by_lines = file_of_open()
    assert Vacancy.objects.exclude(open_line="").count() == len(TEXTS)
    Vacancy.objects.update(open_line="")
    assert file_of_open() == by_lines
    header, *rows = read_csv(by_lines)
    assert [row[header.index("備考")] for row in rows] == TEXTS
    assert by_lines.count(b"\r\n") == len(TEXTS) + 1


def test_a_published_change_renews_the_line() -> None:
    vacancy = make_vacancy("published", note="はじめ")
    change(vacancy, make_coordinator(), note="あとで")
    assert "あとで" in Vacancy.objects.get().open_line
    services.open_change(Vacancy.objects.get(), by=vacancy.created_by)
    before = file_of_open()
    Vacancy.objects.update(open_line="")
    assert file_of_open() == before


def test_a_line_never_outlives_its_values() -> None:
    """The database empties it when somebody writes the values alone; `renew_columns` makes it."""
    vacancy = make_vacancy("published", note="はじめ")
    Vacancy.objects.filter(pk=vacancy.pk).update(values=vacancy.values | {"note": "あとで"})
    assert Vacancy.objects.get().open_line == ""
    assert "あとで".encode() in file_of_open()
    assert services.renew_columns() == 1
    renewed = Vacancy.objects.get()
    assert '"あとで"' in renewed.open_line
    assert search_key("あとで") in renewed.search_text
    assert (renewed.version, renewed.changed_at) == (vacancy.version, vacancy.changed_at)
    assert services.renew_columns() == 0


def test_what_is_hidden_is_in_no_line() -> None:
    vacancy = make_vacancy("published", contact_name="主任 見本みどり")
    assert "見本みどり" not in vacancy.open_line


def test_a_line_of_an_older_form_is_read_from_its_values() -> None:
    """The columns are those of the form in force; a row in another one has cells under them."""
    old = make_vacancy("published", note="古い様式")
    draft = services.copy_form(shipped(), by=make_coordinator())
    draft.fields.filter(identifier="message").update(order=200)
    services.put_in_force(draft, timezone.localdate(), by=make_coordinator())
    new = make_vacancy("published", note="新しい様式", message="よろしく")
    assert new.form_version != old.form_version
    header, *rows = read_csv(Client().get("/opendata/vacancies.csv").getvalue())
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["備考"], row["団体からのメッセージ"]) for row in found] == [
        ("古い様式", ""),
        ("新しい様式", "よろしく"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vacancies_vacancy SET open_line = '' WHERE id = %s", [new.pk])
    assert read_csv(Client().get("/opendata/vacancies.csv").getvalue()) == [header, *rows]


def test_the_words_of_a_choice_are_found() -> None:
    """A search reads what the page shows: the names of what is chosen, not its codes."""
    vacancy = make_vacancy("published", work_fields="MYN", talent_type="SD", note="")
    make_vacancy("published", work_fields="BPR", talent_type="PM", code="343021")
    for word in ("マイナンバー", "サービスデザイナー", "ｻｰﾋﾞｽﾃﾞｻﾞｲﾅｰ"):
        assert list(Vacancy.objects.search(word)) == [vacancy], word
    assert "myn" not in vacancy.search_text


def test_hidden_choices_are_not_found() -> None:
    draft = services.copy_form(shipped(), by=make_coordinator())
    draft.fields.filter(identifier="skills").update(public=False)
    services.put_in_force(draft, timezone.localdate(), by=make_coordinator())
    vacancy = make_vacancy("published", work_fields="NW", skills="MYN")
    assert "マイナンバー" not in vacancy.search_text


def test_a_vacancy_of_an_older_form_loses_nothing() -> None:
    """What only its form has stands in the last columns, and in the schema with its version; lines
    and values make the same file."""
    old = make_vacancy("published", note="古い様式だけの備考")
    draft = services.copy_form(shipped(), by=make_coordinator())
    draft.fields.filter(identifier="note").delete()
    draft.fields.filter(identifier="message").update(public=False)
    services.put_in_force(draft, timezone.localdate(), by=make_coordinator())
    new = make_vacancy("published", code="343021")
    assert new.form_version != old.form_version
    client = Client()
    header, *rows = read_csv(client.get("/opendata/vacancies.csv").getvalue())
    assert header[-1] == "備考"
    assert "団体からのメッセージ" not in header
    found = {row[header.index("募集管理番号")]: row[-1] for row in rows}
    assert found == {old.vacancy_no: "古い様式だけの備考", new.vacancy_no: ""}
    by_lines = file_of_open()
    Vacancy.objects.update(open_line="")
    assert file_of_open() == by_lines
    entries = json.loads(client.get("/opendata/vacancies.json").getvalue())["vacancies"]
    assert [entry.get("note") for entry in entries] == ["古い様式だけの備考", None]
    page = client.get("/opendata/").content.decode()
    row = page.split("<code>note</code>")[1].split("</tr>")[0]
    assert f"<td>{old.form_version.code}</td>" in row
    assert f"{new.form_version.code}、{old.form_version.code}" in page
    services.close_vacancy(old, outcome="filled", by=old.created_by)
    assert "備考" not in read_csv(client.get("/opendata/vacancies.csv").getvalue())[0]


def test_the_codes_of_all_versions_are_explained() -> None:
    """A code that the form in force has no more is still in the schema, with its own word."""
    make_vacancy("published", remote="1")
    draft = services.copy_form(shipped(), by=make_coordinator())
    field = draft.fields.get(identifier="remote")
    first, field.allowed = field.allowed.split(";", 1)
    gone, label = first.split("=")
    field.save()
    services.put_in_force(draft, timezone.localdate(), by=make_coordinator())
    [remote] = [one for one in open_fields() if one.identifier == "remote"]
    assert remote.allowed[gone] == label
    assert gone not in (remote.spec.allowed or {})


def test_only_its_last_columns_are_added_to_a_line() -> None:
    """A line of the form in force is taken as it is and goes on with empty cells."""
    make_vacancy("published")
    draft = services.copy_form(shipped(), by=make_coordinator())
    draft.fields.filter(identifier="note").delete()
    services.put_in_force(draft, timezone.localdate(), by=make_coordinator())
    vacancy = make_vacancy("published", code="343021")
    assert f'{vacancy.open_line.removesuffix(chr(13) + chr(10))},""\r\n'.encode() in file_of_open()
