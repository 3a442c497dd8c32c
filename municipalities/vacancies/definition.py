"""The form as pure data and the checking of values against it: no database, no clock.

Values are canonical text keyed by identifier: codes as codes (several joined by ";"), numbers in
ASCII digits, dates as ISO, an empty value left out. Page, file, sheet and export all take them
from here (sources.md 1.2).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from talentpool.conventions import era, folding, lg_code
from talentpool.conventions.cells import begins_like_formula, unguard_formula

Values = Mapping[str, str]
Problems = dict[str, list[str]]

SEPARATOR = ";"
_SEPARATORS = re.compile(r"[;,、，；/／\n]+")
_PHONE = re.compile(r"0\d{1,4}-\d{1,4}-\d{3,4}(?:[(x]\d{1,6}\)?)?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_CONDITION = re.compile(r"(?P<identifier>[a-z0-9_]+)=(?P<codes>[0-9A-Za-z]+(?:\|[0-9A-Za-z]+)*)")
MOST_DECIMAL = Decimal("9999.9")  # what numeric(5, 1) holds; no field means more
# Mean nothing where their condition does not hold, in any version: partners without a joint
# posting, an amount of unpaid work. 根拠規定 and 税区分 may be told of other contracts too.
ONLY_WITH_CONDITION = frozenset(
    {
        "joint_members",
        "renewal_terms",
        "freq_min",
        "freq_max",
        "onsite_freq",
        "side_job_terms",
        "pay_min",
        "pay_max",
    }
)
_CODED = frozenset({"code", "codes", "code_text"})


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the form. `allowed` maps codes to labels, `max_length` counts characters;
    `public` says whether the public may read it."""

    identifier: str
    header: str
    kind: str
    requirement: str
    condition: str = ""
    allowed: Mapping[str, str] | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    max_length: int | None = None
    section: str = ""
    note: str = ""
    public: bool = False

    @property
    def is_chosen(self) -> bool:
        """Whether the value is picked from a list rather than written."""
        return self.kind in _CODED

    def condition_parts(self) -> tuple[str, frozenset[str]]:
        """The condition `joint_type=1|3` as identifier and codes.

        Raises ValueError when it is written in another way.
        """
        return _condition_parts(self.condition)

    def is_required(self, values: Values) -> bool:
        """Whether the field must be filled, given the other values."""
        if self.requirement == "conditional":
            identifier, codes = self.condition_parts()
            return bool(codes & set(values.get(identifier, "").split(SEPARATOR)))
        return self.requirement == "required"

    @property
    def needs_condition(self) -> bool:
        """Whether it says something only where its condition holds."""
        return self.requirement == "conditional" and self.identifier in ONLY_WITH_CONDITION

    def is_stray(self, values: Values) -> bool:
        """Whether the field is filled though its condition is known not to hold."""
        return (
            self.needs_condition
            and bool(values.get(self.identifier))
            and bool(values.get(self.condition_parts()[0]))
            and not self.is_required(values)
        )

    def canonical(self, typed: str) -> str:
        """The canonical form of what was typed or stood in a cell; "" for nothing.

        Raises ValueError with a Japanese message that says what to write instead.
        """
        text = folding.tidy_text(typed)
        if not text:
            return ""
        value = _CANONICAL[self.kind](self, text)
        # With an apostrophe before it a file that is read again would lose the apostrophe.
        if begins_like_formula(value) or unguard_formula(value) != value:
            raise ValueError(
                "先頭に =、+、-、@ や、その前の ' は使えません。文字から始めてください。"
            )
        if self.max_length is not None and len(value) > self.max_length:
            over = len(value) - self.max_length
            raise ValueError(f"{self.max_length}文字までです。{over}文字減らしてください。")
        return value

    def label_of(self, value: str) -> str:
        """The value for people: labels of codes, dates in both calendars, the rest as it is."""
        if not value:
            return ""
        if self.kind in {"code", "codes"} and self.allowed:
            return "、".join(self.allowed.get(code, code) for code in value.split(SEPARATOR))
        if self.kind == "code_text" and self.allowed:
            code, _, rest = value.partition(" ")
            label = self.allowed.get(code, code)
            return f"{label}({rest})" if rest else label
        if self.kind == "date":
            return era.format_both(date.fromisoformat(value))
        if self.kind == "int":
            return f"{int(value):,}"
        return value


