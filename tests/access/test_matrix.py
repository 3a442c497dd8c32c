"""Every address × method × role × object, taken from the URL resolver (A-12, A-13, A-18).

`routes` says who may open what; an address that it does not know fails. An address is tried with
the role's own object, another tenant's and one that does not exist: the last two must answer alike,
byte for byte. No answer may hold a canary of somebody else, and reading changes nothing.
"""

import io
import re
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from talentpool.specialists.services.asking import link_token
from tests.access.admin_objects import admin_parameters, admin_url, admin_url_or_none
from tests.access.roles import (
    BEGINNER,
    MANAGER,
    MARK,
    MUNICIPAL,
    OWNERS,
    PERSONS,
    PREFECTURAL,
    ROLES,
    may_read,
)
from tests.access.routes import (
    ADMIN_MODELS,
    ADMIN_PAGES,
    OF_MANAGER,
    PUBLIC,
    WHO,
    Route,
    all_routes,
    missing,
    person_object,
    town_object,
    who_may,
)
from tests.access.world import World, mails, written_tables
from tests.planting import LONG_AGO, YEN

pytestmark = pytest.mark.django_db

MISSING_KEY = 99_999_999
METHODS = ("get", "head", "options", "post")
FULLY = {"anonymous", "specialist", "editor_a"}
# Reading leaves traces here only: the session's clock, and who looked at whom.
TRACES = {"django_session", "usersessions_usersession", "specialists_profileview"}
# What is handed out here is recorded with its hash.
HANDED_OUT = {"admin:proposals_run_pack"}
CSRF_INPUT = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
CSRF_TOKEN = re.compile(CSRF_INPUT.pattern.encode())

ROUTES = all_routes()
IN_ADMIN = [route for route in ROUTES if route.name.startswith("admin:")]
AREAS = [route for route in ROUTES if route.name.startswith(("town:", "specialist:"))]
SHARED = [route for route in ROUTES if route not in IN_ADMIN and route not in AREAS]


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    assert [route.name for route in ROUTES if who_may(route.name) is None] == []
    names = {route.name for route in ROUTES}
    assert {f"admin:{model}_changelist" for model in ADMIN_MODELS} - names == set()


def test_the_public_addresses_are_exactly_the_listed_ones() -> None:
    """Closed by default: a view is public because it says so, and this list says so too."""
    said = {
        route.name
        for route in ROUTES
        if getattr(route.pattern.callback, "login_required", True) is False
    }
    assert said - {"admin:login", "admin:jsi18n"} == PUBLIC


# --- What an answer may be -----------------------------------------------------------------
def is_closed(response: HttpResponse) -> bool:
    """Not found, or not with this method: says nothing of the object."""
    return response.status_code in {404, 405}


def is_to_login(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith(
        ("/account/login/", "/admin/login/")
    )


def comparable(response: HttpResponse) -> tuple[int, bytes]:
    return response.status_code, CSRF_TOKEN.sub(b"", response.content)


def words_of(response: HttpResponse) -> str:
    """Body and headers as text; the parts of a spreadsheet unpacked."""
    content = b"".join(response) if response.streaming else response.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
    text = content.decode("utf-8", "replace")
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), text)
    return unquote(text + str(dict(response.headers.items())))


def foreign_canaries(role: str, response: HttpResponse) -> set[str]:
    """Canaries in an answer that the role may not read."""
    return {canary for canary in canaries_in(words_of(response)) if not may_read(role, canary)}


# What is no text has canaries too: a year of long ago and a sum of yen, by the person's place.
DAY = re.compile(rf"(?<!\d){LONG_AGO // 10}({LONG_AGO % 10}|2|3|4)(?:年|-05-13)")
SUM = re.compile(rf"{YEN[0]},?{YEN[1:]},?(\d)07|{YEN}(\d)07")


def canaries_in(words: str) -> set[str]:
    """The canaries in words of an answer, without their mark."""
    found = set(re.findall(f"{MARK}(..)", words))
    owners = [*OWNERS.values(), BEGINNER]
    found |= {owners[int(last) - LONG_AGO % 10] + "密" for last in DAY.findall(words)}
    return found | {owners[int(a or b)] + "密" for a, b in SUM.findall(words)}


class Probe:
    """Asks as one role, and checks what holds for every answer."""

    def __init__(self, world: World, role: str, said: str = "") -> None:
        """`said` is what is asked for, which an answer may say again."""
        self.role = role
        self.said = said.removeprefix(MARK)
        self.client = world.clients[role]
        self.client.cookies = SimpleCookie(world.cookies[role])  # whatever was asked before

    def ask(self, method: str, url: str, data: Any = None) -> Any:
        self.client.cookies.pop("messages", None)  # what an earlier answer left to be said
        response: HttpResponse = getattr(self.client, method)(url, *([data] if data else []))
        where = f"{method} {url} as {self.role}"
        assert response.status_code < 500, where
        assert foreign_canaries(self.role, response) - {self.said} == set(), where
        if self.role != "anonymous" and method == "get" and response.status_code == 200:
            assert "no-store" in response["Cache-Control"], where
        return response


