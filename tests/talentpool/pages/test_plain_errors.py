"""No form answers in Django's own words: what is wrong is said with how to mend it."""

from collections.abc import Iterator
from typing import Any

import django_filters
import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import MaxLengthValidator

from municipalities.registry.models import Municipality
from municipalities.vacancies.models import Need
from talentpool.pages.errors import (
    AGAINST_A_RULE,
    BROKEN_PAGE,
    CHOOSE_AGAIN,
    ONLY_DIGITS,
    TAKEN,
    WHOLE_NUMBER,
    PlainErrorsMixin,
)
from talentpool.pages.fields import YenField
from talentpool.pages.forms import PortalForm

CHOICES = [("a", "来庁")]
TOO_LONG = "1文字までです。いまは2文字です。短くしてください。"
NO_ADDRESS = "https:// から始まるアドレスを入れてください。"


def words_of(field: forms.Field, value: Any) -> list[str]:
    class Form(PortalForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fields["it"] = field  # late, as some forms add theirs

    data = value if isinstance(value, list) else [value]
    form = Form({"it": data if field.widget.__class__.__name__.endswith("Multiple") else data[0]})
    if isinstance(field, forms.FileField):
        form = Form({}, {"it": value})
    return [str(text) for text in form.errors.get("it", [])]


def filtered(filter_: django_filters.Filter, value: str) -> list[str]:
    class Filter(django_filters.FilterSet):
        it = filter_

        class Meta:
            model = Municipality
            form = PortalForm
            fields: list[str] = []

    return [str(text) for text in Filter({"it": value}).form.errors["it"]]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (forms.CharField(max_length=1), "二字", TOO_LONG),
        (forms.CharField(min_length=3), "一", "3文字以上で入れてください。いまは1文字です。"),
        (forms.IntegerField(), "三", WHOLE_NUMBER),
        (forms.IntegerField(max_value=1000), "1001", "1,000以下の数で入れてください。"),
        (forms.IntegerField(min_value=1), "0", "1以上の数で入れてください。"),
        (forms.IntegerField(min_value=1, max_value=9), "10", "1から9までの数で入れてください。"),
        (forms.IntegerField(step_size=5), "3", "5ごとの数で入れてください。"),
        (forms.DecimalField(), "x", ONLY_DIGITS),
        (forms.DecimalField(max_digits=3), "1234", "数字は、全部で3けたまでです。"),
        (forms.DecimalField(decimal_places=1), "1.23", "小数点より下は1けたまでです。"),
        (forms.FloatField(), "x", ONLY_DIGITS),
        (forms.EmailField(), "x", "メールアドレスの形になっていません。例：hanako@example.lg.jp"),
        (forms.URLField(assume_scheme="https"), "x y", NO_ADDRESS),
        (forms.URLField(assume_scheme="https"), "https://", NO_ADDRESS),
        (forms.DateField(), "x", "日付は 2027-06-01 のように入れてください。"),
        (forms.ChoiceField(choices=CHOICES), "b", CHOOSE_AGAIN),
        (forms.TypedChoiceField(choices=CHOICES), "b", CHOOSE_AGAIN),
        (forms.MultipleChoiceField(choices=CHOICES), ["b"], CHOOSE_AGAIN),
        (forms.UUIDField(widget=forms.HiddenInput), "x", BROKEN_PAGE),
        (forms.IntegerField(widget=forms.HiddenInput), "x", BROKEN_PAGE),
        (forms.IntegerField(widget=forms.HiddenInput), "", BROKEN_PAGE),
        (
            forms.FileField(),
            SimpleUploadedFile("表.csv", b""),
            "ファイルが空です。中身のあるファイルを選び直してください。",
        ),
        (
            forms.FileField(max_length=5),
            SimpleUploadedFile("long.csv", b"1"),
            "ファイルの名前は5文字までです。いまは8文字です。名前を短くして、選び直してください。",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_how_to_mend_it(
    field: forms.Field, value: Any, said: str
) -> None:
    assert words_of(field, value) == [said]


def test_a_field_that_brings_its_own_words_keeps_them() -> None:
    own = forms.IntegerField(error_messages={"invalid": "年を入れてください。"})
    assert words_of(own, "x") == ["年を入れてください。"]
    short = forms.CharField(validators=[MaxLengthValidator(1, "1字だけです。")])
    assert words_of(short, "二字") == ["1字だけです。"]
    assert words_of(YenField(max_value=500), "501") == ["500円以下で入れてください。"]
    assert words_of(YenField(), "-1") != words_of(forms.IntegerField(min_value=0), "x")


@pytest.mark.parametrize(
    ("of", "value", "said"),
    [
        (django_filters.NumberFilter(), "abc", ONLY_DIGITS),
        (
            django_filters.NumberFilter(min_value=1, max_value=31),
            "32",
            "1から31までの数で入れてください。",
        ),
        (django_filters.ChoiceFilter(choices=CHOICES), "b", CHOOSE_AGAIN),
        (
            django_filters.CharFilter(max_length=2),
            "三文字",
            "2文字までです。いまは3文字です。短くしてください。",
        ),
    ],
)
def test_filters_of_lists_say_the_same(of: Any, value: str, said: str) -> None:
    assert filtered(of, value) == [said]


def test_a_rule_of_the_database_is_told_in_plain_words() -> None:
    form = PortalForm({})
    rule = next(one for one in Need._meta.constraints if one.name == "need_ends_after_start")
    form.add_error(None, ValidationError(rule.get_violation_error_message()))
    together = Municipality().unique_error_message(Municipality, ("code", "name"))
    form.add_error(None, together)
    form.add_error(None, "人と日が重なっています。")
    assert form.non_field_errors() == [
        f"{AGAINST_A_RULE}(need_ends_after_start)",
        TAKEN,
        "人と日が重なっています。",
    ]


def every(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from every(one)


def test_every_form_of_ours_speaks_so() -> None:
    parts = ("talentpool.", "municipalities.", "matching.", "consultations.")
    forms_of_ours = {one for one in every(forms.BaseForm) if one.__module__.startswith(parts)}
    assert len(forms_of_ours) > 100
    assert [one for one in forms_of_ours if not issubclass(one, PlainErrorsMixin)] == []