@lru_cache(maxsize=256)
def _condition_parts(condition: str) -> tuple[str, frozenset[str]]:
    found = _CONDITION.fullmatch(condition)
    if found is None:
        raise ValueError(f"条件の書き方が違います：{condition}(例：joint_type=1|3)")
    return found["identifier"], frozenset(found["codes"].split("|"))


def parse_allowed(text: str) -> dict[str, str] | None:
    """Read `0=なし;1=あり`; None when nothing is given. Raises ValueError when malformed."""
    if not text.strip():
        return None
    allowed = {}
    for part in filter(None, (piece.strip() for piece in text.split(SEPARATOR))):
        code, mark, label = part.partition("=")
        if not mark or not code.strip() or not label.strip():
            raise ValueError(f"選択肢の書き方が違います：{part}(例：0=なし;1=あり)")
        allowed[code.strip()] = label.strip()
    return allowed


def _one_line(spec: FieldSpec, text: str) -> str:
    return " ".join(text.split("\n"))


def _as_is(spec: FieldSpec, text: str) -> str:
    return text


@lru_cache(maxsize=256)
def _folded(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Codes by everything that may stand for them: code, label, code and label together."""
    folded: dict[str, str] = {}
    for code, label in pairs:
        for text in (code, label, f"{code}{label}"):
            folded.setdefault(folding.tidy_code(text).upper(), code)
    return folded


def _code(spec: FieldSpec, text: str) -> str:
    """A code, or its label as a drop-down of a sheet gives it."""
    allowed = spec.allowed or {}
    found = _folded(tuple(allowed.items())).get(folding.tidy_code(text).upper())
    if found is not None:
        return found
    choices = "、".join(f"{code}({label})" for code, label in allowed.items())
    raise ValueError(f"「{text}」は選べません。次から選んでください：{choices}")


def _codes(spec: FieldSpec, text: str) -> str:
    """Several codes, each once, in the order of the list."""
    order = list(spec.allowed or {})
    whole = folding.tidy_code(text)
    pieces = [piece for piece in _SEPARATORS.split(text) if piece.strip()]
    # A label may itself hold a separator ("セキュリティ/監査"): then the whole text is one value.
    if any(folding.tidy_code(label) == whole for label in (spec.allowed or {}).values()):
        pieces = [text]
    return SEPARATOR.join(sorted({_code(spec, piece) for piece in pieces}, key=order.index))


def _code_text(spec: FieldSpec, text: str) -> str:
    """A code and, after a space, words: `2 旅費条例の例による`."""
    code, _, rest = text.replace("\u3000", " ").partition(" ")
    code = _code(spec, code)
    rest = " ".join(rest.split())
    return f"{code} {rest}" if rest else code


def _within(spec: FieldSpec, number: Decimal) -> None:
    if spec.minimum is not None and number < spec.minimum:
        raise ValueError(f"{spec.minimum.normalize():f}以上で入れてください。")
    if spec.maximum is not None and number > spec.maximum:
        raise ValueError(f"{spec.maximum.normalize():f}以下で入れてください。")


def _integer(spec: FieldSpec, text: str) -> str:
    digits = folding.tidy_digits(text)
    digits = re.sub(r"(円|人|名)$", "", digits)
    digits = re.sub(r"\.0+$", "", digits)  # a number cell of a sheet
    if not re.fullmatch(r"[0-9]{1,12}", digits):
        raise ValueError(f"「{text}」は数字として読めません。整数で入れてください(例：12)。")
    _within(spec, Decimal(digits))
    return str(int(digits))


def _decimal(spec: FieldSpec, text: str) -> str:
    try:
        number = Decimal(re.sub(r"(日|時間|人|名)$", "", folding.tidy_digits(text)))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0 or number != round(number, 1):
        raise ValueError(f"「{text}」は読めません。小数第1位までの数字で入れてください(例：2.5)。")
    if number > MOST_DECIMAL:
        raise ValueError(f"{MOST_DECIMAL}以下で入れてください。")
    _within(spec, number)
    return f"{number.normalize():f}"


def _date(spec: FieldSpec, text: str) -> str:
    if spec.identifier == "close_date" and text.startswith("随時"):
        raise ValueError("随時のときは、この欄を空けて、締切区分を「2」(随時)にしてください。")
    return era.parse_date(text).isoformat()


def _month(spec: FieldSpec, text: str) -> str:
    found = _MONTH.fullmatch(folding.tidy_code(text))
    if found is None or not 1 <= int(found[2]) <= 12:
        raise ValueError("年月は「2026-11」のように入れてください。")
    return f"{found[1]}-{int(found[2]):02}"


def _lg_code(spec: FieldSpec, text: str) -> str:
    digits = folding.tidy_digits(text)
    if not lg_code.is_valid(digits):
        raise ValueError(
            f"「{text}」は団体コードではありません。検査数字を含む6桁で入れてください(例：342041)。"
        )
    return digits


def _lg_codes(spec: FieldSpec, text: str) -> str:
    pieces = [piece for piece in _SEPARATORS.split(text) if piece.strip()]
    return SEPARATOR.join(sorted({_lg_code(spec, piece) for piece in pieces}))


def _url(spec: FieldSpec, text: str) -> str:
    url = text.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.netloc or re.search(r"[\s\"<>]", url):
        raise ValueError("https:// で始まるURLを入れてください。")
    return url


def _phone(spec: FieldSpec, text: str) -> str:
    phone = folding.tidy_phone(text)
    if not _PHONE.fullmatch(phone):
        raise ValueError("電話番号は、ハイフンを入れた半角数字で入れてください(例：082-513-2222)。")
    return phone


def _mail(spec: FieldSpec, text: str) -> str:
    address = folding.tidy_code(text)
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError(
            "メールアドレスの形になっていません(例：joho@city.example.lg.jp)。"
        ) from None
    return address


_CANONICAL: dict[str, Callable[[FieldSpec, str], str]] = {
    "str": _one_line,
    "text": _as_is,
    "code": _code,
    "codes": _codes,
    "code_text": _code_text,
    "int": _integer,
    "decimal": _decimal,
    "date": _date,
    "month": _month,
    "lg_code": _lg_code,
    "lg_codes": _lg_codes,
    "url": _url,
    "tel": _phone,
    "mail": _mail,
}


@dataclass(frozen=True)
class Definition:
    """One version of the form: its code and its fields in their order."""

    code: str
    fields: tuple[FieldSpec, ...]

    @cached_property
    def by_identifier(self) -> dict[str, FieldSpec]:
        return {field.identifier: field for field in self.fields}

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Identifiers of the fields that the public does not read."""
        return frozenset(field.identifier for field in self.fields if not field.public)

    @cached_property
    def open_identifiers(self) -> tuple[str, ...]:
        """Identifiers of the fields that the public reads, in their order."""
        return tuple(field.identifier for field in self.fields if field.public)

    @property
    def identifiers(self) -> list[str]:
        return [field.identifier for field in self.fields]

    @property
    def headers(self) -> list[str]:
        return [field.header for field in self.fields]

    def in_section(self, *sections: str) -> list[FieldSpec]:
        """The fields of some sections, in their order."""
        return [field for field in self.fields if field.section in sections]

    def clean(self, typed: Values) -> tuple[dict[str, str], Problems]:
        """Canonical values of what could be read, and what could not, by identifier.

        Says nothing about what is missing: that is `problems_of`, because a draft may have gaps.
        """
        values: dict[str, str] = {}
        problems: Problems = {}
        for field in self.fields:
            try:
                value = field.canonical(typed.get(field.identifier, ""))
            except ValueError as error:
                problems[field.identifier] = [str(error)]
                continue
            if value:
                values[field.identifier] = value
        return values, problems

    def problems_of(self, values: Values, *, without: Iterable[str] = ()) -> Problems:
        """All that keeps the values from being submitted: wrong, missing, contradictory.

        `without` names fields that are filled in later by the system.
        """
        skipped = set(without)
        _, problems = self.clean(values)
        for field in self.fields:
            if field.identifier in skipped:
                problems.pop(field.identifier, None)
            elif not values.get(field.identifier) and field.is_required(values):
                verb = "選んで" if field.is_chosen else "入れて"
                problems[field.identifier] = [f"{field.header}を{verb}ください。"]
        for identifier, message in self.contradictions(values):
            if identifier in self.by_identifier and identifier not in problems:
                problems[identifier] = [message]
        return problems

    def contradictions(self, values: Values) -> list[tuple[str, str]]:
        """Values that cannot be true together in this form, as (identifier to mend, message):
        those of every form, then what is filled though its condition does not hold. It would say
        to the ministry and the public what nobody means."""
        found = contradictions(values)
        known = {identifier for identifier, _ in found}
        for field in self._conditional:
            if field.identifier not in known and field.is_stray(values):
                found.append((field.identifier, self._why_stray(field)))
        return found

    @cached_property
    def _conditional(self) -> tuple[FieldSpec, ...]:
        return tuple(field for field in self.fields if field.needs_condition)

    def _why_stray(self, field: FieldSpec) -> str:
        identifier, codes = field.condition_parts()
        other = self.by_identifier.get(identifier)
        if other is None:  # a draft of a form
            return f"{field.header}は、今の内容では入れられません。空けてください。"
        labels = "・".join(label for code, label in (other.allowed or {}).items() if code in codes)
        return (
            f"{field.header}は、「{other.header}」が{labels}のときだけ入れます。"
            f"この欄を空けるか、「{other.header}」を直してください。"
        )


def contradictions(values: Values) -> list[tuple[str, str]]:
    """Values that cannot be true together, as (identifier to mend, message).

    Values that cannot be read are passed over: they are reported by themselves.
    """
    found = []
    for low, high, what in [
        ("freq_min", "freq_max", "下限"),
        ("pay_min", "pay_max", "下限"),
    ]:
        numbers = _number(values.get(low)), _number(values.get(high))
        if numbers[0] is not None and numbers[1] is not None and numbers[1] < numbers[0]:
            found.append((high, f"上限は{what}({values[low]})以上で入れてください。"))
    for first, last, message in [
        ("start_date", "end_date", "終了予定日は、開始予定日以後の日を入れてください。"),
        ("open_date", "close_date", "締切日は、募集開始日以後の日を入れてください。"),
        ("open_date", "publish_until", "公表終了希望日は、募集開始日以後の日を入れてください。"),
    ]:
        days = _day(values.get(first)), _day(values.get(last))
        if days[0] is not None and days[1] is not None and days[1] < days[0]:
            found.append((last, message))
    if values.get("pay_unit") == "N" and values.get("tax"):
        found.append(("tax", "無報酬のときは、税区分を空けてください。"))
    if values.get("close_type") == "2" and values.get("close_date"):
        found.append(("close_date", "締切区分が随時のときは、締切日を空けてください。"))
    others = set(values.get("joint_members", "").split(SEPARATOR)) - {"", values.get("lg_code")}
    if values.get("joint_type") == "1" and values.get("joint_members") and not others:
        found.append(("joint_members", "自分の市町のほかに、共同で募集する団体を入れてください。"))
    start, end = _day(values.get("start_date")), _day(values.get("end_date"))
    if (
        values.get("engagement_form") in {"11", "12"}
        and start is not None
        and end is not None
        and era.fiscal_year(start) != era.fiscal_year(end)
    ):
        year_end = era.fiscal_year_span(era.fiscal_year(start))[1]
        found.append(
            (
                "end_date",
                f"会計年度任用職員の任期は、年度末({era.format_wareki(year_end)})までです。",
            )
        )
    return found


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def convert(values: Values, new: Definition) -> tuple[dict[str, str], dict[str, str]]:
    """Values of another version in the terms of `new`: (what fits, what does not).

    Identifiers mean the same in all versions. What does not fit is handed back to be shown, never
    dropped.
    """
    fits: dict[str, str] = {}
    leftover: dict[str, str] = {}
    for identifier, value in values.items():
        spec = new.by_identifier.get(identifier)
        try:
            if spec is None:
                raise ValueError(identifier)
            fits[identifier] = spec.canonical(value)
        except ValueError:
            leftover[identifier] = value
    if "form_version" in new.by_identifier:
        fits["form_version"] = new.code
        leftover.pop("form_version", None)
    return fits, leftover
