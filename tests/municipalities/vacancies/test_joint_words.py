"""The words of the bodies of a joint vacancy with their answers, and which text these count for."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import IncompleteError
from municipalities.vacancies.models import FormField, FormVersion, Vacancy
from talentpool.audit.models import Event
from tests.municipalities.vacancies.objects import make_coordinator, make_editor
from tests.municipalities.vacancies.test_changes import make_second_form
from tests.municipalities.vacancies.test_joint import (
    FIRST,
    LEAD,
    answer_of,
    ask_and_agree,
    change,
    make_joint,
    make_published,
    signed_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


# --- Another form is another text -----------------------------------------------------------------
def make_same_form_again() -> None:
    """A version in force today that holds all that the first one does."""
    first = FormVersion.objects.get(code="proposed-1")
    again = FormVersion.objects.create(code="again", name="同じ様式")
    for field in first.fields.all():
        field.pk, field.version, field._state.adding = None, again, True
        field.save()
    again.in_force_from = timezone.localdate()
    again.save()


def test_an_agreement_does_not_count_for_what_a_newer_form_made_of_the_text() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead, duties="五文字", note="費用は折半します")
    ask_and_agree(vacancy, first, by=lead)
    services.submit_vacancy(vacancy, by=lead)
    vacancy = services.publish_vacancy(vacancy, by=make_coordinator())
    make_second_form(timezone.localdate())
    changed = services.open_change(vacancy, by=lead)
    assert changed.leftover == {"note": "費用は折半します"}
    assert changed.version == vacancy.version + 1
    with pytest.raises(IncompleteError, match="府中市"):
        services.submit_change(changed, by=lead)
    given_up = services.discard_change(changed, by=lead)
    assert answer_of(vacancy, FIRST).agrees_to(given_up.version)
    assert not Event.objects.filter(action="restore_agreement").exists()  # nothing was replaced


def test_an_agreement_counts_on_where_a_newer_form_reads_the_same() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_published(FIRST, lead=lead, people=[first])
    make_same_form_again()
    assert FormField.objects.filter(version__code="again").exists()
    changed = services.open_change(vacancy, by=lead)
    assert changed.working_form.code == "again"
    assert answer_of(vacancy, FIRST).agrees_to(changed.version)


# --- Words with an answer -------------------------------------------------------------------------
def joint_url(vacancy: Vacancy) -> str:
    return reverse("town:joint_detail", args=[vacancy.vacancy_no])


def test_words_with_an_agreement_are_kept_and_read_by_who_writes() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    services.ask_partners(vacancy, by=lead)
    typed = {"version": vacancy.version, "answer": "agree", "remark": "費用は折半で"}
    assert signed_in(first).post(joint_url(vacancy), typed).status_code == 302
    answer = answer_of(vacancy, FIRST)
    assert (answer.status, answer.remark) == ("agreed", "費用は折半で")
    writing = reverse("town:vacancy_joint", args=[vacancy.vacancy_no])
    assert "費用は折半で" in signed_in(lead).get(writing).content.decode()


def test_a_discarded_change_gives_the_words_of_the_agreement_back_too() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    services.ask_partners(vacancy, by=lead)
    services.agree_to_join(
        answer_of(vacancy, FIRST), version=vacancy.version, remark="費用は折半で", by=first
    )
    services.submit_vacancy(vacancy, by=lead)
    vacancy = services.publish_vacancy(vacancy, by=make_coordinator())
    vacancy = change(services.open_change(vacancy, by=lead), lead, headcount="9")
    services.decline_to_join(answer_of(vacancy, FIRST), remark="多すぎます", by=first)
    services.discard_change(vacancy, by=lead)
    assert answer_of(vacancy, FIRST).remark == "費用は折半で"


def test_what_was_typed_stays_when_the_text_has_changed_meanwhile() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    services.ask_partners(vacancy, by=lead)
    client, url = signed_in(first), joint_url(vacancy)
    typed = {"version": vacancy.version, "answer": "agree", "remark": "費用は折半で"}
    vacancy = change(vacancy, lead, duties="契約の締結")
    page = client.post(url, typed)
    words = page.content.decode()
    assert page.status_code == 409
    assert "内容が変わりました" in words
    assert "契約の締結" in words
    assert "費用は折半で" in words
    assert f'name="version" value="{vacancy.version}"' in words
    form = page.context["form"]
    assert (form["answer"].value(), form["version"].value()) == ("agree", str(vacancy.version))
    client.post(url, {**typed, "version": vacancy.version})
    assert answer_of(vacancy, FIRST).agrees_to(vacancy.version)


def test_a_paper_stays_typed_when_the_text_has_changed_meanwhile() -> None:
    lead = make_editor(LEAD)
    vacancy = make_joint("332054", by=lead)
    services.ask_partners(vacancy, by=lead)
    url = reverse("town:vacancy_joint", args=[vacancy.vacancy_no])
    typed = {"version": vacancy.version, "town": "332054", "document_number": "笠情第12号"}
    vacancy = change(vacancy, lead, duties="契約の締結")
    page = signed_in(lead).post(url, typed)
    assert page.status_code == 409
    assert "笠情第12号" in page.content.decode()
    assert f'name="version" value="{vacancy.version}"' in page.content.decode()


def test_replaced_words_stay_in_the_record() -> None:
    """Who asks again, or answers anew, replaces them on the page only."""
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    services.ask_partners(vacancy, by=lead)
    services.decline_to_join(answer_of(vacancy, FIRST), remark="予算がありません", by=first)
    said = Event.objects.get(action="decline_to_join").detail
    assert said == {"vacancy": vacancy.pk, "remark": "予算がありません", "replaced": ""}
    services.ask_partners(vacancy, by=lead)
    assert answer_of(vacancy, FIRST).remark == ""
    asked = Event.objects.filter(action="ask_joint_towns").order_by("pk").last()
    assert asked is not None
    assert asked.detail == {"towns": 1, "replaced": {FIRST: "予算がありません"}}
    services.decline_to_join(answer_of(vacancy, FIRST), remark="まだです", by=first)
    services.agree_to_join(answer_of(vacancy, FIRST), version=vacancy.version, by=first)
    agreed = Event.objects.get(action="agree_to_join").detail
    assert agreed == {"vacancy": vacancy.pk, "remark": "", "replaced": "まだです"}


def test_a_stranger_reads_none_of_it() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    services.ask_partners(vacancy, by=lead)
    services.agree_to_join(
        answer_of(vacancy, FIRST), version=vacancy.version, remark="費用は折半で", by=first
    )
    services.submit_vacancy(vacancy, by=lead)
    services.publish_vacancy(vacancy, by=make_coordinator())
    public = reverse("public:vacancy_detail", args=[vacancy.vacancy_no])
    assert "費用は折半で" not in Client().get(public).content.decode()
