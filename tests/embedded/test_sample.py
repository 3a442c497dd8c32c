"""The sample prefecture: everybody and everything that the pages show, and nobody real."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import models, transaction

from matching.engagements.models import Engagement
from municipalities.registry.models import Municipality
from municipalities.vacancies.models import Need, Vacancy
from talentpool.embedded.sample import past, sample_signins
from talentpool.embedded.sample.load import load_sample
from talentpool.specialists.models import Specialist
from talentpool.users.models import User

pytestmark = pytest.mark.django_db

PROJECT = ("talentpool.", "municipalities.", "matching.", "consultations.")
# Written by what the verbs do on the way: their rows hold keys and moments inside texts.
TRACES = {"audit.Event", "outbox.Message"}
BY_LOT = {"password", "blind_id"}  # drawn to be secret
Rows = list[dict[str, Any]]


def what_stands_in_the_tables() -> dict[str, Rows]:
    """Every row of the project's tables by what it says: keys as their place in the table, without
    moments, lots and what was frozen with keys inside."""
    ours = [
        model
        for model in apps.get_models()
        if model.__module__.startswith(PROJECT) and model._meta.label not in TRACES
    ]
    places = {
        model: {
            pk: place
            for place, pk in enumerate(
                model._default_manager.order_by("pk").values_list("pk", flat=True)
            )
        }
        for model in ours
    }
    return {model._meta.label: _rows(model, places) for model in ours}


def _rows(model: type[models.Model], places: dict[Any, dict[Any, int]]) -> Rows:
    found: Rows = []
    for row in model._default_manager.order_by("pk"):
        said: dict[str, Any] = {}
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            if field.related_model in places:
                value = places[field.related_model].get(value)
            elif (
                isinstance(field, models.AutoField | models.JSONField)
                or isinstance(value, datetime | UUID)
                or field.name in BY_LOT
                or field.name.endswith("_sha256")
            ):
                continue
            said[field.attname] = sorted(value) if field.name == "facets" else value
        found.append(said)
    return found


def test_the_sample_is_the_same_each_time_and_holds_every_kind() -> None:
    with transaction.atomic():
        load_sample()
        first = what_stands_in_the_tables()
        transaction.set_rollback(True)
    load_sample()
    again = what_stands_in_the_tables()
    assert sum(len(rows) for rows in first.values()) > 3_000
    assert first == again

    assert Municipality.objects.in_prefecture().count() == 23
    kinds = set(Specialist.objects.registered().values_list("kind", flat=True))
    assert {"firm", "retired", "side_job"} <= kinds
    assert Need.objects.values("status").distinct().count() >= 3
    assert Vacancy.objects.filter(status="published").count() >= 5
    shared = [deal for deal in Engagement.objects.all() if deal.shares.count() >= 2]
    assert shared
    emails = set(User.objects.values_list("email", flat=True))
    assert {email for _, email, _ in sample_signins()} <= emails
    # Addresses that cannot exist: example.jp is reserved.
    assert {email.rpartition("@")[2].partition(".")[2] for email in emails} == {"example.jp"}


def test_another_prefecture_at_the_end_of_a_fiscal_year(settings: Any) -> None:
    """Toyama has 15 towns, so some play two parts; in March most of the year lies behind."""
    settings.PREFECTURE_CODE = "16"
    with past.on(date(2027, 3, 31)):
        load_sample()
        towns = Municipality.objects.in_prefecture()
        assert towns.count() == 15
        assert {need.municipality_id[:2] for need in Need.objects.all()} == {"16"}
        assert all(need.first_month >= date(2027, 3, 1) for need in Need.objects.all())
        assert any(deal.shares.count() >= 2 for deal in Engagement.objects.all())
    said = "".join(str(row.values) for row in Vacancy.objects.all())
    assert "町" in said or "市" in said
    others = Municipality.objects.filter(prefecture_id="34").exclude(
        name__in=towns.values_list("name", flat=True)
    )
    assert not [town.name for town in others if town.name in said]
