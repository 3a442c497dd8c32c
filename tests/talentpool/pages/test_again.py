"""What the database gives up, because two waited for each other, is tried again (A-22)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.template import engines
from django.template.response import TemplateResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse

from municipalities.vacancies.models import Vacancy
from talentpool.audit.models import Event
from talentpool.pages import again
from tests.factories import make_specialist
from tests.municipalities.vacancies.objects import make_editor

MANY = 99


@contextmanager
def given_up(times: int, sqlstate: str) -> Iterator[None]:
    """The next `times` events cannot be written: the server itself raises `sqlstate`. A sequence
    is not undone with its transaction, so it counts them."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE given_up_count")
        cursor.execute(
            "CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF nextval('given_up_count') <= {times} THEN "
            f"RAISE EXCEPTION 'given up' USING ERRCODE = '{sqlstate}'; END IF; "
            "RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER give_up BEFORE INSERT ON audit_event "
            "FOR EACH ROW EXECUTE FUNCTION give_up()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER give_up ON audit_event")
            cursor.execute("DROP FUNCTION give_up")
            cursor.execute("DROP SEQUENCE given_up_count")


@pytest.mark.django_db(transaction=True)
def test_a_page_acts_once_after_what_may_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "LONGEST_WAIT", 0.0)
    client = Client(raise_request_exception=False)
    client.force_login(make_editor())
    create = reverse("town:vacancy_create")
    made = 0
    for times, sqlstate, status in [
        (1, "40P01", 302),
        (again.TRIES - 1, "40001", 302),
        (MANY, "40P01", 500),
        (1, "53200", 500),  # out of memory is no reason to come again
    ]:
        with given_up(times, sqlstate):
            answer: Any = client.post(create)
            with connection.cursor() as cursor:
                cursor.execute("SELECT last_value FROM given_up_count")
                (tried,) = cursor.fetchone()
        assert answer.status_code == status, (times, sqlstate)
        made += status == 302
        assert Vacancy.objects.count() == made
        assert Event.objects.filter(action="create_vacancy").count() == made
        assert tried == {"53200": 1}.get(sqlstate, min(times + 1, again.TRIES))


acted: list[str] = []


@login_not_required
def act_and_read_later(request: HttpRequest) -> TemplateResponse:
    """A view that has acted when its page is rendered, as those of the admin are."""
    acted.append(request.method or "")

    def read() -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                "DO $$ BEGIN IF nextval('given_up_count') <= 2 THEN "
                "RAISE EXCEPTION 'given up' USING ERRCODE = '40P01'; END IF; END $$"
            )
        return "what is read"

    template = engines["django"].from_string("{{ read }}")
    return TemplateResponse(request, template, {"read": read})


urlpatterns = [path("acts/", act_and_read_later), path("", include("talentpool.urls"))]


@pytest.mark.django_db(transaction=True)
@override_settings(ROOT_URLCONF=__name__)
def test_a_page_that_fails_while_it_is_rendered_has_acted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(again, "LONGEST_WAIT", 0.0)
    acted.clear()
    with given_up(0, "40P01"):
        answer = Client().post("/acts/")
    assert answer.content == b"what is read"
    assert acted == ["POST"]


@pytest.mark.django_db
def test_what_else_a_view_raises_is_left_to_the_others() -> None:
    """The sign-in long ago is asked for again by a middleware that sees what the view raises."""
    person = make_specialist().user
    assert person is not None
    client = Client(raise_request_exception=False)
    client.force_login(person)
    answer = client.get(reverse("specialist:rights_package"))
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]


@pytest.mark.django_db
def test_inside_a_transaction_that_goes_on_nothing_is_repeated() -> None:
    error = OperationalError()
    error.__cause__ = type("Given", (Exception,), {"sqlstate": "40P01"})()
    assert not again.may_be_repeated(error)
