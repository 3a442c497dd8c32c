"""Form fields that take what people type in Japan and never lose it (C-09).

A field that cannot read its input says so beside the box and shows the input again as typed.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from talentpool.conventions import amounts, era, folding
from talentpool.conventions.numbers import number_in


class PartsWidget(forms.MultiWidget):
    """Text inputs side by side, each with its own short label (DADS: no calendar needed)."""

    template_name = "components/widgets/parts.html"
    use_fieldset = True
    parts: ClassVar[Sequence[str]] = ()
    widths: ClassVar[dict[str, str]] = {"年": "input--4", "月": "input--2", "日": "input--2"}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__([forms.TextInput({"inputmode": "numeric"}) for _ in self.parts], attrs)

    def decompress(self, value: Any) -> list[Any]:
        """A date as its parts; no value as empty boxes."""
        if not isinstance(value, date):
            return [None] * len(self.parts)
        return [value.year, value.month, value.day][: len(self.parts)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], self.parts, strict=True):
            part["label"] = label
            part["attrs"]["class"] = f"input {self.widths[label]}"
            if label == "年":  # 令和8 needs letters: the numeric keyboard would lock them out
                part["attrs"]["inputmode"] = "text"
        return context


class DateParts(PartsWidget):
    parts = ("年", "月", "日")


class MonthParts(PartsWidget):
    parts = ("年", "月")


class _PartsField(forms.Field):
    """Year, month and perhaps day as typed; cleans to a date."""

    widget: type[PartsWidget]
    default_error_messages: ClassVar[dict[str, Any]] = {"required": "日付を入れてください。"}

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or isinstance(value, date):
            return value or None
        units = self.widget.parts
        typed = [  # a box that was not sent at all counts as empty
            (text or "").strip().removesuffix(unit).strip()
            for text, unit in zip(value, units, strict=True)
        ]
        if not any(typed):
            return None
        missing = [unit for text, unit in zip(typed, units, strict=True) if not text]
        if missing:
            raise ValidationError("と".join(missing) + "を入れてください。", code="incomplete")
        try:
            year = era.parse_year(typed[0])
            month, day = _number(typed[1], "月", 12), _number([*typed, "1"][2], "日", 31)
            if len(units) == 2:
                return date(year, month, day)
            # Read again with its era: 平成31年5月1日 was never written, 2月30日 does not exist.
            return era.parse_date(f"{typed[0]}年{month}月{day}日")
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class JapaneseDateField(_PartsField):
    """A date in three boxes; the year also as 令和8 or R8.

    In a ModelForm: `Meta.field_classes = {"starts_on": JapaneseDateField}`.
    """

    widget = DateParts

    def __init__(self, **kwargs: Any) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or "例：2027年6月1日。年は令和9でも可。"
        super().__init__(**kwargs)


class MonthField(_PartsField):
    """A month in two boxes; cleans to its first day."""

    widget = MonthParts
    default_error_messages: ClassVar[dict[str, Any]] = {"required": "年と月を入れてください。"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or "例：2027年4月。年は令和9でも可。"
        super().__init__(**kwargs)


def _number(text: str, unit: str, most: int) -> int:
    """A month or day as typed. Raises ValueError with the words for the page."""
    digits = folding.tidy_digits(text)
    number = number_in(digits)
    if not 1 <= number <= most:
        raise ValueError(f"{unit}は1から{most}までの数字で入れてください。")
    return number


class SuffixInput(forms.TextInput):
    """A short number with its unit behind the box."""

    template_name = "components/widgets/suffixed.html"
    suffix = ""
    width = "input--8"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["suffix"] = self.suffix
        return context


class YenInput(SuffixInput):
    suffix = "円"
    width = "input--16"


class DaysInput(SuffixInput):
    suffix = "日"
    width = "input--4"


class YenField(forms.IntegerField):
    """Whole yen, typed as 300000, 300,000, ３００，０００円 or ¥300,000; at most MOST_YEN, or less
    with `max_value`."""

    widget = YenInput
    MOST_YEN = 1_000_000_000  # fits every column of yen

    def __init__(self, *, max_value: int = MOST_YEN, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        super().__init__(**kwargs)
        self.max_value = max_value
        message = f"{amounts.yen_label(max_value)}以下で入れてください。"
        self.validators.append(MaxValueValidator(max_value, message))
        self.widget.attrs.setdefault("inputmode", "numeric")

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or isinstance(value, int):
            return None if value in self.empty_values else value
        try:
            return amounts.parse_yen(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value


class HalfDaysField(forms.IntegerField):
    """Days in steps of half a day, typed as 2.5; cleans to whole half-days (2.5日 = 5).

    `min_value` and `max_value` are half-days.
    """

    widget = DaysInput

    def __init__(
        self, *, min_value: int | None = None, max_value: int | None = None, **kwargs: Any
    ) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or "0.5日単位。例：2.5"
        super().__init__(**kwargs)
        if min_value is not None:
            message = f"{amounts.days_label(min_value)}以上で入れてください。"
            self.validators.append(MinValueValidator(min_value, message))
        if max_value is not None:
            message = f"{amounts.days_label(max_value)}以下で入れてください。"
            self.validators.append(MaxValueValidator(max_value, message))
        self.widget.attrs.setdefault("inputmode", "decimal")

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or isinstance(value, int):
            return None if value in self.empty_values else value
        try:
            return amounts.parse_days(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        return amounts.days_label(value).removesuffix("日") if isinstance(value, int) else value


class KatakanaField(forms.CharField):
    """A reading; hiragana and half-width kana become full-width katakana."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["help_text"] = kwargs.get("help_text") or "ひらがなで入れてもかまいません。"
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        kana = folding.to_katakana(super().to_python(value) or "")
        if kana and not folding.is_katakana(kana):
            raise ValidationError("ふりがなは、カタカナかひらがなで入れてください。", code="kana")
        return kana
