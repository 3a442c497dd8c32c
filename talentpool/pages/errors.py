"""What a form says is wrong, in plain words that say how to mend it, in place of Django's.

Only Django's own words are replaced: a field or validator that brings its own keeps them. Where the
field stands, the error summary says (`portal.error_summary`).
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.db.models import BaseConstraint

# All that was typed is right, and yet nothing was done as things stand: nothing is to be mended.
REFUSED = "refused"
BROKEN_PAGE = "この画面は古くなっています。開き直してから、もう一度送ってください。"
NUL = "見えない制御文字(NUL)が入っています。値を入れ直してください。"

TAKEN = "同じものが、もう登録されています。ほかの値を入れてください。"
ONLY_DIGITS = "数字だけで入れてください。単位やカンマは付けないでください。"
WHOLE_NUMBER = "数字だけで入れてください。小数、単位、カンマは使えません。"
AGAINST_A_RULE = (
    "入れた値の組合せが、登録のきまりに合いません。日付の前後、数の範囲、一緒に要る項目を"
    "確かめてください。直らないときは、管理者に次の名前を伝えてください。"
)
DJANGOS = ("django.forms.", "django_filters.")
CHOOSE_AGAIN = "一覧にないものが選ばれています。一覧から選び直してください。"
_DATE = "日付は 2027-06-01 のように入れてください。"
# By the kind of field, the most special first: Django's code and the words for it.
_BY_FIELD: tuple[tuple[type[forms.Field], dict[str, str]], ...] = (
    (
        forms.ImageField,
        {"invalid_image": "画像として読めません。PNGかJPEGのファイルを選び直してください。"},
    ),
    (
        forms.FileField,
        {
            "invalid": "ファイルを受け取れませんでした。もう一度選んで送ってください。",
            "missing": "ファイルを受け取れませんでした。もう一度選んで送ってください。",
            "empty": "ファイルが空です。中身のあるファイルを選び直してください。",
            "max_length": "ファイルの名前は%(max)d文字までです。いまは%(length)d文字です。"
            "名前を短くして、選び直してください。",
            "contradiction": "ファイルを選ぶか、消す印を付けるか、どちらかにしてください。",
        },
    ),
    (forms.UUIDField, {"invalid": BROKEN_PAGE}),
    (forms.JSONField, {"invalid": "JSONとして読めません。かっこと引用符を確かめてください。"}),
    (forms.DateTimeField, {"invalid": "日時は 2027-06-01 13:00 のように入れてください。"}),
    (forms.DateField, {"invalid": _DATE}),
    (forms.TimeField, {"invalid": "時刻は 13:00 のように入れてください。"}),
    (
        forms.SplitDateTimeField,
        {"invalid_date": _DATE, "invalid_time": "時刻は 13:00 のように入れてください。"},
    ),
    (forms.FloatField, {"invalid": ONLY_DIGITS}),
    (forms.DecimalField, {"invalid": ONLY_DIGITS}),
    (forms.IntegerField, {"invalid": WHOLE_NUMBER}),
    (forms.URLField, {"invalid": "https:// から始まるアドレスを入れてください。"}),
    (
        forms.ModelMultipleChoiceField,
        {
            "invalid_choice": CHOOSE_AGAIN,
            "invalid_list": CHOOSE_AGAIN,
            "invalid_pk_value": CHOOSE_AGAIN,
        },
    ),
    (forms.MultipleChoiceField, {"invalid_choice": CHOOSE_AGAIN, "invalid_list": CHOOSE_AGAIN}),
    (forms.ModelChoiceField, {"invalid_choice": CHOOSE_AGAIN}),
    (forms.ChoiceField, {"invalid_choice": CHOOSE_AGAIN}),
)
# By the kind of validator, which names its own code.
_BY_VALIDATOR: tuple[tuple[type[Any], dict[str, str]], ...] = (
    (
        validators.MaxLengthValidator,
        {
            "max_length": "%(limit_value)d文字までです。いまは%(show_value)d文字です。"
            "短くしてください。"
        },
    ),
    (
        validators.MinLengthValidator,
        {"min_length": "%(limit_value)d文字以上で入れてください。いまは%(show_value)d文字です。"},
    ),
    (validators.StepValueValidator, {"step_size": "%(limit_value)sごとの数で入れてください。"}),
    (
        validators.DecimalValidator,
        {
            "max_digits": "数字は、全部で%(max)sけたまでです。",
            "max_decimal_places": "小数点より下は%(max)sけたまでです。",
            "max_whole_digits": "小数点より上は%(max)sけたまでです。",
        },
    ),
    (
        validators.EmailValidator,
        {"invalid": "メールアドレスの形になっていません。例：hanako@example.lg.jp"},
    ),
    (validators.URLValidator, {"invalid": "https:// から始まるアドレスを入れてください。"}),
    (
        validators.FileExtensionValidator,
        {
            "invalid_extension": "この種類のファイルは受け取れません。"
            "%(allowed_extensions)s のどれかを選び直してください。"
        },
    ),
    (validators.ProhibitNullCharactersValidator, {"null_characters_not_allowed": NUL}),
)


def speak_plainly(field: forms.Field) -> None:
    """Put plain words in the place of those that Django has for what is wrong in the field."""
    if field.widget.is_hidden:  # nobody typed it
        field.error_messages.update(dict.fromkeys(_stock_codes(field), BROKEN_PAGE))
        return
    stock = _stock_codes(field)
    own = (field.error_messages.keys() | _codes_with_own_words(field)) - stock
    words = {**_of_validators(field), **_of_field(field), "unique": TAKEN}
    field.error_messages.update({code: text for code, text in words.items() if code not in own})


def _stock_codes(field: forms.Field) -> set[str]:
    """The codes whose words are those that a field of Django is made with."""
    kinds = [kind for kind in type(field).__mro__ if kind.__module__.startswith(DJANGOS)]
    stock = [kind.__dict__.get("default_error_messages", {}) for kind in kinds]
    return {
        code
        for code, text in field.error_messages.items()
        if any(words.get(code) is text for words in stock)
    }


def _codes_with_own_words(field: forms.Field) -> set[str]:
    """A field's words for a code are said for every validator that uses it: so for none of them
    where one has words of its own."""
    return {
        getattr(one, "code", "invalid")
        for one in field.validators
        if type(one).__module__ != validators.__name__ or "message" in vars(one)
    }


def _of_field(field: forms.Field) -> dict[str, str]:
    return next((words for kind, words in _BY_FIELD if isinstance(field, kind)), {})


def _of_validators(field: forms.Field) -> dict[str, str]:
    kinds = {type(one) for one in field.validators}
    words = _of_limits(field.validators)
    for kind, said in _BY_VALIDATOR:
        if kind in kinds:
            words |= said
    return words


def _of_limits(found: Iterable[Any]) -> dict[str, str]:
    """From where to where a number may go; the narrowest, where there are several limits."""
    least = [one.limit_value for one in found if type(one) is validators.MinValueValidator]
    most = [one.limit_value for one in found if type(one) is validators.MaxValueValidator]
    if any(not isinstance(limit, int | float | Decimal) for limit in (*least, *most)):
        return {}
    words = ""
    if least and most:
        words = f"{max(least):,}から{min(most):,}までの数で入れてください。"
    elif least:
        words = f"{max(least):,}以上の数で入れてください。"
    elif most:
        words = f"{min(most):,}以下の数で入れてください。"
    return {"min_value": words, "max_value": words} if words else {}


class PlainErrorsMixin(forms.BaseForm):
    """For every form, those of packages and of the admin too."""

    def full_clean(self) -> None:
        """Late, for a form may add fields to itself after it was made."""
        for field in self.fields.values():
            speak_plainly(field)
        super().full_clean()

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django's, with plain words for what a rule of the database refuses."""
        if isinstance(error, ValidationError):
            for one in _leaves(error):
                one.message = _plain_rule(one)
        super().add_error(field, error)


def _leaves(error: ValidationError) -> list[ValidationError]:
    if hasattr(error, "error_dict"):
        return [one for errors in error.error_dict.values() for one in errors]
    return list(error.error_list)


def _plain_rule(error: ValidationError) -> Any:
    """Rules are named for the code; where people type they have words of their own, and this is
    for what is left."""
    if error.code == "unique_together":
        return TAKEN
    begins, ends = (BaseConstraint.default_violation_error_message % {"name": "\n"}).split("\n")
    text = str(error.message)
    if text.startswith(begins) and text.endswith(ends):
        return f"{AGAINST_A_RULE}({text.removeprefix(begins).removesuffix(ends)})"
    return error.message


def refuse(form: forms.BaseForm, text: str, *, beside: str | None = None) -> None:
    """Say in a form why nothing was done though all that was typed is right; `beside` names the
    field that it is about."""
    form.add_error(beside, ValidationError(text, code=REFUSED))
