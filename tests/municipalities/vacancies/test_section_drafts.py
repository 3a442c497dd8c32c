"""What stands in a section's form and is not saved is never lost (C-08, A-04, A-23)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import SectionDraft, Vacancy
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import make_editor, make_vacancy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(vacancy: Vacancy, section: str = "contact", end: str = "") -> str:
    return reverse("town:vacancy_section", args=[vacancy.vacancy_no, section]) + end


def in_the_form(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the page as it is shown, hidden inputs and all."""
    form = client.get(url).context["form"]
    sent: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "decompress"):
            parts = value if isinstance(value, list) else widget.decompress(value)
            sent |= {f"{bound.name}_{i}": part or "" for i, part in enumerate(parts)}
        else:
            sent[bound.name] = "" if value is None else value
    return sent | changes


def save_elsewhere(vacancy: Vacancy, field: str, value: str) -> None:
    row = Vacancy.objects.get(pk=vacancy.pk)
    services.save_values(
        row, {field: value}, identifiers=[field], version=row.version, by=make_editor()
    )


def test_another_section_saved_meanwhile_is_in_nobodys_way() -> None:
    vacancy = make_vacancy()
    client, url = signed_in(vacancy.created_by), page_of(vacancy)
    client.post(page_of(vacancy, end="autosave/"), in_the_form(client, url, dept="企画かちょ"))
    save_elsewhere(vacancy, "headcount", "3")
    sent = in_the_form(client, url)
    assert sent["dept"] == "企画かちょ", "the draft is shown"
    assert client.post(url, sent).status_code == 302
    saved = Vacancy.objects.get().values
    assert (saved["dept"], saved["headcount"]) == ("企画かちょ", "3")
    assert SectionDraft.objects.count() == 0


def test_the_same_section_saved_meanwhile_is_shown_and_the_second_press_decides() -> None:
    vacancy = make_vacancy()
    client, url = signed_in(vacancy.created_by), page_of(vacancy)
    sent = in_the_form(client, url, dept="税務課")
    save_elsewhere(vacancy, "dept", "企画課")
    answer = client.post(url, sent)
    assert answer.status_code == 409
    assert "企画課" in answer.content.decode()
    assert 'value="税務課"' in answer.content.decode()
    assert Vacancy.objects.get().values["dept"] == "企画課"
    form = answer.context["form"]
    again = {name: form[name].value() for name in ("version", "opened")}
    assert client.post(url, sent | again).status_code == 302
    assert Vacancy.objects.get().values["dept"] == "税務課"


def test_a_form_moved_meanwhile_is_a_conflict_and_no_error_page() -> None:
    vacancy = make_vacancy()
    client, url = signed_in(vacancy.created_by), page_of(vacancy)
    sent = in_the_form(client, url, dept="税務課")
    copy = services.copy_form(vacancy.form_version, by=make_editor())
    copy.fields.filter(identifier="dept").update(identifier="department")
    type(copy).objects.filter(pk=copy.pk).update(in_force_from=timezone.localdate())
    copy.refresh_from_db()
    Vacancy.objects.filter(pk=vacancy.pk).update(form_version=copy, version=2)
    assert client.post(url, sent).status_code == 409


def test_a_date_that_does_not_exist_leaves_the_date_that_is_saved() -> None:
    until = timezone.localdate() + timedelta(days=400)
    vacancy = make_vacancy(publish_until=until.isoformat())
    client, url = signed_in(vacancy.created_by), page_of(vacancy)
    sent = in_the_form(client, url, publish_until_1="2", publish_until_2="30", dept="企画課")
    answer = client.post(url, sent)
    assert answer.status_code == 422
    saved = Vacancy.objects.get()
    assert (saved.publish_until, saved.values["dept"]) == (until, "企画課")
    page = client.get(url).content.decode()
    assert "まだ保存していません" in page
    assert 'value="30"' in page
    assert "2月30日という日付はありません" in page


def test_a_text_that_is_refused_waits_for_its_writer() -> None:
    vacancy = make_vacancy()
    client, url = signed_in(vacancy.created_by), page_of(vacancy, "work")
    long = "あ" * 2_150
    assert client.post(url, in_the_form(client, url, duties=long)).status_code == 422
    page = client.get(url).content.decode()
    assert long in page
    assert "150文字減らしてください" in page
    sent = in_the_form(client, url, duties="短くした")
    assert client.post(url, sent).status_code == 302
    assert SectionDraft.objects.count() == 0


def test_what_is_missing_only_leaves_no_draft() -> None:
    vacancy = make_vacancy()
    client, url = signed_in(vacancy.created_by), page_of(vacancy)
    assert client.post(url, in_the_form(client, url, dept="")).status_code == 422
    assert SectionDraft.objects.count() == 0


def test_a_copy_that_arrives_behind_its_saving_is_no_draft() -> None:
    vacancy = make_vacancy()
    client, url = signed_in(vacancy.created_by), page_of(vacancy)
    sent = in_the_form(client, url, dept="企画課")
    client.post(url, sent)
    assert client.post(page_of(vacancy, end="autosave/"), sent).json()["saved"]
    assert SectionDraft.objects.count() == 0


def test_a_copy_sent_after_the_session_ended_leaves_the_text_to_the_form() -> None:
    vacancy = make_vacancy()
    client, url = signed_in(vacancy.created_by), page_of(vacancy)
    sent = in_the_form(client, url, dept="夜まで考えた課")
    session = client.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=31)).timestamp()
    session.save()
    copy = client.post(page_of(vacancy, end="autosave/"), sent, headers={"X-Autosave": "1"})
    assert (copy.status_code, SectionDraft.objects.count()) == (401, 0)
    assert client.post(url, sent)["Location"].startswith("/account/login/")
    client.force_login(vacancy.created_by)
    assert "夜まで考えた課" in client.get(url).content.decode()
