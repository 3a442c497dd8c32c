"""What people wish to be paid, by each unit that the field pays in, and what matching reckons."""

from typing import Any

import pytest

from matching.proposals.blind import pay_band
from talentpool.specialists.completeness import missing_of
from talentpool.specialists.forms.work import ConditionsForm
from talentpool.specialists.models import Specialist
from talentpool.specialists.pay import Rates, rates_of
from tests.factories import make_specialist
from tests.talentpool.specialists.registering import ANSWERS


@pytest.mark.parametrize(
    ("wishes", "rates"),
    [
        ({}, Rates(0)),
        ({"day": 30_000}, Rates(15_000)),
        ({"day": 30_001, "hour": 9_000, "month": 500_000}, Rates(15_000)),
        ({"hour": 4_000}, Rates(15_500)),  # 7 hours 45 minutes a day
        ({"hour": 1}, Rates(4)),
        ({"hour": 4_000, "year": 9_000_000}, Rates(15_500)),
        ({"month": 300_000}, Rates(0, 300_000)),
        ({"month": 300_000, "year": 9_000_000}, Rates(0, 300_000)),
        ({"year": 11_400_000}, Rates(0, 950_000)),
        ({"year": 1}, Rates(0, 1)),
        ({"piece": 500_000}, Rates(0)),
        ({"none": 0}, Rates(0)),
    ],
)
def test_what_a_wish_means_for_a_half_day_and_a_month(wishes: dict[str, int], rates: Rates) -> None:
    assert rates_of(wishes) == rates


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ((30_000, 0), "日額 3〜4万円"),
        ((30_000, 5_000), "日額 3〜4万円"),
        ((0, 305_000), "月額 30〜31万円"),
        ((0, 0), "報酬の希望なし"),
    ],
)
def test_a_town_reads_the_unit(rates: tuple[int, int], words: str) -> None:
    assert pay_band(*rates) == words


def form_of(person: Specialist, **answers: Any) -> ConditionsForm:
    plain = {name: value for name, value in ANSWERS["conditions"].items() if name != "day"}
    return ConditionsForm({**plain, **answers}, person=person)


@pytest.mark.django_db
def test_pay_by_month_by_year_and_none_is_registered_and_changed() -> None:
    person = make_specialist(half_day_rate_yen=0, monthly_fixed_yen=0)
    assert "報酬の希望" in missing_of(person)["conditions"]
    for answers, rates, words in [
        ({"unpaid": "on"}, (0, 0), "無報酬(実費だけ)"),
        ({"month": "300,000"}, (0, 300_000), "1か月 300,000円"),
        ({"year": "11,400,000", "piece": "5"}, (0, 950_000), "1年 11,400,000円、1件 5円"),
        ({"day": "30,001"}, (15_000, 0), "1日 30,001円"),
    ]:
        form = form_of(person, **answers)
        assert form.is_valid(), form.errors
        form.write()
        person = Specialist.objects.get(pk=person.pk)
        assert (person.half_day_rate_yen, person.monthly_fixed_yen) == rates
        assert "、".join(wish.words for wish in person.pay_wishes.all()) == words
        assert "conditions" not in missing_of(person)
        again = form_of(person, **answers)  # what was saved is shown as it was typed
        names = {"unpaid", "day", "hour", "month", "year", "piece"}
        assert not names & set(again.changed_data)


@pytest.mark.django_db
def test_costs_of_a_month_that_the_prefecture_agreed_stay() -> None:
    person = make_specialist(monthly_fixed_yen=7_000)
    form = form_of(person, day="20,000", month="400,000")
    assert form.is_valid(), form.errors
    form.write()
    person.refresh_from_db()
    assert (person.half_day_rate_yen, person.monthly_fixed_yen) == (10_000, 7_000)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("saved", "monthly"), [("300,000", 250_000), ("310,000", 310_000), ("", 0)]
)
def test_a_monthly_amount_that_staff_have_set_stays_with_its_wish(saved: str, monthly: int) -> None:
    person = make_specialist(half_day_rate_yen=0, monthly_fixed_yen=250_000)
    person.pay_wishes.create(unit="month", yen=300_000)
    form = form_of(person, month=saved, hour="" if saved else "4,000")
    assert form.is_valid(), form.errors
    form.write()
    person.refresh_from_db()
    assert person.monthly_fixed_yen == monthly


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answers",
    [
        {"day": "10,000,000"},
        {"hour": "2,580,645"},
        {"month": "10,000,000"},
        {"year": "100,000,000"},
    ],
)
def test_the_highest_wishes_are_saved(answers: dict[str, str]) -> None:
    form = form_of(make_specialist(), **answers)
    assert form.is_valid(), form.errors
    form.write()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "day"),
        ({"piece": "500,000"}, "day"),
        ({"day": "1"}, "day"),
        ({"day": "30,000", "unpaid": "on"}, "unpaid"),
        ({"year": "100,000,001"}, "year"),
        ({"month": "10,000,001"}, "month"),
        ({"hour": "2,580,646"}, "hour"),  # a half-day of more than 10,000,000 yen
    ],
)
def test_wishes_that_say_too_little_or_too_much(answers: dict[str, str], field: str) -> None:
    form = form_of(make_specialist(), **answers)
    assert field in form.errors
