"""What is begun and given up leaves nothing behind: changes, answers, hidden questions."""

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import IncompleteError
from municipalities.vacancies.models import (
    MinistryExport,
    MonthlyRound,
    RoundAnswer,
    Vacancy,
)
from talentpool.conventions.months import first_of_month
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    answer_wishes,
    change,
    make_coordinator,
    make_editor,
    make_vacancy,
)
from tests.municipalities.vacancies.test_exports import send

pytestmark = pytest.mark.django_db
MONTH = first_of_month(timezone.localdate())


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def written(vacancy: Vacancy, **values: str) -> Vacancy:
    row, problems = services.save_values(
        vacancy,
        values,
        identifiers=list(values),
        version=vacancy.version,
        by=vacancy.created_by,
    )
    assert not problems
    return row


def submitted(vacancy: Vacancy) -> Vacancy:
    """With a change that waits for the prefecture."""
    vacancy = services.open_change(vacancy, by=vacancy.created_by)
    vacancy = written(vacancy, headcount="7")
    return services.submit_change(vacancy, by=vacancy.created_by)


def test_a_change_there_and_back_is_none() -> None:
    """最終更新日 moves with each saving, and is no change."""
    vacancy = make_vacancy("published")
    Vacancy.objects.update(values={**vacancy.values, "updated_on": "2026-04-01"})
    vacancy = services.open_change(vacancy, by=vacancy.created_by)
    vacancy = written(written(vacancy, headcount="7"), headcount="1")
    assert vacancy.changed_values != vacancy.values
    with pytest.raises(IncompleteError, match="まだ何も変わっていません"):
        services.submit_change(vacancy, by=vacancy.created_by)


@pytest.mark.parametrize("returned", [False, True])
@pytest.mark.parametrize("other", ["none", "waiting", "sent back", "published"])
def test_an_answer_goes_with_the_change_that_it_was(other: str, returned: bool) -> None:
    editor = make_editor()
    first, second = (make_vacancy("published", by=editor) for _ in range(2))
    round_ = MonthlyRound.objects.create(month=MONTH, opens_on=MONTH, cut_off=MONTH)
    answer = RoundAnswer.objects.create(round=round_, municipality_id="342157")
    first = submitted(first)
    if returned:
        services.return_vacancy(first, remark="人数を確かめてください", by=make_coordinator())
    if other in {"waiting", "sent back"}:
        second = submitted(second)
    if other == "sent back":
        services.return_vacancy(second, remark="人数を確かめてください", by=make_coordinator())
    if other == "published":
        change(second, make_coordinator(), headcount="9")
    first.refresh_from_db()
    services.discard_change(first, by=editor)
    answer.refresh_from_db()
    assert answer.kind == ("" if other == "none" else "changed")


def test_the_month_lists_the_changes_that_wait() -> None:
    by, vacancy = make_coordinator(), make_vacancy("published")
    url = f"/admin/vacancies/ministryexport/months/{MONTH:%Y-%m}/"
    assert "公表を待っている変更" not in signed_in(by).get(url).content.decode()
    submitted(vacancy)
    page = signed_in(by).get(url).content.decode()
    assert "公表を待っている変更" in page
    assert f"/admin/vacancies/vacancy/{vacancy.pk}/review/" in page
    months = signed_in(by).get("/admin/vacancies/ministryexport/months/")
    assert "すべての版" in months.content.decode()


def test_what_a_correction_dropped_is_new_again_for_its_town() -> None:
    by, editor = make_coordinator(), make_editor()
    vacancy = make_vacancy("published", by=editor)
    send(MONTH, by)
    page = f"/town/vacancies/{vacancy.vacancy_no}/sent/"
    assert "「継続」として伝えます" in signed_in(editor).get(page).content.decode()
    Vacancy.objects.update(publish_ok=False)
    corrected = send(MONTH, by, reason="出さないはずだった")
    assert corrected.rows == []
    Vacancy.objects.update(publish_ok=True)
    assert "「新規」として伝えます" in signed_in(editor).get(page).content.decode()
    assert MinistryExport.objects.count() == 2


def test_an_address_that_works_again_may_subscribe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services.suppress("hito@example.jp")
    file = tmp_path / "lifted.txt"
    file.write_text("Hito@example.jp\nunknown@example.jp\n", encoding="utf-8")
    call_command("suppress_addresses", str(file), "--lift")
    assert capsys.readouterr().out == "1\n"
    services.subscribe("hito@example.jp", areas=[], fields=[], rhythm="daily")
    answer_wishes()
    assert Message.objects.filter(payload__to="hito@example.jp").exists()