@contextmanager
def nothing_written(recorded: bool = False) -> Iterator[None]:
    """What is asked inside leaves traces at most; where it is `recorded`, also in the audit."""
    before = written_tables()
    yield
    after = written_tables()
    changed = {table for table, rows in after.items() if rows != before.get(table, 0)}
    assert changed <= TRACES | ({"audit_event"} if recorded else set())


def methods_for(role: str) -> tuple[str, ...]:
    """HEAD and OPTIONS are tried with one role of each kind, GET and POST with all."""
    return METHODS if role in FULLY else ("get", "post")


def ask_outsiders(world: World, url: str, insiders: tuple[str, ...]) -> None:
    """Roles that may not open the address: to sign in, or nothing there; POST changes nothing."""
    with nothing_written():
        for role in ROLES:
            if role in insiders:
                continue
            for method in methods_for(role):
                response = Probe(world, role).ask(method, url)
                if role == "anonymous":
                    assert is_to_login(response) or response.status_code == 404, (method, url)
                else:
                    assert is_closed(response), (method, url, role, response.status_code)


def ask_foreign_and_missing(world: World, route: Route, role: str, foreign: Any) -> None:
    """Another tenant's object answers like one that does not exist, and nothing changes."""
    with nothing_written():
        for method in methods_for(role):
            probe = Probe(world, role)
            others = probe.ask(method, reverse(route.name, kwargs=foreign))
            nothing = probe.ask(method, reverse(route.name, kwargs=missing(foreign)))
            assert is_closed(others), (method, route.name, role, others.status_code)
            assert comparable(others) == comparable(nothing), (method, route.name, role)


def ask_own(world: World, route: Route, role: str, own: Any) -> None:
    """The own object opens with at least one method; reading changes nothing."""
    probe = Probe(world, role)
    url = reverse(route.name, kwargs=own)
    with nothing_written():
        answers = [probe.ask(method, url) for method in methods_for(role) if method != "post"]
    answers.append(probe.ask("post", url))
    for response in answers:
        assert response.status_code not in {403, 404} or is_stage(route, response), (role, url)
        assert not is_to_login(response), (role, url)
    assert any(response.status_code != 405 for response in answers), (role, url)


# A round and a published vacancy's questions are there at their time only.
# The pages of a firm's manager are there for managers; a firm's account begins nothing by itself.
STAGED = {
    "town:vacancy_questions",
    "town:round",
    "specialist:firm",
    "specialist:firm_agree",
    "specialist:firm_disagree",
    "specialist:firm_leave",
    "specialist:registration_start",
}


def is_stage(route: Route, response: HttpResponse) -> bool:
    """Pages of one's own object that exist at some stages only."""
    return response.status_code == 404 and route.name in STAGED


# --- The matrix -----------------------------------------------------------------------------
@pytest.mark.parametrize("route", AREAS, ids=lambda route: route.name)
def test_towns_and_persons(world: World, route: Route) -> None:
    """Municipal and personal pages with the own object, another tenant's and none."""
    is_town = route.name.startswith("town:")
    insiders = WHO["town"] if is_town else WHO["person"]
    some: Any = {}
    for index, role in enumerate(insiders):
        if not route.parameters:
            ask_own(world, route, role, {})
            continue
        own: Any
        if is_town:
            sides = ("a", "b") if role.endswith("_a") else ("b", "a")
            own, some = (town_object(route.name, world, side) for side in sides)
            if route.name == "town:article":
                own = {"pk": world.articles["shared"].pk}
        else:
            own = person_object(route.name, world, role)
            some = person_object(route.name, world, PERSONS[index - 1])
        if some is not None and some != own:
            ask_foreign_and_missing(world, route, role, some)
        if own is not None:
            ask_own(world, route, role, own)
    if some is None:
        some = person_object(route.name, world, "other_specialist")
    if route.name in OF_MANAGER:
        insiders = (*insiders, MANAGER)
        ask_as_manager(world, route)
    ask_outsiders(world, reverse(route.name, kwargs=some), insiders)


def ask_as_manager(world: World, route: Route) -> None:
    """A firm's manager: one of the own people, and somebody who is not among them."""
    own = {"pk": world.people["firm_member"].pk} if route.parameters else {}
    if own:
        foreign = {"pk": world.people["specialist"].pk}
        ask_foreign_and_missing(world, route, MANAGER, foreign)
    ask_own(world, route, MANAGER, own)


