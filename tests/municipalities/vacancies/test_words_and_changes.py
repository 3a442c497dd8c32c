"""Words of an earlier text that are withheld; a change that waits, and one that is recalled."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import IncompleteError, NotAllowedNowError
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.queue import coordinator_queue
from talentpool.embedded.sample import past
from talentpool.outbox.models import Message
from tests.municipalities.vacancies.objects import change, make_coordinator, make_vacancy
from tests.municipalities.vacancies.test_there_and_back import signed_in, submitted

pytestmark = pytest.mark.django_db
LEAK = "漏れた名前"


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def test_words_that_slipped_in_can_be_withheld_and_released() -> None:
    by = make_coordinator()
    vacancy = make_vacancy("published", headcount="1")
    vacancy = change(vacancy, by, note=LEAK)
    vacancy = change(vacancy, by, note="")
    vacancy = change(vacancy, by, headcount="8")
    address = f"/vacancies/{vacancy.vacancy_no}/"
    assert Client().get(address).content.decode().count(LEAK) == 2
    leaked = vacancy.revisions.get(number=2)
    review = f"/admin/vacancies/vacancy/{vacancy.pk}/review/"
    client = signed_in(by)
    assert "第2版" in client.get(review).content.decode()
    refused = client.post(review, {"withhold": leaked.pk, f"r{leaked.pk}-reason": ""})
    assert refused.status_code == 422
    client.post(review, {"withhold": leaked.pk, f"r{leaked.pk}-reason": "名前があった"})
    page = Client().get(address).content.decode()
    assert LEAK not in page
    assert page.count("内容を訂正しました") == 2
    assert "<td>1</td><td>8</td>" in page  # the other change is still told
    assert "名前があった" not in page
    assert "名前があった" in client.get(review).content.decode()
    with pytest.raises(NotAllowedNowError):
        services.withhold_revision(leaked, reason="また", by=by)
    client.post(review, {"release": leaked.pk})
    assert LEAK in Client().get(address).content.decode()


def test_the_text_that_is_published_is_mended_first() -> None:
    by = make_coordinator()
    vacancy = change(make_vacancy("published"), by, note=LEAK)
    with pytest.raises(NotAllowedNowError, match="先に市町に"):
        services.withhold_revision(vacancy.revisions.get(number=2), reason="名前", by=by)
    with pytest.raises(IncompleteError):
        services.withhold_revision(vacancy.revisions.get(number=1), reason=" ", by=by)


def test_a_change_waits_from_the_day_it_was_handed_in() -> None:
    today = timezone.localdate()
    by = make_coordinator()
    with past.on(today - timedelta(days=60)):
        changed = make_vacancy("published")
    with past.on(today - timedelta(days=5)):
        new = make_vacancy("submitted")
    changed = submitted(changed)
    waiting = [item.url for item in coordinator_queue(by) if "/vacancy/" in item.url]
    assert [f"/{new.pk}/" in waiting[0], f"/{changed.pk}/" in waiting[1]] == [True, True]
    assert changed.change_submitted_at is not None
    review = signed_in(by).get(f"/admin/vacancies/vacancy/{changed.pk}/review/").content.decode()
    assert "に変更が提出され、公表を待っています" in review
    found = signed_in(by).get("/admin/vacancies/vacancy/?change__exact=submitted")
    assert changed.vacancy_no in found.content.decode()
    assert new.vacancy_no not in found.content.decode()
    services.publish_change(changed, by=by)
    assert Vacancy.objects.get(pk=changed.pk).change_submitted_at is None


@pytest.mark.parametrize("is_change", [False, True])
def test_a_town_recalls_what_waits_for_the_prefecture(is_change: bool) -> None:
    """引戻し: it writes on, the month's answer goes with the change, the coordinators are told."""
    by = make_coordinator()
    vacancy = submitted(make_vacancy("published")) if is_change else make_vacancy("submitted")
    client, page = signed_in(vacancy.created_by), f"/town/vacancies/{vacancy.vacancy_no}/"
    assert "提出を引き戻す" in client.get(page).content.decode()
    client.post(f"{page}do/recall/")
    row = Vacancy.objects.get()
    states = ("published", "draft") if is_change else ("draft", "")
    assert (row.status, row.change) == states
    assert row.is_writable
    assert not row.is_returned
    assert Message.objects.filter(payload__to=by.email, payload__subject__icontains="引き戻し")
    assert [item for item in coordinator_queue(by) if "/vacancy/" in item.url] == []
    assert client.post(f"{page}do/recall/", follow=True).status_code == 200
    with pytest.raises(NotAllowedNowError):
        services.recall_vacancy(row, by=row.created_by)
    page_of_prefecture = signed_in(by).get(f"/admin/vacancies/vacancy/{row.pk}/review/")
    assert "差戻し中" not in page_of_prefecture.content.decode()
    again = services.submit_change if is_change else services.submit_vacancy
    again(row, by=row.created_by)


@pytest.mark.parametrize("is_change", [False, True])
def test_what_was_returned_stays_so_until_it_is_submitted_again(is_change: bool) -> None:
    """Also when the last field with a remark is mended: it still waits for its town."""
    by = make_coordinator()
    vacancy = submitted(make_vacancy("published")) if is_change else make_vacancy("submitted")
    editor = vacancy.created_by
    row = services.return_vacancy(vacancy, remark="", field_remarks={"headcount": "何人か"}, by=by)
    row, _ = services.save_values(
        row, {"headcount": "3"}, identifiers=["headcount"], version=row.version, by=editor
    )
    assert row.field_remarks == {}
    assert row.is_returned
    assert "差戻し" in signed_in(editor).get("/town/").content.decode()
    again = services.submit_change if is_change else services.submit_vacancy
    assert not again(row, by=editor).is_returned
    row = services.recall_vacancy(row, by=editor)
    assert not row.is_returned
