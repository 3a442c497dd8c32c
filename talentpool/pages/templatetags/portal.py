"""Tags and filters of the portal's templates: dates, amounts, states and the page's parts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.forms.formsets import BaseFormSet
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_filters import FilterSet

from talentpool.conventions import amounts, era
from talentpool.pages.browsers import browser_words
from talentpool.pages.changelist import result_list
from talentpool.pages.errors import REFUSED
from talentpool.pages.forms import PortalBoundField

register = template.Library()
register.inclusion_tag("components/register_results.html", name="register_results")(result_list)

KINDS = {"info", "wait", "late", "ok", "off"}


# --- Dates and amounts ------------------------------------------------------------------------
@register.filter
def wareki(value: date | datetime | None) -> SafeString | str:
    """令和8年4月1日 as a <time> element; nothing for no date."""
    return _time(value, era.format_wareki)


@register.filter
def wareki_both(value: date | datetime | None) -> SafeString | str:
    """令和8年4月1日(2026年4月1日) as a <time> element, for dates on which something is decided."""
    return _time(value, era.format_both)


@register.filter
def wareki_weekday(value: date | datetime | None) -> SafeString | str:
    """令和8年4月1日(水) as a <time> element, for dates to act by."""
    return _time(value, lambda day: f"{era.format_wareki(day)}({'月火水木金土日'[day.weekday()]})")


@register.filter
def wareki_time(value: datetime | None) -> SafeString | str:
    """令和8年4月1日 9時05分, in local time, as a <time> element."""
    if not value:
        return ""
    local = timezone.localtime(value)
    text = f"{era.format_wareki(local.date())} {local.hour}時{local.minute:02}分"
    return format_html('<time datetime="{}">{}</time>', local.isoformat("T", "minutes"), text)


def _time(value: date | datetime | None, words: Any) -> SafeString | str:
    if not value:
        return ""
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), words(day))


@register.filter
def month_span(first: date | None, last: date | None) -> str:
    """令和8年4月〜令和9年3月; use as {{ first|month_span:last }}."""
    if first is None or last is None:
        return ""
    return era.format_month_span(first, last)


@register.filter
def month(value: date | None) -> str:
    """令和8年4月."""
    return "" if value is None else era.format_month(value)


@register.filter
def yen(value: int | None) -> str:
    """1,234,567円; nothing for no amount."""
    return "" if value is None else amounts.yen_label(int(value))


@register.filter
def browser(user_agent: str) -> str:
    """Chrome（Windows）for what a browser says of itself."""
    return browser_words(user_agent)


@register.filter
def half_days(value: int | None) -> str:
    """月3日(6半日) for 6 half-days a month."""
    return "" if value is None else amounts.half_days_label(int(value))


@register.simple_tag
def today() -> date:
    """The date in local time: {% today as day %}{{ day|wareki_both }}."""
    return timezone.localdate()


# --- Settings that every page shows -----------------------------------------------------------
@register.simple_tag
def site_name() -> str:
    return str(settings.SITE_NAME)


@register.simple_tag
def operator() -> str:
    """Who runs the portal: 広島県 総務局 デジタル基盤整備課."""
    return f"{settings.PREFECTURE_NAME} {settings.PREFECTURE_OFFICE}"


@register.simple_tag
def contact() -> str:
    """Telephone or mail of the office that runs the portal; may be empty."""
    return str(settings.CONTACT)


@register.simple_tag
def contact_lines() -> list[tuple[str, str]]:
    """What `contact` names, each with its kind: 電話, メール, or 連絡先 for anything else. Several
    are separated by a comma or 、."""
    parts = [part.strip() for part in re.split("[,，、]", settings.CONTACT) if part.strip()]
    return [_kind_and_text(part) for part in parts]


def _kind_and_text(part: str) -> tuple[str, str]:
    named = re.fullmatch(r"(電話|メール)[\s:：]*(.+)", part)
    if named is not None:
        return named[1], named[2]
    if "@" in part:
        return "メール", part
    return ("電話" if re.match(r"[+0(（][0-9()（）-]{5}", part) else "連絡先"), part


@register.simple_tag
def is_sample_data() -> bool:
    return bool(settings.SAMPLE_DATA)


# --- Parts of a page --------------------------------------------------------------------------
@register.simple_tag
def status_tag(label: str, kind: str = "info") -> SafeString:
    """A state as shape and word. `kind`: info, wait (someone waits), late, ok, off."""
    if kind not in KINDS:
        raise template.TemplateSyntaxError(f"kind must be one of {sorted(KINDS)}: {kind!r}")
    return format_html('<span class="tag tag--{}">{}</span>', kind, label)


_NOTICE_TAGS = {"info": "info", "warn": "wait", "error": "late", "ok": "ok"}


@register.simple_block_tag
def notice(content: str, kind: str = "info", label: str = "お知らせ") -> SafeString:
    """A framed notice: {% notice "warn" "期限" %}…{% endnotice %}. Kinds: info, warn, error, ok."""
    if kind not in _NOTICE_TAGS:
        raise template.TemplateSyntaxError(f"kind must be one of {sorted(_NOTICE_TAGS)}: {kind!r}")
    return format_html(
        '<div class="notice notice--{}">{}<div>{}</div></div>',
        kind,
        status_tag(label, _NOTICE_TAGS[kind]),
        content,
    )


@register.simple_block_tag
def scroller(content: str, name: str) -> SafeString:
    """A box that scrolls sideways by itself, for tables and pictures wider than the screen."""
    return format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>', name, content
    )


@register.simple_block_tag
def empty(content: str, title: str, why: str) -> SafeString:
    """An empty list: what it is, why it is empty, and (the content) what to do next."""
    return format_html(
        '<div class="empty"><p class="empty__title">{}</p><p>{}</p><div class="row">{}</div></div>',
        title,
        why,
        content,
    )


@register.simple_tag
def crumbs(*parts: str) -> SafeString:
    """The way to this page: {% crumbs "案件" list_url need.title need_url "候補" %}."""
    links = [*zip(parts[:-1:2], parts[1::2], strict=True)]
    items = format_html_join("", '<li><a href="{1}">{0}</a></li>', links)
    here = format_html('<li aria-current="page">{}</li>', parts[-1])
    return format_html('<nav class="crumbs" aria-label="現在位置"><ol>{}{}</ol></nav>', items, here)


@register.inclusion_tag("components/steps.html")
def steps(labels: Sequence[str], current: int) -> dict[str, Any]:
    """How far a thing has come. `current` counts from 1; one more than there are means all done."""
    states = ["done" if n < current else "now" if n == current else "" for n in _count(labels)]
    return {
        "steps": list(zip(labels, states, strict=True)),
        "total": len(labels),
        "current": min(current, len(labels)),
        "finished": current > len(labels),
    }


def _count(labels: Sequence[str]) -> range:
    return range(1, len(labels) + 1)


@register.inclusion_tag("components/progress.html")
def progress(value: int, total: int, words: str) -> dict[str, Any]:
    """A bar with its words: {% progress 19 23 "23市町のうち19が確認済み" %}."""
    return {"value": value, "total": total, "words": words}


@register.filter
def named(field: BoundField, row: int) -> SafeString:
    """A control in a table of the admin, named by its column and row instead of a label."""
    if field.is_hidden:
        return field.as_widget()
    return field.as_widget(attrs={"aria-label": f"{field.label}（{row}行目）"})


# --- Errors of a form -------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FormError:
    """One line of the error summary; `target` is the id of the control, empty for a whole form.
    `is_refusal` when nothing that was typed is to be mended."""

    target: str
    text: str
    is_refusal: bool = False


REFUSAL = "受け付けられませんでした"


@register.inclusion_tag("components/error_summary.html", takes_context=True)
def error_summary(context: Context) -> dict[str, Any]:
    """All errors of the forms of this page, with links to their fields (C-06)."""
    errors = _errors(context)
    return {"errors": errors, "count": _places(errors), "refusal": REFUSAL}


@register.simple_tag(takes_context=True)
def error_prefix(context: Context) -> SafeString | str:
    """Beginning of the page's title when a form has errors."""
    errors = _errors(context)
    if not errors:
        return ""
    count = _places(errors)
    return f"エラー：{count}か所｜" if count else f"エラー：{REFUSAL}｜"


