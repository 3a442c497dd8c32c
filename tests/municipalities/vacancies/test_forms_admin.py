"""The form in the admin: copied, edited as a draft, put in force, then never changed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.admin import FormVersionAdmin
from municipalities.vacancies.errors import IncompleteError, NotAllowedNowError
from municipalities.vacancies.models import FormVersion
from tests.municipalities.vacancies.objects import make_auditor, make_coordinator, make_vacancy
from tests.opened import opened, opened_rows

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
    answer = client.post(change, {**opened(client, change), **opened_rows(client, change), **data})
    assert answer.status_code == 302
    copy.refresh_from_db()
    assert (copy.code, copy.in_force_from) == ("proposed-2", day)
    assert copy.fields.get(identifier="position_title").header == "募集する役職の名称"
    assert FormVersion.objects.in_force_on(TODAY) == shipped()
    assert FormVersion.objects.in_force_on(day) == copy


def test_a_draft_that_is_refused_keeps_what_was_typed(client: Client) -> None:
    """The page had turned into one to read once its day was typed in, and a browser sends the
    hidden input of the page, not that of the form behind it."""
    copy = services.copy_form(shipped(), by=make_coordinator())
    change = f"/admin/vacancies/formversion/{copy.pk}/change/"
    data = typed(client, copy, in_force_from=TODAY.isoformat(), name="直しかけの版")
    del data["opened"]
    data["fields-17-allowed"] = "PR プロデューサー"
    answer = client.post(change, {**data, **opened(client, change), **opened_rows(client, change)})
    page = answer.content.decode()
    assert "選択肢の書き方が違います" in page
    assert "ほかの人か別の画面" not in page
    assert 'value="直しかけの版"' in page
    assert ">\nPR プロデューサー</textarea>" in page
    copy.refresh_from_db()
    assert copy.is_draft


def test_the_list_says_where_each_version_stands(client: Client) -> None:
    by = make_coordinator()
    later, copy = (services.copy_form(shipped(), by=by) for _ in range(2))
    FormVersion.objects.filter(pk=later.pk).update(in_force_from=TODAY + timedelta(days=1))
    rows = client.get("/admin/vacancies/formversion/").context["cl"].result_list
    shown = {row.pk: FormVersionAdmin(FormVersion, site).state(row) for row in rows}
    assert shown == {later.pk: "適用前", copy.pk: "下書き", shipped().pk: "適用中"}


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


@pytest.mark.parametrize(
    ("identifier", "change", "words"),
    [
        ("joint_type", {"kind": "str"}, "joint_type"),
        ("joint_members", {"identifier": "others"}, "joint_members"),
        ("engagement_form", {"allowed": "100=特別職"}, "任用等の形態のコードは2文字まで"),
        ("talent_type", {"allowed": "PRODUCERS=長い"}, "人材類型のコードは8文字まで"),
        ("remote", {"allowed": "0=不可;A=可"}, "リモート勤務のコードは小さい数字"),
        ("headcount", {"maximum": None, "max_length": None}, "募集人数の最大を、32,767以下"),
        ("pay_max", {"max_length": 10}, r"報酬額上限\(円\)の最大を、2,147,483,647以下"),
        ("position_title", {"max_length": 61}, "募集役職名の最大文字数を、60以下"),
        ("publish_ok", {"allowed": "Y=可;N=否"}, "公表可否に、次のコードが要ります：1"),
        ("remote", {"requirement": "optional"}, "リモート勤務は「必須」"),
        ("close_date", {"requirement": "optional"}, "募集締切日は、条件 close_type=1"),
        ("issues", {"public": False}, "現状・課題は、公開の一覧に出る"),
    ],
)
def test_a_version_fits_the_columns(identifier: str, change: dict[str, Any], words: str) -> None:
    by = make_coordinator()
    copy = services.copy_form(shipped(), by=by)
    copy.fields.filter(identifier=identifier).update(**change)
    with pytest.raises(IncompleteError, match=words):
        services.put_in_force(copy, TODAY, by=by)


def test_the_form_says_what_is_public() -> None:
    hidden = shipped().fields.filter(public=False).values_list("identifier", flat=True)
    assert set(hidden) == {
        "contact_name",
        "publish_ok",
        "publish_until",
        "submission_month",
        "change_type",
    }


def test_a_draft_can_hide_a_field_from_the_public() -> None:
    by = make_coordinator()
    copy = services.copy_form(shipped(), by=by)
    copy.fields.filter(identifier__in=["note", "tel"]).update(public=False)
    services.put_in_force(copy, TODAY, by=by)
    vacancy = make_vacancy("published", note="ないしょの備考")
    vacancy.refresh_from_db()
    assert (vacancy.form_version, vacancy.values["note"]) == (copy, "ないしょの備考")
    client = Client()
    page = client.get(f"/vacancies/{vacancy.vacancy_no}/").content.decode()
    assert "ないしょ" not in page
    assert vacancy.values["tel"] not in page
    assert "ないしょ" not in vacancy.search_text
    for kind in ["json", "csv"]:
        rows = client.get(f"/opendata/vacancies.{kind}").getvalue().decode()
        assert vacancy.vacancy_no in rows
        assert not {vacancy.values["tel"], "ないしょの備考"} & set(re.findall(r'[^",:]+', rows))


# --- Taken back, and drafts removed ---------------------------------------------------------------
def act(client: Client, action: str, version: FormVersion, **more: str) -> str:
    answer = client.post(
        "/admin/vacancies/formversion/",
        {"action": action, "_selected_action": [version.pk], **more},
        follow=True,
    )
    return answer.content.decode()


def test_a_version_is_taken_back_before_its_day_and_not_from_it_on(client: Client) -> None:
    by = make_coordinator()
    ahead = services.put_in_force(
        services.copy_form(shipped(), by=by), TODAY + timedelta(days=1), by=by
    )
    assert "下書きに戻しました" in act(client, "take_back_version", ahead)
    ahead.refresh_from_db()
    assert ahead.is_draft
    today = services.put_in_force(ahead, TODAY, by=by)
    assert "適用開始日より前の版だけ" in act(client, "take_back_version", today)
    for kept in [today, shipped()]:
        with pytest.raises(IntegrityError, match="in force"), transaction.atomic():
            FormVersion.objects.filter(pk=kept.pk).update(in_force_from=None)
    ahead = services.put_in_force(
        services.copy_form(shipped(), by=by), TODAY + timedelta(days=1), by=by
    )
    for other in [{"in_force_from": None, "name": "x"}, {"in_force_from": TODAY}]:
        with pytest.raises(IntegrityError, match="in force"), transaction.atomic():
            FormVersion.objects.filter(pk=ahead.pk).update(**other)


def test_only_drafts_are_removed(client: Client) -> None:
    draft = services.copy_form(shipped(), by=make_coordinator())
    asked = act(client, "delete_draft", draft)
    assert "様式の下書きを消しますか" in asked
    assert draft.code in asked
    for field in ("confirmed", "action", "_selected_action"):
        assert f'<input type="hidden" name="{field}"' in asked
    assert FormVersion.objects.filter(pk=draft.pk).exists()
    assert "を消しました" in act(client, "delete_draft", draft, confirmed="True")
    last = act(client, "delete_draft", shipped(), confirmed="True")
    assert "消せるのは、下書きの版だけ" in last
    assert FormVersion.objects.get() == shipped()


def test_a_copy_takes_a_code_that_is_free() -> None:
    """Also after one of several drafts was deleted."""
    by = make_coordinator()
    first, second = (services.copy_form(shipped(), by=by) for _ in range(2))
    services.delete_form(first, by=by)
    assert services.copy_form(shipped(), by=by).code not in {first.code, second.code}