OUTSIDE_ADMIN = (
    "anonymous",
    "no_role",
    "specialist",
    "firm_member",
    MANAGER,
    "editor_a",
    "approver_b",
)
OPEN_TO_ALL = {"admin:login", "admin:logout", "admin:jsi18n"}


@pytest.mark.parametrize("route", IN_ADMIN, ids=lambda route: route.name)
def test_admin(world: World, route: Route) -> None:
    """The admin: outsiders are sent to sign in, auditors change nothing, what does not exist or is
    no number is not found."""
    own = admin_parameters(world, route)
    url = admin_url(route, own)
    is_own_page = route.name in ADMIN_PAGES
    with nothing_written():
        for role in OUTSIDE_ADMIN if route.name not in OPEN_TO_ALL else ():
            for method in METHODS if role in {"anonymous", "editor_a"} else ("get",):
                assert is_to_login(Probe(world, role).ask(method, url)), (role, url)
        broken = [missing(own), {**own, next(iter(own)): "x"}] if own else []
        for address in [admin_url_or_none(route, parameters) for parameters in broken]:
            answer = address and Probe(world, "coordinator").ask("get", address)
            assert not answer or answer.status_code in {302, 403, 404, 405}, address
    may = WHO[who_may(route.name) or "nobody"]
    for role in PREFECTURAL:
        probe = Probe(world, role)
        with nothing_written(route.name in HANDED_OUT):
            methods = METHODS[:3] if role == "coordinator" and is_own_page else ("get",)
            opened = [probe.ask(method, url) for method in methods]
            if role == "auditor":
                opened.append(probe.ask("post", url))
        if role != "auditor":
            opened.append(probe.ask("post", url))
        asked = [answer for answer in opened if answer.request["REQUEST_METHOD"] != "OPTIONS"]
        is_open = any(answer.status_code not in {403, 404, 405} for answer in asked)
        assert is_open == (role in may), (role, url, [one.status_code for one in opened])


@pytest.mark.parametrize("route", SHARED, ids=lambda route: route.name)
def test_public_pages_and_own_account(world: World, route: Route) -> None:
    """Public pages open to all; pages of the own account ask who it is."""
    assert world.subscription is not None
    token = {"token": world.subscription.token}
    parameters = {
        "public:vacancy_detail": {"vacancy_no": world.published and world.published.vacancy_no},
        "availability_confirm": {"token": link_token(world.people["specialist"].pk)},
        "accept_invitation": {"token": world.invitation_path.split("/")[2]},
        "account_confirm_email": {"key": "x"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "x"},
        "mfa_remove_webauthn": {"pk": MISSING_KEY},
        "mfa_edit_webauthn": {"pk": MISSING_KEY},
        "public:subscription_confirm": token,
        "public:subscription_change": token,
        "public:unsubscribe": token,
        "public:site_map_part": {"number": 1},
        "file_download": {"key": uuid.uuid4()},
        "register_account": {"token": world.entry_path.split("/")[2]},
    }.get(route.name, {})
    url = reverse(route.name, kwargs=parameters)
    may = WHO[who_may(route.name) or "nobody"]
    with nothing_written():
        for role in ROLES:
            for method in methods_for(role)[:-1]:
                response = Probe(world, role).ask(method, url)
                if role not in may:
                    assert is_to_login(response), (method, url)


@pytest.mark.parametrize("role", ["anonymous", "no_role", *PERSONS, "editor_b", "approver_b"])
def test_a_draft_has_no_public_page(world: World, role: str) -> None:
    """Another town's vacancy before its publication answers like one that never was."""
    drafts = [world.vacancies["a"].vacancy_no, "999999-99-999"]
    answers = [
        Probe(world, role).ask("get", reverse("public:vacancy_detail", args=[number]))
        for number in drafts
    ]
    assert comparable(answers[0]) == comparable(answers[1])
    assert answers[0].status_code == 404


@pytest.mark.parametrize("role", [*MUNICIPAL, *PERSONS])
def test_query_strings_of_lists_lead_nowhere_else(world: World, role: str) -> None:
    """A-14: foreign ids in filters, searches, orders and pages."""
    area = "town:" if role in MUNICIPAL else "specialist:"
    lists = [r for r in AREAS if r.name.startswith(area) and not r.parameters]
    tries = {
        "municipality": world.needs["b"].municipality_id,
        "need": world.needs["b"].pk,
        "pk": world.needs["b"].pk,
        "q": "弐",
        "o": "-specialist__name",
        "after": "x",
        "specialist": world.people["firm_member"].pk,
    }
    for route in lists:
        Probe(world, role).ask("get", reverse(route.name), tries)


