"""Two people at one form: who saves second is shown what the first has saved (A-23).

A page carries a fingerprint of what it was opened on. When what is saved has another one, nothing
is overwritten: the page comes back with both sides, and a second press saves knowingly. Sending
what is saved already, as a double click does, is no conflict.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import connection, models
from django.forms.models import model_to_dict

from talentpool.conventions.amounts import half_days_label
from talentpool.conventions.era import format_both
from talentpool.pages.errors import PlainErrorsMixin
from talentpool.pages.fields import HalfDaysField

NAME = "opened"  # of the hidden input
WHY = (
    "開いているあいだに、ほかの人か別の画面で保存されました。"
    "「いまの内容」を確かめて、もう一度保存してください。"
)


def fingerprint(values: Mapping[str, Any]) -> str:
    """A short text that differs where the values differ; their order does not matter."""
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def words_of(field: forms.Field, value: Any) -> str:
    """A value of a field as a person reads it."""
    if value in (None, "", []):
        return "記入なし"
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(field, forms.ModelChoiceField):
        return _rows_words(field, value)
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        labels = {str(code): str(label) for code, label in choices}
        many = value if isinstance(value, list | tuple) else [value]
        return "、".join(labels.get(str(one), str(one)) for one in many)
    if isinstance(field, HalfDaysField):
        return half_days_label(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return format_both(value)
    return str(value)


def _rows_words(field: "forms.ModelChoiceField[Any]", value: Any) -> str:
    many = value if isinstance(value, list | tuple | models.QuerySet) else [value]
    keys = [one.pk if isinstance(one, models.Model) else one for one in many]
    rows = field.queryset.filter(pk__in=keys) if field.queryset is not None else []
    return "、".join(field.label_from_instance(row) for row in rows) or "記入なし"


def differences(form: forms.BaseForm, names: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """Label and saved value of each field whose typed value is another. `form` is bound, and its
    initial values are what is saved now."""
    return [
        (
            str(form.fields[name].label or name),
            words_of(form.fields[name], form.get_initial_for_field(form.fields[name], name)),
        )
        for name in form.fields
        if name in form.changed_data and name != NAME and (names is None or name in names)
    ]


class OpenedModelForm(PlainErrorsMixin, forms.ModelForm):
    """A model form that does not overwrite what somebody else has saved since it was opened."""

    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Tables of rows add keys and a box to delete afterwards: those are no values.
        self._compared = [name for name in self.fields if name != NAME]
        if self.instance._state.adding:
            del self.fields[NAME]
        else:
            self.initial[NAME] = self._saved(self.instance)

    def _saved(self, row: models.Model) -> str:
        return fingerprint(model_to_dict(row, fields=self._compared))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        sent = data.pop(NAME, "")
        if NAME not in self.fields or not self._names():
            return data
        rows = type(self.instance)._base_manager.filter(pk=self.instance.pk)
        if connection.in_atomic_block:
            rows = rows.select_for_update(of=("self",))
        row = rows.get()
        if sent != self._saved(row):
            self._show_saved(row)
        return data

    def _post_clean(self) -> None:
        """Of a saved row check also the rules over fields that the form does not show: Django
        leaves those out, and the database would answer with an error page."""
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, which the stubs leave out
        if self.instance._state.adding or self.errors:
            return
        model: Any = type(self.instance)
        for rule in model._meta.constraints:
            if isinstance(rule, models.CheckConstraint):
                try:
                    rule.validate(model, self.instance)
                except forms.ValidationError as error:
                    self.add_error(None, error)

    def _names(self) -> list[str]:
        return [name for name in self._compared if name in self.fields]

    def _more_differences(self, row: models.Model) -> list[str]:
        """What is saved otherwise beside the fields, in words; for forms that save more rows."""
        return []

    def _show_saved(self, row: models.Model) -> None:
        """Say what is saved now; the next press saves over it."""
        self.initial = {**self.initial, **model_to_dict(row, fields=self._names())}
        self.__dict__.pop("changed_data", None)
        said = [f"{label}：いまの内容は「{words}」" for label, words in differences(self)]
        said += self._more_differences(row)
        if not said:
            return  # the same again, such as by a second click
        self.add_error(None, [WHY, *said])
        sent: Any = self.data
        again = sent.copy()
        again[self.add_prefix(NAME)] = self._saved(row)
        self.data = again


class OpenedRowForm(OpenedModelForm):
    """The same for a row of a table in the admin, which wants the hidden input in its empty rows
    too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if NAME not in self.fields:
            self.fields[NAME] = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        if not self.instance._state.adding:
            return super().clean()
        data: dict[str, Any] = forms.ModelForm.clean(self) or {}
        data.pop(NAME, None)
        return data
