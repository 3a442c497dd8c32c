"""`{{ form }}` follows the rules of the Digital Agency design system (quality C.2)."""

import re
from typing import Any

import pytest
from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django_filters.fields import ChoiceField

from talentpool.pages.fields import JapaneseDateField, YenField
from talentpool.pages.forms import FilterForm, PortalForm
from talentpool.pages.styleguide import WRONG, ExampleForm


class Plain(forms.Form):
    """A form of a package, which knows nothing of the portal."""

    code = forms.CharField(
        label="番号",
        max_length=4,
        help_text="4けた",
        widget=forms.TextInput({"placeholder": "番号"}),
    )
    count = forms.IntegerField(label="数", min_value=1, required=False)


class Choices(PortalForm):
    level = forms.ChoiceField(label="レベル", choices=[("", "---------"), ("2", "L2")])
    wish = forms.ChoiceField(
        label="希望", choices=[("", "---------"), ("1", "第1希望")], required=False
    )
    place = forms.ChoiceField(
        label="場所",
        choices=[("a", "来庁"), ("b", "遠隔")],
        widget=forms.RadioSelect,
        help_text="1つ",
    )
    towns = forms.MultipleChoiceField(
        label="市町",
        choices=[("1", "三原市"), ("2", "世羅町")],
        widget=forms.CheckboxSelectMultiple,
        help_text="いくつでも",
    )
    agreed = forms.BooleanField(label="読みました")
    name = forms.CharField(label="氏名")


def test_a_label_says_whether_the_field_must_be_filled() -> None:
    html = str(Plain())
    assert re.search(r'<label for="id_code">番号<span class="must">※必須</span>', html)
    assert re.search(r'<label for="id_count">数<span class="may">※任意</span>', html)


def test_label_stands_above_help_error_and_control() -> None:
    html = str(Plain({"code": ""}))
    order = [html.index(text) for text in ("<label", "id_code_helptext", "id_code_error", "<input")]
    assert order == sorted(order)


def test_help_and_error_are_tied_to_the_control() -> None:
    html = str(Plain({"code": ""}))
    assert 'aria-describedby="id_code_helptext id_code_error"' in html
    assert 'aria-invalid="true"' in html
    assert re.search(r'id="id_code_error"><span>＊', html)


def test_placeholders_are_left_out_and_width_follows_length() -> None:
    html = str(Plain())
    assert "placeholder" not in html
    assert 'class="input input--4"' in html


def test_numbers_are_text_inputs_with_the_numeric_keyboard() -> None:
    html = str(Plain())
    assert 'type="number"' not in html
    assert re.search(r'<input type="text" name="count"[^>]*inputmode="numeric"', html)
    assert " min=" not in html


def test_choices_are_a_group_with_a_legend() -> None:
    html = str(Choices())
    assert re.search(
        r'<fieldset class="field" aria-describedby="id_place_helptext">\s*<legend>', html
    )
    assert html.count('<label class="choice"') == 5
    assert '<label class="choice" for="id_place_0"><input type="radio"' in html


def test_help_of_several_choices_stands_in_the_legend() -> None:
    """NVDA does not read aria-describedby of a group of checkboxes (quality C.2)."""
    html = str(Choices({"place": "a"}))
    legend = next(
        part for part in re.findall(r"<legend>(.*?)</legend>", html, re.S) if "市町" in part
    )
    assert "いくつでも" in legend
    assert "＊市町を選んでください。" in legend
    assert "id_towns_helptext id_towns_error" not in html


def test_a_checkbox_stands_before_its_label() -> None:
    assert re.search(
        r'<label class="choice" for="id_agreed"><input type="checkbox"[^>]*><span>読みました',
        str(Choices()),
    )


def test_an_empty_choice_says_what_to_do() -> None:
    html = str(Choices())
    assert '<option value="" selected>選んでください</option>' in html
    assert '<option value="" selected>指定なし</option>' in html
    assert "-----" not in html


