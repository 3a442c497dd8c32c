"""The public site: what the pool is, the list of vacancies, one vacancy."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from municipalities.vacancies.definition import Definition
from municipalities.vacancies.filters import VacancyFilter
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.models.vacancy import PUBLISHED_ORDER
from municipalities.vacancies.views.vacancies import answers_of
from talentpool.conventions.amounts import yen_label
from talentpool.pages.paging import keyset_page

NEWEST = 5
PAGE_SIZE = 20
# Never on a public page: names of staff (B-17), and what is for the prefecture only.
NOT_PUBLIC = frozenset({"contact_name", "publish_ok", "publish_until"})
PAY_UNITS = {"H": "時間額", "D": "日額", "M": "月額", "Y": "年額", "C": "総額"}


def pay_words(vacancy: Vacancy) -> str:
    """月額 300,000円〜400,000円, or what stands in place of an amount."""
    unit = PAY_UNITS.get(vacancy.pay_unit)
    if unit is None:
        return {"N": "無報酬", "X": "応相談"}.get(vacancy.pay_unit, "")
    amounts = [yen_label(a) for a in (vacancy.pay_min, vacancy.pay_max) if a is not None]
    return f"{unit} {'〜'.join(dict.fromkeys(amounts))}"


def frequency_words(vacancy: Vacancy) -> str:
    """月2〜4日, 週1日, 常勤."""
    before, after = {"D": ("月", "日"), "W": ("週", "日"), "H": ("月", "時間")}.get(
        vacancy.frequency_unit, ("", "")
    )
    if not before:
        return {"F": "常勤", "S": "随時"}.get(vacancy.frequency_unit, "")
    numbers = [f"{n.normalize():f}" for n in (vacancy.freq_min, vacancy.freq_max) if n is not None]
    return f"{before}{'〜'.join(dict.fromkeys(numbers))}{after}"


def card_of(vacancy: Vacancy) -> dict[str, Any]:
    """What a list shows of a vacancy."""
    definition: Definition = vacancy.form_version.definition
    labels = definition.by_identifier
    return {
        "vacancy": vacancy,
        "fields": labels["work_fields"].label_of(vacancy.values.get("work_fields", "")),
        "form": labels["engagement_form"].label_of(vacancy.engagement_form),
        "remote": labels["remote"].label_of(vacancy.values.get("remote", "")),
        "pay": pay_words(vacancy),
        "frequency": frequency_words(vacancy),
    }


def _open_vacancies() -> Any:
    return (
        Vacancy.objects.public()
        .open_on(timezone.localdate())
        .select_related("municipality")
        .prefetch_related("form_version__fields")  # one version of the form for all of a page
        .annotate(published=PUBLISHED_ORDER)
    )


@login_not_required
def top(request: HttpRequest) -> HttpResponse:
    newest = list(_open_vacancies().order_by("-published", "-pk")[:NEWEST])
    return render(
        request, "vacancies/top.html", {"cards": [card_of(vacancy) for vacancy in newest]}
    )


@login_not_required
def vacancy_list(request: HttpRequest) -> HttpResponse:
    found = VacancyFilter(request.GET, queryset=_open_vacancies(), request=request)
    page = keyset_page(found.qs, request.GET, order=["-published"], size=PAGE_SIZE)
    chosen = any(request.GET.get(name) for name in found.filters)
    return render(
        request,
        "vacancies/public_list.html",
        {
            "page": page,
            "cards": [card_of(vacancy) for vacancy in page],
            "filter": found,
            "chosen": chosen,
        },
    )


@login_not_required
def vacancy_detail(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    vacancy = get_object_or_404(
        Vacancy.objects.public().select_related("municipality", "form_version"),
        vacancy_no=vacancy_no,
    )
    groups = answers_of(vacancy)
    for group in groups:
        group["answers"] = [
            (spec, words) for spec, words in group["answers"] if spec.identifier not in NOT_PUBLIC
        ]
    return render(
        request,
        "vacancies/public_detail.html",
        {
            "vacancy": vacancy,
            "card": card_of(vacancy),
            "groups": [group for group in groups if group["answers"]],
            "is_open": vacancy.is_open_on(timezone.localdate()),
        },
    )