def _places(errors: Sequence[FormError]) -> int:
    """How many places are to be mended; 0 where what was asked cannot be done as things stand, and
    where a whole form is refused without a word on a field."""
    mended = [error for error in errors if not error.is_refusal]
    return len(mended) if any(error.target for error in mended) else 0


def _errors(context: Context) -> list[FormError]:
    if "_portal_errors" not in context.render_context:
        forms = dict.fromkeys(_bound_forms(context.flatten().values()))
        context.render_context["_portal_errors"] = [
            error for form in forms for error in _errors_of(form)
        ]
    errors: list[FormError] = context.render_context["_portal_errors"]
    return errors


def _bound_forms(values: Any) -> Iterator["BaseForm | BaseFormSet[Any]"]:
    """Forms with input among context values. Types are asked, never the values: a lazy csrf_token
    that is looked into sets a cookie."""
    for value in values:
        kind = type(value)
        if issubclass(kind, BaseForm | BaseFormSet) and value.is_bound:
            yield value
        elif issubclass(kind, FilterSet) and value.is_bound:
            yield value.form
        elif kind in (list, tuple):
            yield from _bound_forms(value)


def _errors_of(form: "BaseForm | BaseFormSet[Any]") -> Iterator[FormError]:
    if isinstance(form, BaseFormSet):
        yield from (FormError("", str(text)) for text in form.non_form_errors())
        for member in form:
            yield from _errors_of(member)
        return
    for text, error in zip(form.non_field_errors(), form.non_field_errors().as_data(), strict=True):
        yield FormError("", str(text), error.code == REFUSED)
    for field in (form[name] for name in form.errors if name in form.fields):
        own = field if isinstance(field, PortalBoundField) else None
        target = own.first_control_id if own else field.id_for_label
        codes = [error.code for error in form.errors.as_data()[field.name]]
        for text, code in zip(map(str, field.errors), codes, strict=True):
            named = field.is_hidden or str(field.label) in text
            words = text if named else f"{field.label}：{text}"
            yield FormError("" if field.is_hidden else target, words, code == REFUSED)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The page's query string with changes: {% query cursor=page.next %}; None takes one out."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        params.pop(name, None)
        if value is not None:
            params[name] = str(value)
    return f"?{params.urlencode()}"
