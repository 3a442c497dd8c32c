"""The rows of an admin list, written in one go: what Django's own list would show."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin import ModelAdmin
from django.contrib.admin.sites import site
from django.contrib.admin.templatetags.admin_list import results
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils.safestring import SafeString

from municipalities.registry.models import Membership, Municipality
from municipalities.registry.services import load_reference
from municipalities.vacancies.models import FormVersion
from talentpool.audit.models import Event
from talentpool.pages.changelist import result_list, rows_of
from talentpool.specialists.models import Specialist
from talentpool.users.models import User
from talentpool.vocabulary.models import EngagementForm, Level, Skill
from tests import factories

pytestmark = pytest.mark.django_db
MODELS = [Specialist, Municipality, Membership, Event, Skill, Level, EngagementForm, FormVersion]


@pytest.fixture
def list_of(coordinator: User, rf: RequestFactory) -> Callable[..., Any]:
    def make(model: Any, **params: str) -> Any:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        request = rf.get(url, params)
        request.user = coordinator
        request.resolver_match = resolve(url)
        cl: Any = site._registry[model].get_changelist_instance(request)
        cl.formset = None  # as the view sets it
        return cl

    return make


@pytest.fixture
def filled(coordinator: User) -> None:
    load_reference()
    factories.make_code_lists()
    factories.make_editor("342157")
    factories.make_specialist(skills=["CIO"])
    plain = factories.make_specialist(skills=["CIO"], kind="firm")
    Specialist.objects.filter(pk=plain.pk).update(base=None, confirmed_at=None)
    Skill.objects.create(code="TAG", name="<b>見本</b>")


@pytest.mark.parametrize("model", MODELS)
def test_rows_are_those_of_django(filled: None, list_of: Callable[..., Any], model: Any) -> None:
    cl = list_of(model, o="1")
    for row in cl.result_list:
        row.confidence_permille = 500  # as the page itself adds it
    expected = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in results(cl))
    assert expected
    assert rows_of(cl) == expected


def test_the_box_of_a_row_is_djangos(filled: None) -> None:
    skill = Skill.objects.get(code="TAG")
    ours: Any = site._registry[Skill]
    boxes = [ours.action_checkbox(skill), ModelAdmin.action_checkbox(ours, skill)]
    written, expected = (set(re.findall(r' ([a-z-]+)="([^"]*)"', str(box))) for box in boxes)
    assert len(expected) == 5
    assert written == expected


def test_what_people_typed_is_escaped(filled: None, list_of: Callable[..., Any]) -> None:
    rows = rows_of(list_of(Skill))
    assert isinstance(rows, SafeString)
    assert "&lt;b&gt;見本" in rows
    assert "<b>" not in rows


def test_links_keep_the_filters_which_are_put_together_once(
    filled: None, list_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row by row they cost as much as the rest of a page further in (D-03)."""
    asked = []

    def noted(kept: Any, url: str) -> str:
        asked.append(url)
        return add_preserved_filters(kept, url)

    monkeypatch.setattr("talentpool.pages.changelist.add_preserved_filters", noted)
    rows = rows_of(list_of(Skill, o="2"))
    assert rows.count("_changelist_filters=o%3D2") == Skill.objects.count() > 1
    assert len(asked) == 1


def test_a_list_of_a_wide_table_reads_what_it_shows(
    filled: None, list_of: Callable[..., Any]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        cl = list_of(Specialist)
        for row in cl.result_list:
            row.confidence_permille = 500
        rows_of(cl)
    read = [query["sql"] for query in queries if "strengths" in query["sql"]]
    assert read == []
    assert len(queries) == 3  # the membership, the count, the rows


def test_a_list_to_type_into_is_refused(filled: None, list_of: Callable[..., Any]) -> None:
    cl = list_of(Skill)
    cl.formset = object()
    with pytest.raises(ValueError, match="list_editable"):
        result_list(cl)


def test_the_page_shows_them(
    filled: None, coordinator: User, client_of: Callable[[User], Client]
) -> None:
    html = client_of(coordinator).get("/admin/registry/membership/").content.decode()
    assert len(re.findall("<tr><t[hd]", html)) == Membership.objects.count()


def test_dates_sort_as_other_columns_do(filled: None, list_of: Callable[..., Any]) -> None:
    headers = {
        head["text"]: head["sortable"]
        for head in result_list(list_of(Specialist))["result_headers"]
    }
    assert headers["稼働可能日の最終確認"]
    assert not headers["稼働情報の確かさ"]
    newest = [row.confirmed_at for row in list_of(Specialist, o="-6").result_list]
    assert newest[0] is not None
    assert newest[-1] is None
