"""A code that only one version of the form has can be looked for and wished for while something
open is written in that version."""

import pytest
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.models import FormVersion, Subscription, Vacancy
from tests.municipalities.vacancies.objects import (
    agreed,
    answer_wishes,
    make_coordinator,
    make_editor,
    make_skills,
    make_vacancy,
)
from tests.municipalities.vacancies.test_subscriptions import mails

pytestmark = pytest.mark.django_db


@pytest.fixture
def old_and_new() -> tuple[Vacancy, Vacancy]:
    """Two open vacancies, each with a field of work that the other's version does not know."""
    old = make_vacancy("published", work_fields="MYN", code="343021")
    draft = services.copy_form(FormVersion.objects.get(), by=make_coordinator())
    field = draft.fields.get(identifier="work_fields")
    codes = dict(pair.split("=") for pair in field.allowed.split(";"))
    assert codes.pop("MYN") == "マイナンバー"
    field.allowed = ";".join(f"{code}={name}" for code, name in {**codes, "QC": "量子計算"}.items())
    field.save()
    services.put_in_force(draft, timezone.localdate(), by=make_coordinator())
    return old, make_vacancy("published", work_fields="QC")


def test_codes_of_every_open_version_can_be_looked_for(
    old_and_new: tuple[Vacancy, Vacancy],
) -> None:
    for code, wanted in zip(("MYN", "QC"), old_and_new, strict=True):
        page = Client().get("/vacancies/", {"field": code}).content.decode()
        shown = [row.vacancy_no for row in old_and_new if row.vacancy_no in page]
        assert shown == [wanted.vacancy_no], code
    services.close_vacancy(old_and_new[0], outcome="filled", by=make_editor("343021"))
    assert "マイナンバー" not in Client().get("/vacancies/").content.decode()


def test_codes_of_every_open_version_can_be_wished_for(
    old_and_new: tuple[Vacancy, Vacancy],
) -> None:
    make_skills()
    page = Client().get("/subscribe/").content.decode()
    for name in ("マイナンバー", "量子計算", "ネットワーク"):
        assert page.count(name) == 1, name
    wish = {"email": "hito@example.jp", "fields_": ["QC"], "rhythm": "at_once", **agreed()}
    assert Client().post("/subscribe/", wish).status_code == 302
    answer_wishes()
    services.confirm(Subscription.objects.get().token)
    for vacancy in old_and_new:
        services.notify_at_once(vacancy.pk)
    (mail,) = mails("news")
    assert old_and_new[1].vacancy_no in mail["body"]
