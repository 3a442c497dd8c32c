"""The verbs of a vacancy, its number, its values and what the database refuses."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.errors import (
    EditConflictError,
    IncompleteError,
    NotAllowedNowError,
    NumbersExhaustedError,
)
from municipalities.vacancies.models import FormField, FormVersion, Need, Vacancy, VacancyCounter
from municipalities.vacancies.services.writing import problems_of
from talentpool.audit.models import Event
from talentpool.conventions.era import fiscal_year
from talentpool.outbox.models import Message
from talentpool.vocabulary.models import EngagementForm
from tests.municipalities.vacancies.objects import (
    COMPLETE,
    make_coordinator,
    make_editor,
    make_need,
    make_town,
    make_vacancy,
)

pytestmark = pytest.mark.django_db

VERBS: dict[str, Any] = {
    "submit": lambda vacancy, by: services.submit_vacancy(vacancy, by=by),
    "return": lambda vacancy, by: services.return_vacancy(vacancy, remark="直して", by=by),
    "recall": lambda vacancy, by: services.recall_vacancy(vacancy, by=by),
    "publish": lambda vacancy, by: services.publish_vacancy(vacancy, by=by),
    "close": lambda vacancy, by: services.close_vacancy(vacancy, outcome="nobody", by=by),
    "withdraw": lambda vacancy, by: services.withdraw_vacancy(vacancy, by=by),
}
ALLOWED = {
    ("draft", "submit"): "submitted",
    ("submitted", "return"): "draft",
    ("submitted", "recall"): "draft",
    ("submitted", "publish"): "published",
    ("published", "close"): "closed",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
    ("published", "withdraw"): "withdrawn",
}


@pytest.mark.parametrize("status", Vacancy.Status.values)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_from_every_state(status: str, verb: str) -> None:
    """ASVS 2.3.1: only the listed pairs succeed, and a refused verb changes nothing."""
    vacancy = make_vacancy(status)
    by = make_coordinator()
    assert vacancy.allows(verb) == ((status, verb) in ALLOWED)
    if (status, verb) in ALLOWED:
        assert VERBS[verb](vacancy, by).status == ALLOWED[status, verb]
        return
    events = Event.objects.count()
    with pytest.raises(NotAllowedNowError, match=vacancy.get_status_display()):
        VERBS[verb](vacancy, by)
    assert Vacancy.objects.get().status == status
    assert Event.objects.count() == events


def test_numbers_follow_the_town_and_the_year_and_are_never_used_again(settings: Any) -> None:
    editor = make_editor()
    year = fiscal_year(timezone.localdate()) - 2018
    numbers = [make_vacancy("draft", by=editor).vacancy_no for _ in range(2)]
    numbers.append(make_vacancy("draft", code="343021").vacancy_no)
    assert numbers == [f"342157-{year:02}-001", f"342157-{year:02}-002", f"343021-{year:02}-001"]
    Vacancy.objects.filter(vacancy_no=numbers[1]).delete()  # even a row that is gone keeps it
    assert make_vacancy("draft", by=editor).vacancy_no == f"342157-{year:02}-003"


def test_after_999_the_number_takes_the_last_place_and_then_letters() -> None:
    """sources.md 1.2: three digits, and 14 characters for the whole number."""
    town, editor = make_town(), make_editor()
    year = fiscal_year(timezone.localdate())
    counter = VacancyCounter.objects.create(municipality=town, fiscal_year=year, last=998)
    numbers = [services.create_vacancy(town, {}, by=editor).vacancy_no for _ in range(2)]
    assert numbers == [f"342157-{year - 2018:02}-999", f"342157-{year - 2018:02}-1000"]
    field = Vacancy.objects.first().form_version.definition.by_identifier["vacancy_no"]  # type: ignore[union-attr]
    assert [field.canonical(number) for number in numbers] == numbers
    VacancyCounter.objects.filter(pk=counter.pk).update(last=9_999)
    first, second = (services.create_vacancy(town, {}, by=editor).vacancy_no for _ in range(2))
    assert (first[-5:], second[-5:], field.canonical(first)) == ("-A000", "-A001", first)
    VacancyCounter.objects.filter(pk=counter.pk).update(last=29_998)
    assert services.create_vacancy(town, {}, by=editor).vacancy_no.endswith("-V999")
    with pytest.raises(NumbersExhaustedError, match="29,999"):
        services.create_vacancy(town, {}, by=editor)


def test_a_new_vacancy_knows_its_town() -> None:
    vacancy = services.create_vacancy(make_town(), {}, by=make_editor())
    values = vacancy.values
    assert (values["lg_code"], values["municipality_name"]) == ("342157", "江田島市")
    assert (values["population"], values["population_date"]) == ("22000", "2020-01-01")
    assert values["vacancy_no"] == vacancy.vacancy_no
    assert values["form_version"] == "proposed-1"


def test_columns_are_read_from_the_values() -> None:
    vacancy = Vacancy.objects.get(pk=make_vacancy(close_type="1", close_date="2026-12-25").pk)
    assert vacancy.work_fields == ["NW", "SEC"]
    assert (vacancy.start_date, vacancy.close_date) == (date(2027, 4, 1), date(2026, 12, 25))
    assert (vacancy.pay_min, vacancy.pay_max, vacancy.remote) == (20000, 30000, 1)
    assert vacancy.publish_ok is True
    vacancy.write_values({**COMPLETE, "publish_ok": "0"})
    assert vacancy.publish_ok is False
    assert vacancy.close_date is None


def test_a_draft_keeps_what_can_be_read_and_names_the_rest() -> None:
    vacancy = services.create_vacancy(make_town(), {}, by=make_editor())
    typed = {"pay_unit": "D", "pay_min": "2万", "pay_max": "３０，０００", "travel": "1"}
    saved, problems = services.save_values(
        vacancy, typed, identifiers=[*typed, "tax"], version=1, by=vacancy.created_by
    )
    assert problems == {
        "pay_min": ["「2万」は数字として読めません。整数で入れてください(例：12)。"]
    }
    assert saved.pay_max == 30000
    assert saved.version == 2
    assert saved.values["updated_on"] == timezone.localdate().isoformat()


def test_saving_the_same_again_changes_nothing() -> None:
    vacancy = make_vacancy()
    saved, _ = services.save_values(
        vacancy, COMPLETE, identifiers=list(COMPLETE), version=1, by=vacancy.created_by
    )
    assert (saved.version, saved.changed_at) == (1, vacancy.changed_at)


def test_system_fields_cannot_be_written_from_outside() -> None:
    vacancy = make_vacancy()
    saved, _ = services.save_values(
        vacancy,
        {"vacancy_no": "999999-99-999", "lg_code": "343021"},
        identifiers=["vacancy_no", "lg_code"],
        version=1,
        by=vacancy.created_by,
    )
    assert saved.values["vacancy_no"] == vacancy.vacancy_no
    assert saved.values["lg_code"] == "342157"


def test_the_second_saver_is_told() -> None:
    """A-23."""
    vacancy = make_vacancy()
    services.save_values(
        vacancy, {"dept": "企画課"}, identifiers=["dept"], version=1, by=vacancy.created_by
    )
    with pytest.raises(EditConflictError, match="別に保存"):
        services.save_values(
            vacancy, {"dept": "税務課"}, identifiers=["dept"], version=1, by=vacancy.created_by
        )
    assert Vacancy.objects.get().values["dept"] == "企画課"


def test_a_submitted_vacancy_cannot_be_edited() -> None:
    vacancy = make_vacancy("submitted")
    with pytest.raises(NotAllowedNowError):
        services.save_values(vacancy, {}, identifiers=["dept"], version=1, by=vacancy.created_by)


def test_an_incomplete_vacancy_is_not_submitted() -> None:
    vacancy = make_vacancy(pay_min="", remote="")
    with pytest.raises(IncompleteError) as refused:
        services.submit_vacancy(vacancy, by=vacancy.created_by)
    assert refused.value.problems.keys() == {"pay_min", "remote"}


def test_a_complete_vacancy_has_no_problems() -> None:
    assert problems_of(make_vacancy()) == {}


def test_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match="outcome"):
        services.close_vacancy(make_vacancy("published"), outcome="x", by=make_coordinator())


@pytest.mark.parametrize("verb", ["return", "publish"])
def test_the_town_is_told_of_each_answer(verb: str) -> None:
    vacancy = make_vacancy("submitted")
    before = Message.objects.filter(kind="mail").count()
    VERBS[verb](vacancy, make_coordinator())
    (mail,) = Message.objects.filter(kind="mail").order_by("pk")[before:]
    assert mail.payload["to"] == vacancy.created_by.email
    assert f"/town/vacancies/{vacancy.vacancy_no}/" in mail.payload["body"]


# --- From a need ----------------------------------------------------------------------------------
def test_a_need_nobody_can_fill_becomes_a_draft_in_the_standard_form() -> None:
    need = make_need("unfilled", problem=Need.Problem.ADVISER, budget_yen=None)
    need.forms.add(EngagementForm.objects.create(code="20", name="業務委託(個人)"))
    vacancy = services.post_vacancy_from_need(need, by=need.created_by)
    values = vacancy.values
    assert vacancy.need == need
    assert vacancy.status == "draft"
    assert values["position_title"] == "CIO補佐官"
    assert values["issues"] == need.description
    assert (values["frequency_unit"], values["freq_min"], values["freq_max"]) == ("D", "1.5", "2.5")
    assert values["start_date"] == need.first_month.isoformat()
    assert date.fromisoformat(values["end_date"]).month == need.last_month.month
    assert (values["remote"], values["onsite_freq"]) == ("1", "月1日程度")
    assert (values["engagement_form"], values["pay_unit"]) == ("20", "X")
    assert (values["work_fields"], values["skill_level"]) == ("NW", "3")
    definition = vacancy.form_version.definition
    assert definition.clean(values) == (values, {})


@pytest.mark.parametrize("status", ["draft", "submitted", "filled", "withdrawn"])
def test_other_needs_become_no_vacancy(status: str) -> None:
    need = make_need(status)
    with pytest.raises(NotAllowedNowError, match="公募"):
        services.post_vacancy_from_need(need, by=need.created_by)


def test_a_need_becomes_one_vacancy_only() -> None:
    need = make_need("unfilled")
    services.post_vacancy_from_need(need, by=need.created_by)
    with pytest.raises(NotAllowedNowError, match="もう作られて"):
        services.post_vacancy_from_need(need, by=need.created_by)


# --- What must never be false -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "values", "constraint"),
    [
        ("draft", {"status": "submitted"}, "submitted_vacancy_has_time"),
        ("submitted", {"status": "published"}, "published_vacancy_has_time"),
        ("published", {"status": "withdrawn"}, "closed_vacancy_has_time"),
        ("closed", {"outcome": ""}, "closed_vacancy_has_outcome"),
        ("published", {"outcome": "filled"}, "closed_vacancy_has_outcome"),
        ("published", {"position_title": ""}, "submitted_vacancy_has_its_core"),
        ("published", {"work_fields": []}, "submitted_vacancy_has_its_core"),
        ("published", {"close_type": "1"}, "vacancy_with_deadline_has_its_date"),
        ("published", {"end_date": "2026-01-01"}, "vacancy_ends_after_start"),
        ("published", {"pay_max": 1}, "vacancy_pay_is_in_order"),
        (
            "submitted",
            {"returned_at": "2026-11-01T00:00:00Z"},
            "only_what_is_being_written_was_returned",
        ),
    ],
)
def test_what_must_never_be_false(status: str, values: dict[str, Any], constraint: str) -> None:
    vacancy = make_vacancy(status)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Vacancy.objects.filter(pk=vacancy.pk).update(**values)


def test_a_form_in_force_never_changes() -> None:
    version = FormVersion.objects.get(code="proposed-1")
    field = version.fields.get(identifier="note")
    for change in [
        lambda: FormVersion.objects.filter(pk=version.pk).update(name="別の名前"),
        lambda: FormField.objects.filter(pk=field.pk).update(max_length=9),
        lambda: field.delete(),
        lambda: FormField.objects.create(
            version=version,
            order=63,
            identifier="new",
            header="新項目",
            kind="str",
            requirement="optional",
            section="contact",
        ),
        lambda: version.delete(),
    ]:
        with pytest.raises(IntegrityError, match="form version in force"), transaction.atomic():
            change()


def test_a_draft_form_can_change() -> None:
    version = FormVersion.objects.create(code="draft-2", name="案")
    field = FormField.objects.create(
        version=version,
        order=1,
        identifier="new",
        header="新項目",
        kind="str",
        requirement="optional",
        section="contact",
    )
    FormField.objects.filter(pk=field.pk).update(max_length=9)
    field.delete()
    version.delete()


def test_who_sees_a_vacancy() -> None:
    coordinator, other = make_coordinator(), make_editor("343021")
    draft, published = make_vacancy("draft"), make_vacancy("published")
    hidden = make_vacancy("published", publish_ok="0")
    assert set(Vacancy.objects.visible_to(coordinator)) == {published, hidden}
    assert set(Vacancy.objects.visible_to(draft.created_by)) == {draft, published, hidden}
    assert set(Vacancy.objects.visible_to(other)) == set()
    assert set(Vacancy.objects.visible_to(None)) == {published}