def test_missing_input_is_named() -> None:
    errors = Choices({}).errors
    assert errors["level"] == ["レベルを選んでください。"]
    assert errors["agreed"] == ["「読みました」に印を付けてください。"]
    assert errors["name"] == ["氏名を入れてください。"]


def test_a_message_of_ones_own_is_kept() -> None:
    class Own(PortalForm):
        name = forms.CharField(label="氏名", error_messages={"required": "お名前が要ります。"})

    assert Own({}).errors["name"] == ["お名前が要ります。"]


def test_a_label_changed_after_the_form_is_made_is_shown() -> None:
    form = Choices()
    form.fields["name"].label = "担当者の氏名"
    assert "担当者の氏名" in str(form)


def test_autocomplete_tokens_come_from_the_form() -> None:
    class Own(PortalForm):
        autocomplete = {"mail": "email"}
        mail = forms.EmailField(label="メール")

    assert 'autocomplete="email"' in str(Own())


def test_filters_do_not_say_that_they_are_optional() -> None:
    class Filter(FilterForm):
        level = forms.ChoiceField(choices=[("", "---------")], required=False)

    assert "※任意" not in str(Filter())
    assert "すべて" in str(Filter())


def test_a_date_is_a_group_of_three_text_inputs() -> None:
    class Own(PortalForm):
        day = JapaneseDateField(label="始める日", required=False)

    html = str(Own())
    assert "<fieldset" in html
    assert re.findall(r'<label for="(id_day_\d)">(.) ', html) == [
        ("id_day_0", "年"),
        ("id_day_1", "月"),
        ("id_day_2", "日"),
    ]
    assert html.count('inputmode="numeric"') == 2  # 令和9 needs letters in the first box


def test_the_unit_is_part_of_the_label_for_screen_readers() -> None:
    class Own(PortalForm):
        pay = YenField(label="日額")

    assert '<span class="visually-hidden">（単位：円）</span>' in str(Own())


def test_controls_of_the_admin_are_not_touched() -> None:
    class Admin(forms.Form):
        name = forms.CharField(widget=AdminTextInputWidget)
        count = forms.IntegerField()

    assert 'class="vTextField"' in str(Admin()["name"])
    assert 'type="number"' in str(Admin()["count"])


def test_nothing_typed_is_lost_when_something_is_wrong() -> None:
    form = ExampleForm(WRONG)
    assert not form.is_valid()
    html = str(form)
    for text in (text for text in WRONG.values() if text):
        assert f'value="{text}"' in html, text


def test_formsets_are_rendered_the_same_way() -> None:
    formset: Any = forms.formset_factory(Plain, extra=2)()
    html = str(formset)
    assert html.count("※必須") == 2
    assert 'name="form-TOTAL_FORMS"' in html


def test_a_filter_has_one_choice_for_everything() -> None:
    class Filters(FilterForm):
        state = ChoiceField(label="状態", choices=[("a", "下書き")], empty_label="すべて")

    assert str(Filters()).count(">すべて<") == 1


class SelectForm(PortalForm):
    town = forms.ChoiceField(choices=[("", "—"), (0, "0番"), ("a&b", "<甲>"), ("c", "丙")])
    grouped = forms.ChoiceField(
        choices=[("", "—"), ("県", [("1", "一"), ("2", "二")]), ("<国>", [("3", "三")])]
    )


@pytest.mark.parametrize("name", ["town", "grouped"])
@pytest.mark.parametrize("value", ["", "0", "a&b", "2", "?"])
def test_a_select_has_the_options_that_django_writes(name: str, value: str) -> None:
    def tags(html: str) -> list[str]:
        found = re.findall(r"<optgroup[^>]*>|<option[^>]*>[^<]*", html)
        return [" ".join(tag.split()) for tag in found]

    field = SelectForm({name: value})[name]
    stock = forms.Select(choices=field.field.choices)  # type: ignore[attr-defined]
    assert tags(field.control) == tags(stock.render(name, value))  # type: ignore[attr-defined]