def test_staff_see_the_towns_of_their_prefecture_only(world: World) -> None:
    """PREFECTURE_CODE sets the bounds: in the list, the form and the autocomplete (A-14)."""
    probe = Probe(world, "coordinator")
    foreign = reverse("admin:registry_municipality_change", args=["131016"])
    assert probe.ask("get", foreign).status_code == 302  # back to the list: nothing there
    found = probe.ask(
        "get",
        reverse("admin:autocomplete"),
        {
            "app_label": "registry",
            "model_name": "vendorcontract",
            "field_name": "municipality",
            "term": "千代田",
        },
    )
    assert found.json()["results"] == []
    contract = {"vendor_name": "x", "subject": "x", "corporate_number": "1000020340006"}
    contract |= {"municipality": "131016", "starts": "2026-04-01", "ends": "2027-03-31"}
    refused = probe.ask("post", reverse("admin:registry_vendorcontract_add"), contract)
    assert refused.status_code == 200
    assert "municipality" in refused.context["adminform"].form.errors


def test_outsiders_find_nothing_by_autocomplete(world: World) -> None:
    tried = {"app_label": "specialists", "model_name": "specialist", "field_name": "firm"}
    for role in ("anonymous", "specialist", "editor_a"):
        answer = Probe(world, role).ask("get", reverse("admin:autocomplete"), tried)
        assert is_to_login(answer)


def test_no_model_is_visible_to_a_stranger(world: World) -> None:
    """`visible_to` gives nothing by default: neither to an account without a role nor to nobody."""
    scoped = [model for model in apps.get_models() if hasattr(model.objects.all(), "visible_to")]
    assert len(scoped) >= 15
    for model in scoped:
        for user in (AnonymousUser(), world.users["no_role"]):
            seen = model.objects.visible_to(user)
            public = model.objects.public() if hasattr(model.objects, "public") else None
            assert set(seen) == (set(public) if public is not None else set()), model
        if model.objects.visible_to(world.users["coordinator"]).exists():
            for role in PERSONS:
                assert not _strangers_rows(model, world, role), (model, role)


def _strangers_rows(model: Any, world: World, role: str) -> bool:
    """Whether a person sees rows of another person's, where rows belong to persons."""
    holder = {"Specialist": "user", "Bundle": "specialist__user", "ProfileView": "specialist__user"}
    holder |= {"Pause": "specialist__user", "AvailabilitySignal": "specialist__user"}
    holder |= {"Interest": "specialist__user", "InterestDeclaration": "specialist__user"}
    holder |= {"RightsRequest": "specialist__user"}
    own_rows = "Background Certificate Consent Document InterviewNote PayWish StatusChange"
    own_rows += " ProfileChange"
    holder |= dict.fromkeys(own_rows.split(), "specialist__user")
    path = holder.get(model.__name__)
    seen = model.objects.visible_to(world.users[role])
    return bool(path) and seen.exclude(**{path: world.users[role]}).exists()


def test_no_mail_holds_a_title_or_a_name(world: World) -> None:
    """B-13: a mail says that there is something to do, and where."""
    words = mails()
    assert len(words) > 20
    assert [mail for mail in words if MARK in mail] == []
    # Mails were queued before the canaries were planted: then people had other names.
    known = [*world.names.values(), *(f"{number}" for number in world.pool_numbers.values())]
    assert [mail for mail in words if any(word in mail for word in known)] == []


def test_the_canaries_are_there_to_be_found(world: World) -> None:
    """What is never shown to its own reader would prove nothing: each owner sees the own ones."""
    seen = {
        "editor_a": Probe(world, "editor_a").ask("get", reverse("town:need_list")),
        "specialist": Probe(world, "specialist").ask("get", reverse("specialist:profile")),
        "editor_b": Probe(world, "editor_b").ask("get", reverse("town:consultations")),
    }
    assert f"{MARK}壱案" in words_of(seen["editor_a"])
    assert f"{MARK}参人" in words_of(seen["specialist"])
    assert f"{MARK}弐談" in words_of(seen["editor_b"])


def test_a_changed_right_holds_from_the_next_request(world: World) -> None:
    """A-18: neither a membership that ended nor a disabled account gets one more page."""
    client = world.clients["editor_b"]
    page = reverse("town:home")
    assert client.get(page).status_code == 200
    world.users["editor_b"].memberships.update(until=timezone.localdate())
    assert client.get(page).status_code == 404
    world.users["editor_b"].memberships.update(until=None)
    type(world.users["editor_b"]).objects.filter(pk=world.users["editor_b"].pk).update(
        is_active=False
    )
    assert is_to_login(client.get(page))
