"""How many queries a page asks, with 2 and with 12 rows (D-02): the same number, within limits."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from matching.pool import services as pool
from matching.pool.models import KeptOverview
from matching.pool.overview import renew_overview
from municipalities.registry.services import load_reference
from talentpool.conventions.months import first_of_month
from talentpool.users.models import User
from tests import factories
from tests.consultations import objects as desk
from tests.matching.world import solved_run
from tests.municipalities.vacancies import objects as vacancies

pytestmark = pytest.mark.django_db
LIST, DETAIL, ADMIN = 12, 20, 25
FEW, MANY = 2, 12


@pytest.fixture
def line(settings: Any, monkeypatch: pytest.MonkeyPatch) -> "Line":
    """The note of who was seen, once a minute, falls into no page that is counted."""
    settings.SECOND_FACTOR_REQUIRED = False
    monkeypatch.setattr("talentpool.users.middleware.SEEN_EVERY_SECONDS", 3600)
    return Line()


class Line:
    """A town, a coordinator and a person between whom rows can be added."""

    def __init__(self) -> None:
        load_reference()
        self.coordinator = factories.make_coordinator()
        self.editor = factories.make_editor()
        self.person = factories.make_specialist(half_days=62, max_towns=60)
        self.rows = 0
        self.last: dict[str, int | str] = {}

    def fill(self, rows: int) -> None:
        """Bring every list to `rows` rows."""
        added = rows - self.rows
        self.rows = rows
        needs = [
            factories.make_need(
                "accepted",
                by=self.editor,
                coordinator=self.coordinator,
                half_days=2,
                least_half_days=2,
            )
            for _ in range(2 * added)
        ]
        run = solved_run(needs, by=self.coordinator)
        proposals = factories.make_proposals(run, needs, by=self.coordinator)
        bundles = [
            factories.make_bundle([proposal], state, by=self.coordinator)
            for index, proposal in enumerate(proposals)
            for state in [["signed", "accepted"][index % 2]]
        ]
        for number in range(added):
            consultation = desk.make_consultation(
                "answered", by=self.editor, coordinator=self.coordinator, title=f"相談{number}"
            )
            article = desk.make_article(
                "published",
                consultation=consultation,
                coordinator=self.coordinator,
                title=f"記事{self.rows}-{number}",
            )
            vacancy = vacancies.make_vacancy("published", by=self.editor)
            factories.make_specialist(skills=["CIO"], kind="firm")
            pool.record_demand(
                skill_code="CIO",
                level=3,
                half_days=number + 1,
                first_month=first_of_month(timezone.localdate()),
                last_month=first_of_month(timezone.localdate()),
                note=f"{self.rows}",
                by=self.editor,
            )
        self.last = {
            "need": needs[-2].pk,
            "run": run.pk,
            "proposal": proposals[-1].pk,
            "bundle": bundles[-1].pk,
            "engagement": bundles[-2].engagement_id or 0,
            "consultation": consultation.pk,
            "article": article.pk,
            "vacancy": vacancy.vacancy_no,
            "vacancy_pk": vacancy.pk,
        }


Who = Callable[[Line], User | None]


def stranger(line: Line) -> None:
    """Nobody is signed in."""


def town(line: Line) -> User:
    return line.editor


def coordinator(line: Line) -> User:
    return line.coordinator


def person(line: Line) -> User:
    assert line.person.user is not None
    return line.person.user


PAGES: list[tuple[Who, str, str, int]] = [
    # who, address, whose key it takes, limit
    (town, "town:home", "", DETAIL),
    (town, "town:need_list", "", LIST),
    (town, "town:need_detail", "need", DETAIL),
    (town, "town:vacancy_list", "", LIST),
    (town, "town:vacancy_detail", "vacancy", DETAIL),
    (town, "town:proposals", "", LIST),
    (town, "town:proposal", "proposal", DETAIL),
    (town, "town:engagements", "", LIST),
    (town, "town:engagement", "engagement", DETAIL),
    (town, "town:pool_overview", "", LIST),
    (town, "town:pool_demands", "", LIST),
    (town, "town:consultations", "", LIST),
    (town, "town:consultation", "consultation", DETAIL),
    (town, "town:articles", "", LIST),
    (town, "town:article", "article", DETAIL),
    (person, "specialist:home", "", DETAIL),
    (person, "specialist:approaches", "", LIST),
    (person, "specialist:approach", "bundle", DETAIL),
    (person, "specialist:engagements", "", LIST),
    (person, "specialist:engagement", "engagement", DETAIL),
    (person, "specialist:views", "", LIST),
    (person, "specialist:days", "", DETAIL),
    (stranger, "public:top", "", LIST),
    (stranger, "public:vacancy_list", "", LIST),
    (stranger, "public:vacancy_detail", "vacancy", DETAIL),
    (coordinator, "admin:index", "", ADMIN),
    (coordinator, "admin:proposals_board", "", ADMIN),
    (coordinator, "admin:engagements_timeline", "", ADMIN),
    (coordinator, "admin:pool_poolentry_changelist", "", ADMIN),
    (coordinator, "admin:proposals_run_change", "run", ADMIN),
    (coordinator, "admin:proposals_proposal_change", "proposal", ADMIN),
    (coordinator, "admin:proposals_bundle_change", "bundle", ADMIN),
    (coordinator, "admin:engagements_engagement_change", "engagement", ADMIN),
    (coordinator, "admin:vacancies_need_review", "need", ADMIN),
    (coordinator, "admin:vacancies_vacancy_review", "vacancy_pk", ADMIN),
    (coordinator, "admin:vacancies_ministryexport_months", "", ADMIN),
    (coordinator, "admin:desk_consultation_change", "consultation", ADMIN),
    (coordinator, "admin:knowledge_article_change", "article", ADMIN),
    *[
        (coordinator, f"admin:{model}_changelist", "", ADMIN)
        for model in (
            "audit_event",
            "outbox_message",
            "registry_membership",
            "registry_invitation",
            "specialists_specialist",
            "vacancies_need",
            "vacancies_vacancy",
            "engagements_engagement",
            "pool_demand",
            "proposals_run",
            "proposals_proposal",
            "proposals_bundle",
            "desk_consultation",
            "knowledge_article",
        )
    ],
]


def queries_of(line: Line) -> dict[str, int]:
    """Queries by page. Each browser has opened a page before, and what is cached is there."""
    clients = {}
    for who in (stranger, town, coordinator, person):
        clients[who] = Client()
        user = who(line)
        if user is not None:
            clients[who].force_login(user)
        clients[who].get(reverse("home"))
    KeptOverview.objects.all().delete()
    renew_overview(timezone.localdate())
    counted = {}
    for who, name, key, _ in PAGES:
        url = reverse(name, args=[line.last[key]] if key else [])
        with CaptureQueriesContext(connection) as queries:
            assert clients[who].get(url).status_code == 200, url
        counted[name] = len(queries)
    return counted


def test_pages_ask_the_same_with_more_rows(line: Line) -> None:
    line.fill(FEW)
    few = queries_of(line)
    line.fill(MANY)
    many = queries_of(line)
    grown = {name: (few[name], many[name]) for name in few if many[name] > few[name]}
    assert grown == {}
    limits = {name: limit for _, name, _, limit in PAGES}
    assert {name: count for name, count in many.items() if count > limits[name]} == {}
