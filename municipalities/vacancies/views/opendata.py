"""What machines read: open data in CSV and JSON, JSON-LD."""

import json
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from municipalities.vacancies.bulk_csv import stream_csv
from municipalities.vacancies.models import FormField, Vacancy
from municipalities.vacancies.open_fields import (
    open_columns,
    open_definitions,
    open_fields,
    open_vacancies,
)
from municipalities.vacancies.views.unchanged import unless_unchanged

LICENCE = "CC BY 4.0"


def address_of(vacancy_no: str) -> str:
    """The full address of a vacancy's public page."""
    return settings.SITE_URL + reverse("public:vacancy_detail", args=[vacancy_no])


@login_not_required
@unless_unchanged("export")
def open_csv(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    columns = open_columns()
    if not columns:
        return HttpResponse(status=503)
    rows = stream_csv(open_vacancies().order_by("vacancy_no"), columns)
    headers = {"Content-Disposition": 'attachment; filename="vacancies.csv"'}
    return StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8", headers=headers)


@login_not_required
@unless_unchanged("export")
def open_json(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Objects keyed by identifier, streamed: the filled ones among the columns of the CSV."""
    shown = {identifier for identifier, _ in open_columns()}
    if not shown:
        return HttpResponse(status=503)
    found = open_vacancies().order_by("vacancy_no").values_list("values", flat=True)

    def parts() -> Iterator[str]:
        yield f'{{"licence": {json.dumps(LICENCE)}, "vacancies": ['
        for number, values in enumerate(found.iterator(500)):
            row = {key: text for key, text in values.items() if key in shown}
            yield (",\n" if number else "\n") + json.dumps(row, ensure_ascii=False, sort_keys=True)
        yield "\n]}\n"

    return StreamingHttpResponse(parts(), content_type="application/json; charset=utf-8")


@login_not_required
def about_open_data(request: HttpRequest) -> HttpResponse:
    """The schema of the open data, from the versions of the form that it is written in."""
    fields = [(field, FormField.Kind(field.spec.kind).label) for field in open_fields()]
    forms = [definition.code for definition in open_definitions()]
    context = {"fields": fields, "licence": LICENCE, "forms": forms}
    return render(request, "vacancies/open_data.html", context)


# --- JSON-LD --------------------------------------------------------------------------------------
PAY_UNITS = {"H": "HOUR", "D": "DAY", "M": "MONTH", "Y": "YEAR"}
_SCRIPT_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


CONTRACTS = frozenset({"20", "21"})
FULL_TIME = frozenset({"12", "13", "14"})  # フルタイムの会計年度任用職員、任期付、任期の定めなし


def employment_type(vacancy: Vacancy) -> str:
    """The kind of work in schema.org's words; 常勤 is full time in whatever form."""
    if vacancy.engagement_form in CONTRACTS:
        return "CONTRACTOR"
    full = vacancy.engagement_form in FULL_TIME or vacancy.frequency_unit == "F"
    return "FULL_TIME" if full else "PART_TIME"


def _bodies(vacancy: Vacancy) -> dict[str, Any]:
    """Who hires, and where: lists when several bodies post together, the writing town first."""
    names = [(str(vacancy.municipality), vacancy.values.get("prefecture_name", ""))]
    names += [(str(town), str(town.prefecture)) for town in vacancy.partners()]
    hiring = [{"@type": "GovernmentOrganization", "name": name} for name, _ in names]
    places = [
        {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "addressCountry": "JP",
                "addressRegion": prefecture,
                "addressLocality": name,
            },
        }
        for name, prefecture in names
    ]
    if len(names) == 1:
        return {"hiringOrganization": hiring[0], "jobLocation": places[0]}
    return {"hiringOrganization": hiring, "jobLocation": places}


def job_posting(vacancy: Vacancy) -> SafeString:
    """The vacancy as schema.org JobPosting in a data block, which runs nothing."""
    values = vacancy.values
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": vacancy.position_title,
        "description": "\n".join(filter(None, [values.get("issues"), values.get("duties")])),
        "identifier": {
            "@type": "PropertyValue",
            "name": settings.SITE_NAME,
            "value": vacancy.vacancy_no,
        },
        "datePosted": f"{timezone.localtime(vacancy.published_at):%Y-%m-%d}",
        "employmentType": employment_type(vacancy),
        **_bodies(vacancy),
        "url": address_of(vacancy.vacancy_no),
    }
    if vacancy.last_day:
        end = datetime.combine(vacancy.last_day, time(23, 59, 59))
        data["validThrough"] = timezone.make_aware(end).isoformat()
    if vacancy.remote == 3:
        data["jobLocationType"] = "TELECOMMUTE"
    if vacancy.pay_unit in PAY_UNITS and vacancy.pay_max is not None:
        data["baseSalary"] = {
            "@type": "MonetaryAmount",
            "currency": "JPY",
            "value": {
                "@type": "QuantitativeValue",
                "minValue": vacancy.pay_min,
                "maxValue": vacancy.pay_max,
                "unitText": PAY_UNITS[vacancy.pay_unit],
            },
        }
    text = json.dumps(data, ensure_ascii=False).translate(_SCRIPT_ESCAPES)
    # Escaped like django.utils.html.json_script does it: no character can end the element.
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308
