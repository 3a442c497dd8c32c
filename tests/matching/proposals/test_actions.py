"""How many clicks and keystrokes the coordinator's tasks take (C-17)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from matching.proposals.models import Bundle
from matching.proposals.services import offers
from talentpool.embedded.walkthrough.browser import Form, Page
from tests import factories as make
from tests.matching.visitor import Visitor

pytestmark = pytest.mark.django_db


def approach_form(page: Page) -> Form | None:
    """The first form of the board that approaches somebody."""
    return next((form for form in page.forms if form.action.endswith("/approach/")), None)


def test_five_people_are_approached_in_twelve_actions() -> None:
    """From the home page: the row's button, then one button for each person; the days by which
    they answer stand in the forms already."""
    coordinator = make.make_coordinator()
    for _ in range(5):
        make.make_specialist(max_towns=1, half_days=4)
    editor = make.make_editor()
    needs = [make.make_need("accepted", by=editor, coordinator=coordinator) for _ in range(5)]
    run = make.make_run(needs, by=coordinator)
    for proposal in make.make_proposals(run, needs, by=coordinator):
        offers.rank_candidates(
            proposal.pk,
            ranks={row.pk: row.position for row in proposal.candidates.all()},
            by=editor,
        )
    desk = Visitor(coordinator)
    page = desk.get(desk.get("/admin/").link("/board/$"))
    actions = 1
    while (form := approach_form(page)) is not None:
        page = desk.send(page, form)
        actions += 1
        assert actions <= 12
    approached = Bundle.objects.filter(status=Bundle.Status.APPROACHED)
    assert approached.values("specialist").distinct().count() == 5
    assert all(
        bundle.answer_due >= timezone.localdate() + timedelta(days=5) for bundle in approached
    )


def test_a_person_for_a_town_is_found_in_twelve_actions() -> None:
    """From the home page: the link, five fields, one button; two more keep it."""
    make.make_specialist(skills=["NW"])
    make.make_specialist(skills=["SEC"])
    desk = Visitor(make.make_coordinator())
    page = desk.get(desk.get("/admin/").link("/pool/poolentry/$"))
    given = {"skill": "NW", "level": "3", "town": "342157", "days": "1", "kind": "retired"}
    page = desk.send(page, page.form_with("skill"), **given)
    page.must_say("条件に合う人", "1人")
    page = desk.send(page, page.form_with("name", action=page.form_with("name").action), name="網")
    page.must_say("「網」を保存しました")
    assert 1 + len(given) + 1 + 2 <= 12
