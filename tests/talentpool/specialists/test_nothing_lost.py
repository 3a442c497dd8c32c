"""What a person or the prefecture entered is not lost by opening a page and saving it."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.work import CertificatesForm, ConditionsForm, SkillsForm
from talentpool.specialists.models import (
    Certificate,
    Document,
    PayWish,
    Specialist,
    SpecialistSkill,
)
from talentpool.specialists.services import registration
from talentpool.specialists.services.consent import ConsentRefused
from talentpool.vocabulary.models import EngagementForm, Skill
from tests import factories
from tests.opened import opened_rows
from tests.talentpool.specialists.test_topics import browser, hidden, topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    factories.make_code_lists()


def sent_back(form: Any) -> dict[str, Any]:
    """What a browser sends when nothing was changed on the page of a form."""
    sent: dict[str, Any] = {}
    for field in form:
        value = field.field.prepare_value(field.value())
        if isinstance(value, date):
            parts = (value.year, value.month, value.day)
            sent |= {f"{field.name}_{n}": part for n, part in enumerate(parts)}
        elif value is not None and value is not False and value != "":
            sent[field.name] = value
    return sent


def test_every_skill_is_on_the_page_and_keeps_the_prefectures_level() -> None:
    codes = [row.pk for row in Skill.objects.all()]
    codes += [Skill.objects.create(code=f"X{n}", name=f"分野{n}").pk for n in range(9)]
    person = factories.make_specialist(skills=codes)
    assert len(codes) > 8
    SpecialistSkill.objects.filter(specialist=person).update(assessed_level=3)
    client = browser(person.user)
    form = SkillsForm(person=person)
    assert f"skill_{len(codes) + 1}" in form.fields  # and one more may be added
    opened = hidden(client.get(topic("skills")), "opened")
    answer = client.post(topic("skills"), {**sent_back(form), "opened": opened})
    assert answer.status_code == 302
    kept = person.skills.filter(assessed_level=3).values_list("skill_id", flat=True)
    assert sorted(kept) == sorted(codes)


def test_every_certificate_is_on_the_page() -> None:
    person = factories.make_specialist()
    for n in range(7):
        Certificate.objects.create(specialist=person, other_name=f"資格{n}", number=str(n))
    form = CertificatesForm(sent_back(CertificatesForm(person=person)), person=person)
    assert form.is_valid(), form.errors
    form.write()
    assert person.certificates.count() == 7


def test_an_odd_wish_for_a_day_keeps_its_yen() -> None:
    person = factories.make_specialist(half_day_rate_yen=15_000)
    person.forms.set(EngagementForm.objects.all()[:1])
    PayWish.objects.create(specialist=person, unit="day", yen=30_001)
    assert ConditionsForm(person=person).initial["day"] == 30_001
    person.half_day_rate_yen = 20_000  # changed by staff since
    assert ConditionsForm(person=person).initial["day"] == 40_000


def make_permit(person: Specialist, words: str = "可") -> Document:
    assert person.user is not None
    return registration.add_document(
        person, kind="permit", name="permit.csv", content=f"許可,{words}\n".encode(), by=person.user
    )


@pytest.mark.parametrize("status", ["applied", "under_review", "withdrawn", "removed"])
def test_a_document_stays_while_the_prefecture_looks_and_afterwards(status: str) -> None:
    person = factories.make_specialist(kind="side_job")
    document = make_permit(person)
    Specialist.objects.filter(pk=person.pk).update(status=status)
    browser(person.user).post(reverse("specialist:document_delete", args=[document.pk]))
    assert Document.objects.filter(pk=document.pk).exists()


def test_the_last_permit_of_somebody_in_the_pool_is_replaced_not_deleted() -> None:
    person = factories.make_specialist(kind="side_job")
    assert person.user is not None
    old = make_permit(person)
    with pytest.raises(PoolRefused):
        registration.delete_document(old, by=person.user)
    make_permit(person, "更新")
    registration.delete_document(old, by=person.user)
    assert person.documents.count() == 1


def test_staff_are_warned_of_names_in_the_evidence_of_a_skill() -> None:
    """As of those in 得意なこと: towns read both blind."""
    person = factories.make_specialist()
    row = person.skills.get()
    client = browser(factories.make_coordinator())
    address = reverse("admin:specialists_specialist_change", args=[person.pk])
    page = client.get(address)
    sent = sent_back(page.context["adminform"].form)
    for formset in page.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        sent |= {f"{prefix}-TOTAL_FORMS": 1, f"{prefix}-INITIAL_FORMS": 1}
        sent |= {f"{prefix}-0-{n}": getattr(row, n) or "" for n in ("id", "skill_id", "own_level")}
        sent |= {f"{prefix}-0-skill": row.skill_id, f"{prefix}-0-specialist": person.pk}
        sent |= {f"{prefix}-0-{n}": getattr(row, n) for n in ("years", "projects")}
        sent[f"{prefix}-0-evidence"] = "連絡は taro@example.jp"
    sent |= opened_rows(client, address)
    answer = client.post(address, sent, follow=True)
    assert "の根拠に、だれのことかわかる言葉があります" in answer.content.decode()


def test_a_refused_consent_is_a_refusal_of_the_pool() -> None:
    """The review's page answers both with words, not with an error."""
    assert issubclass(ConsentRefused, PoolRefused)
