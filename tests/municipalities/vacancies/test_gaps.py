"""A new version of the form in force: towns are asked for what is new, nothing is dropped."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import FormField, FormVersion, Vacancy
from municipalities.vacancies.services.gaps import ask_to_fill, gaps_of
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import make_coordinator, make_editor, make_vacancy

pytestmark = pytest.mark.django_db
HEADER = "緊急時の連絡体制"


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def put_new_form_in_force(by: User, requirement: str = "required") -> FormVersion:
    """A version with one field more, in force today."""
    old = FormVersion.objects.get(code="proposed-1")
    version = services.copy_form(old, by=by)
    FormField.objects.create(
        version=version,
        order=63,
        identifier="emergency",
        header=HEADER,
        kind="str",
        requirement=requirement,
        max_length=60,
        section="contact",
    )
    return services.put_in_force(
        FormVersion.objects.get(pk=version.pk), timezone.localdate(), by=by
    )


def lacking(vacancies: Any = None) -> list[tuple[str, list[str]]]:
    found = gaps_of(vacancies or Vacancy.objects.all(), timezone.localdate())
    return [(gap.vacancy.vacancy_no, [header for header, _ in gap.lacks]) for gap in found]


def asked() -> list[str]:
    found = Message.objects.filter(key__startswith="form:").order_by("key")
    return [message.key.rpartition(":")[0].partition(":")[2].partition(":")[2] for message in found]


def words(user: User, path: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_towns_are_asked_once_for_what_is_new_and_shown_until_it_is_there() -> None:
    by, editor, other = make_coordinator(), make_editor(), make_editor("343021")
    vacancy = make_vacancy("published", by=editor)
    make_vacancy("draft", by=other, code="343021")
    assert ask_to_fill(timezone.localdate()) == 0
    put_new_form_in_force(by)
    assert lacking() == [(vacancy.vacancy_no, [HEADER])]
    assert [ask_to_fill(timezone.localdate()) for _ in range(2)] == [1, 1]
    assert set(asked()) == {"342157", "prefecture"}
    assert HEADER not in str(list(Message.objects.values_list("payload", flat=True)))
    # Shown to the town, on its home page and in the monthly round; listed for the prefecture.
    assert HEADER in words(editor, "/town/form-gaps/")
    assert "新しい様式の項目を入れる" in words(editor, "/town/")
    assert vacancy.vacancy_no not in words(other, "/town/form-gaps/")
    listed = words(by, "/admin/vacancies/vacancy/gaps/")
    assert vacancy.vacancy_no in listed
    assert HEADER in listed
    assert "1件あります" in words(by, "/admin/")
    # Never dropped: the public page and the month's file hold it as before.
    assert vacancy.vacancy_no in Client().get("/vacancies/").content.decode()
    batch, _, leftovers = services.preview_month(timezone.localdate())
    assert ([item.row["vacancy_no"] for item in batch], leftovers) == ([vacancy.vacancy_no], {})
    # Filled in by the ordinary change.
    vacancy = services.open_change(vacancy, by=editor)
    vacancy, _ = services.save_values(
        vacancy,
        {"emergency": "総務課が24時間"},
        identifiers=["emergency"],
        version=vacancy.version,
        by=editor,
    )
    vacancy = services.submit_change(vacancy, by=editor)
    assert "変更を県が確かめています" in words(editor, "/town/form-gaps/")
    services.publish_change(vacancy, by=by)
    assert lacking() == []
    assert "新しく入れる項目はありません" in words(editor, "/town/form-gaps/")
    assert "入っていない項目はありません" in words(by, "/admin/vacancies/vacancy/gaps/")


def test_a_field_that_may_stay_empty_asks_nobody() -> None:
    by = make_coordinator()
    make_vacancy("published")
    put_new_form_in_force(by, requirement="optional")
    assert lacking() == []
    assert ask_to_fill(timezone.localdate()) == 0
    assert asked() == []


def test_a_version_asks_in_its_first_weeks_only() -> None:
    """Later the home pages go on asking: a purged outbox must not lead to the same mail again."""
    by = make_coordinator()
    make_vacancy("published")
    put_new_form_in_force(by)
    assert ask_to_fill(timezone.localdate() + timedelta(days=15)) == 0
    assert asked() == []
    assert ask_to_fill(timezone.localdate() + timedelta(days=14)) == 1


def test_a_choice_that_is_gone_is_named_in_the_words_of_its_form() -> None:
    by, editor = make_coordinator(), make_editor()
    make_vacancy("published", by=editor)
    copy = services.copy_form(FormVersion.objects.get(code="proposed-1"), by=by)
    field = copy.fields.get(identifier="remote")
    gone = Vacancy.objects.get().values["remote"]
    kept = [row for row in field.allowed.split(";") if not row.startswith(f"{gone}=")]
    [lost] = set(field.allowed.split(";")) - set(kept)
    copy.fields.filter(pk=field.pk).update(allowed=";".join(kept))
    services.put_in_force(copy, timezone.localdate(), by=by)
    [gap] = gaps_of(Vacancy.objects.all(), timezone.localdate())
    assert gap.leftover == [(field.header, lost.partition("=")[2])]
    told = f"{field.header}：{lost.partition('=')[2]}"
    vacancy = gap.vacancy
    assert told in words(editor, "/town/form-gaps/")
    month = f"/admin/vacancies/ministryexport/months/{timezone.localdate():%Y-%m}/"
    assert f"{field.header}「{lost.partition('=')[2]}」" in words(by, month)
    assert told in words(editor, f"/town/vacancies/{vacancy.vacancy_no}/sent/")
    services.open_change(vacancy, by=editor)
    assert told in words(editor, f"/town/vacancies/{vacancy.vacancy_no}/")
