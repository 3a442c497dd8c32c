"""The form in the admin: copied, edited as a draft, put in force, then never changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import IncompleteError, NotAllowedNowError
from municipalities.vacancies.models import FormVersion
from tests.municipalities.vacancies.objects import make_auditor, make_coordinator
from tests.opened import opened

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_coordinator())
    return client


def shipped() -> FormVersion:
    return FormVersion.objects.get(code="proposed-1")


def typed(client: Client, version: FormVersion, **changes: Any) -> dict[str, Any]:
    """What a browser would send for the version's page as it is shown."""
    page = client.get(f"/admin/vacancies/formversion/{version.pk}/change/")
    form = page.context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields}
    formset = page.context["inline_admin_formsets"][0].formset
    for part in [formset.management_form, *formset.forms]:
        for name in part.fields:
            value = part[name].value()
            data[part.add_prefix(name)] = "" if value is None else value
    return data | changes


def test_a_version_is_copied_edited_and_put_in_force(client: Client) -> None:
    client.post(
        "/admin/vacancies/formversion/",
        {"action": "copy_version", "_selected_action": [shipped().pk]},
    )
    copy = FormVersion.objects.get(in_force_from=None)
    assert copy.fields.count() == 62
    day = TODAY + timedelta(days=7)
    data = typed(client, copy, code="proposed-2", in_force_from=day.isoformat())
    data["fields-16-header"] = "募集する役職の名称"
    change = f"/admin/vacancies/formversion/{copy.pk}/change/"
    answer = client.post(change, {**opened(client, change), **data})
    assert answer.status_code == 302
    copy.refresh_from_db()
    assert (copy.code, copy.in_force_from) == ("proposed-2", day)
    assert copy.fields.get(identifier="position_title").header == "募集する役職の名称"
    assert FormVersion.objects.in_force_on(TODAY) == shipped()
    assert FormVersion.objects.in_force_on(day) == copy


def test_a_version_in_force_has_no_fields_to_type_in(client: Client) -> None:
    url = f"/admin/vacancies/formversion/{shipped().pk}/change/"
    page = client.get(url).content.decode()
    assert 'name="name"' not in page
    assert 'name="fields-0-header"' not in page
    assert client.post(url, {"name": "別の名前"}).status_code == 403
    assert shipped().name != "別の名前"


@pytest.mark.parametrize("identifier", ["position_title", "close_type"])
def test_what_the_program_reads_must_be_there(identifier: str) -> None:
    by = make_coordinator()
    copy = services.copy_form(shipped(), by=by)
    copy.fields.filter(identifier=identifier).update(identifier="other")
    with pytest.raises(IncompleteError, match=identifier):
        services.put_in_force(copy, TODAY, by=by)


def test_a_condition_names_a_field_that_is_there() -> None:
    by = make_coordinator()
    copy = services.copy_form(shipped(), by=by)
    copy.fields.filter(identifier="note").update(condition="absent=1")
    with pytest.raises(IncompleteError, match="absent"):
        services.put_in_force(copy, TODAY, by=by)


def test_no_version_holds_from_the_past_or_twice() -> None:
    by = make_coordinator()
    copy = services.copy_form(shipped(), by=by)
    with pytest.raises(IncompleteError, match="今日以後"):
        services.put_in_force(copy, TODAY - timedelta(days=1), by=by)
    with pytest.raises(NotAllowedNowError):
        services.put_in_force(shipped(), TODAY, by=by)


def test_an_auditor_copies_nothing() -> None:
    client = Client()
    client.force_login(make_auditor())
    client.post(
        "/admin/vacancies/formversion/",
        {"action": "copy_version", "_selected_action": [shipped().pk]},
    )
    assert FormVersion.objects.count() == 1
