"""How forms are rendered: `{{ form }}` follows the rules of the Digital Agency design system.

Label above the field with ※必須 or ※任意, help and error tied to the control, error text beginning
with ＊, no placeholder. The admin renders its controls with its own templates and is not touched.
Forms are written `<form method="post" novalidate>`: the server answers with the error summary,
which a browser's own bubble would hide.
"""

from collections.abc import Iterable
from copy import copy
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt, pretty_name
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe

from talentpool.pages.errors import BROKEN_PAGE, PlainErrorsMixin

# From the expected length (characters) to the width of the box.
_WIDTHS = ((2, "input--2"), (4, "input--4"), (8, "input--8"), (16, "input--16"))
_PICKED = (
    forms.Select,
    forms.RadioSelect,
    forms.CheckboxSelectMultiple,
    forms.FileInput,
)


class PortalBoundField(BoundField):
    """A bound field that knows how the portal's field template shows it."""

    @property
    def control(self) -> SafeString:
        """The control with the portal's look; numbers are typed into text inputs (DADS)."""
        widget = self.field.widget
        attrs: dict[str, Any] = {"placeholder": False}  # False leaves an attribute out
        if isinstance(widget, forms.NumberInput):
            widget.input_type = "text"
            attrs |= {"inputmode": "decimal" if self._has_decimals else "numeric"}
            attrs |= {"min": False, "max": False, "step": False}
        if not isinstance(widget, forms.CheckboxInput | forms.FileInput):
            attrs["class"] = " ".join(filter(None, ["input", self._width, self._own_class]))
        return self.as_widget(_plain(widget), attrs=attrs)

    @property
    def shape(self) -> str:
        """Which part of the field template applies: hidden, choices, checkbox, parts or line."""
        widget = self.field.widget
        if widget.is_hidden:
            return "hidden"
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "choices"
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        return "parts" if isinstance(widget, forms.MultiWidget) else "line"

    @property
    def several(self) -> bool:
        """Whether several may be ticked: help then stands in the legend, where NVDA reads it."""
        return isinstance(self.field.widget, forms.CheckboxSelectMultiple)

    @property
    def first_control_id(self) -> str:
        """Where the error summary's link leads: the control, or the first one of a group."""
        if not self.auto_id:
            return ""
        first = self.shape in {"choices", "parts"}
        return f"{self.auto_id}_0" if first else str(self.auto_id)

    @property
    def _has_decimals(self) -> bool:
        return isinstance(self.field, forms.FloatField | forms.DecimalField)

    @property
    def _own_class(self) -> str:
        return str(self.field.widget.attrs.get("class", ""))

    @property
    def _width(self) -> str:
        widget = self.field.widget
        if isinstance(widget, forms.NumberInput):
            return "input--8"
        if isinstance(widget, forms.TextInput):
            own = getattr(widget, "width", "")
            length = getattr(self.field, "max_length", None)
            return own or next((css for most, css in _WIDTHS if length and length <= most), "")
        return ""


class PlainSelect(forms.Select):
    """A select written in one go: Django's takes a template for each option, which for the towns
    of a prefecture costs more than the rest of the form. The portal's form fields write every
    select so; one with attributes of its options is left to Django."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        if self.allow_multiple_selected or type(self).create_option is not _DJANGOS_OPTION:
            return super().render(name, value, attrs, renderer)
        chosen = self.format_value(value)[:1]  # one, however often a value is offered
        groups = (
            _group(label, inside, chosen)
            for label, inside in (
                (label, inside) if isinstance(inside, list | tuple) else (None, [(label, inside)])
                for label, inside in self.choices
            )
        )
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            mark_safe("".join(groups)),  # noqa: S308 -- each is escaped in _group
        )


_DJANGOS_OPTION = forms.Select.create_option


def _group(label: Any, listed: Iterable[tuple[Any, Any]], chosen: list[str]) -> str:
    """Options, inside the group that they belong to, if to one. The first that is `chosen` is
    taken out of it and marked."""
    written = []
    for value, words in listed:
        text = "" if value is None else str(value)
        selected = ""
        if text in chosen:
            chosen.remove(text)
            selected = " selected"
        option = f'<option value="{conditional_escape(text)}"{selected}>'
        written.append(f"{option}{conditional_escape(words)}</option>")
    options = "".join(written)
    return options if label is None else f'<optgroup label="{escape(label)}">{options}</optgroup>'


def _plain(widget: forms.Widget) -> forms.Widget:
    """The widget that writes the control: a PlainSelect for Django's own select."""
    if type(widget) is not forms.Select:
        return widget
    plain = copy(widget)
    plain.__class__ = PlainSelect
    return plain


class PortalRenderer(TemplatesSetting):
    """The project's FORM_RENDERER; widgets are looked up like all other templates."""

    form_template_name = "components/form.html"
    formset_template_name = "components/formset.html"
    field_template_name = "components/field.html"
    bound_field_class = PortalBoundField


class PortalFormMixin(PlainErrorsMixin):
    """Words of the portal for forms of ours and of packages.

    `autocomplete` names the HTML autocomplete token by field (WCAG 1.3.5), for what a person
    types about themselves.
    """

    autocomplete: ClassVar[dict[str, str]] = {}
    # Instead of a row of hyphens: the empty choice of a select that must, or may, be answered.
    empty_choice: ClassVar[tuple[str, str]] = ("選んでください", "指定なし")
    hide_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Put the portal's words into the fields; a child may set labels first."""
        for name, field in self.fields.items():
            if name in self.autocomplete:
                field.widget.attrs["autocomplete"] = self.autocomplete[name]
            _say_what_is_missing(field, str(field.label or pretty_name(name)))
            _name_empty_choice(field, self.empty_choice[0 if field.required else 1])


def _say_what_is_missing(field: forms.Field, label: str) -> None:
    """Instead of "This field is required": what to do, with the field's name."""
    if field.error_messages.get("required") != forms.Field.default_error_messages["required"]:
        return
    if field.widget.is_hidden:  # nobody typed it
        message = BROKEN_PAGE
    elif isinstance(field.widget, forms.CheckboxInput):
        message = f"「{label}」に印を付けてください。"
    elif isinstance(field.widget, _PICKED):
        message = f"{label}を選んでください。"
    else:
        message = f"{label}を入れてください。"
    field.error_messages["required"] = message


def _name_empty_choice(field: forms.Field, words: str) -> None:
    if hasattr(field, "empty_label"):  # of models, and those of django-filter
        if field.empty_label is not None:
            field.empty_label = words
    elif type(field.widget) is forms.Select and isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        field.choices = [
            (value, words if value in ("", None) and str(label).startswith("-") else label)
            for value, label in choices
        ]


class PortalForm(PortalFormMixin, forms.Form):
    """Base of the portal's forms."""


class PortalModelForm(PortalFormMixin, forms.ModelForm):
    """Base of the portal's model forms."""


class FilterForm(PortalFormMixin, forms.Form):
    """The form of a list's filters: everything is optional, so nothing says so."""

    empty_choice = ("すべて", "すべて")
    hide_optional = True
