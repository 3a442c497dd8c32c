"""Numbers and dates that a page never sends, or that are a slip: said in words, never a 500."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from matching.proposals.dates import (
    refuse_extension,
    refuse_first_date,
    refuse_over,
    usual_date,
    usual_extension,
)
from matching.proposals.errors import Refused
from matching.proposals.forms import ExtendForm
from matching.proposals.models import Bundle, Candidate, Proposal
from matching.proposals.services import approaches, offers
from municipalities.vacancies.models import Need
from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.months import last_day
from talentpool.outbox.models import Message
from talentpool.specialists.services import vetting
from tests.matching.visitor import Visitor, date_parts
from tests.matching.world import CODES, World, make_world

pytestmark = pytest.mark.django_db

LONG = "1" * 5_000  # int() refuses it


def test_numbers_made_by_hand_are_no_numbers() -> None:
    world = make_world("approached")
    run = f"/admin/proposals/run/{world.run.pk}"
    staff, town, person = map(Visitor, (world.coordinator, world.town(), world.user()))
    for path in (
        f"{run}/change/?need={LONG}",
        f"{run}/studies/?kind=person_leaves&need={LONG}",
        f"/admin/engagements/engagement/timeline/?year={LONG}",
        "/admin/engagements/engagement/timeline/?year=0000",
        "/admin/engagements/engagement/timeline/?year=9999",
    ):
        staff.get(path)
    town.get(f"/town/pool/?quarter={LONG}")
    for month in ("1800-01", "1868-11", "2200-01", "9999-12", "2026-13"):
        staff.get(f"/admin/vacancies/ministryexport/months/{month}/", status=404)
    staff.get("/admin/vacancies/ministryexport/months/2026-11/")
    staff.get(f"/admin/proposals/bundle/{LONG}/change/", status=404)
    confirm = f"/specialist/approaches/{world.the_bundle.pk}/confirm/"
    approach = {"proposals": [LONG], "person": LONG, **soon()}
    for visitor, path, sent, status in (
        (person, confirm, {"terms_version": LONG}, 302),
        (town, f"/town/needs/{world.needs[0].pk}/submit/", {"version": LONG}, 302),
        (staff, "/admin/proposals/proposal/approach/", approach, 422),
    ):
        answer = visitor.client.post(path, sent)
        assert answer.status_code == status, path


def soon() -> dict[str, Any]:
    return date_parts("answer_due", timezone.localdate() + timedelta(days=3))


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2027, 3, 31), "今日以後"),
        (date(2027, 4, 1), ""),
        (date(2027, 6, 30), ""),
        (date(2027, 7, 1), "最後の日令和9年6月30日まで"),
    ],
)
def test_a_first_date_lies_within_the_months_of_all_needs(
    day: date, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2027, 4, 1))
    needs = [Need(last_month=date(2027, 6, 1)), Need(last_month=date(2027, 9, 1))]
    if words:
        with pytest.raises(Refused, match=words):
            refuse_first_date(day, needs, "回答の期限")
    else:
        refuse_first_date(day, needs, "回答の期限")


def late(world: World) -> date:
    return last_day(max(need.last_month for need in world.needs)) + timedelta(days=1)


def test_a_town_is_not_given_years_to_rank() -> None:
    world = make_world("solved")
    ids = [need.pk for need in world.needs]
    with pytest.raises(Refused, match="順位付けの期限は"):
        offers.make_proposals(world.run, need_ids=ids, rank_due=late(world), by=world.coordinator)
    visitor = Visitor(world.coordinator)
    page = visitor.get(f"/admin/proposals/run/{world.run.pk}/change/")
    form = page.form_with("rank_due_0")
    page = visitor.send(page, form, needs=ids, **date_parts("rank_due", late(world)))
    page.must_say("順位付けの期限は、案件の期間の最後の日")
    assert not Proposal.objects.exists()


def test_the_days_of_a_person_are_not_held_for_years() -> None:
    world = make_world("ranked")
    visitor = Visitor(world.coordinator)
    page = visitor.get("/admin/proposals/proposal/board/")
    form = page.form_with("answer_due_0")
    page = visitor.send(page, form, **date_parts("answer_due", late(world)))
    page.must_say("回答の期限は、案件の期間の最後の日")
    assert not Bundle.objects.exists()
    form = page.form_with("answer_due_0")
    page = visitor.send(page, form, **date_parts("answer_due", date(9999, 12, 31)))
    page.must_say("2199年より後")
    assert not Bundle.objects.exists()


@pytest.mark.parametrize("day", [date(2027, 1, 28), date(2027, 1, 29), date(2027, 1, 31)])
def test_the_date_offered_first_is_never_refused(
    day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Near the end of a need's last month too; one that is over is refused as such."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: day)
    ending, later = Need(last_month=date(2027, 1, 1)), Need(last_month=date(2027, 6, 1))
    over = Need(title="前の件", last_month=date(2026, 12, 1))
    assert usual_date(5, [ending, later]) == date(2027, 1, 31)
    assert usual_date(5, [later, over]) == add_business_days(day, 5)
    refuse_first_date(usual_date(7, [ending, later]), [ending, later], "回答の期限")
    with pytest.raises(Refused, match="期間は令和8年12月で終わっています"):
        refuse_over([later, over], day)


def test_the_later_date_offered_first_is_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    today = date(2027, 1, 25)
    monkeypatch.setattr(timezone, "localdate", lambda *_: today)
    ending, later = Need(last_month=date(2027, 1, 1)), Need(last_month=date(2027, 6, 1))
    for due, needs in (
        (date(2027, 1, 20), [later]),
        (date(2027, 1, 27), [later, ending]),  # the month ends on a Sunday
        (date(2027, 1, 28), [ending]),
    ):
        refuse_extension(due, usual_extension(due, needs), needs)
    assert usual_extension(date(2027, 1, 27), [ending]) == date(2027, 1, 29)
    assert usual_extension(date(2027, 1, 29), [ending]) == date(2027, 2, 5)  # refused in words


def test_the_last_day_there_is_extends_nothing() -> None:
    form = ExtendForm(
        {"until_0": "9999", "until_1": "12", "until_2": "31", "shown": "2027-04-09"},
        due=date(2027, 4, 9),
        needs=[Need(last_month=date(2027, 6, 1))],
    )
    assert "2199年より後" in str(form.errors["until"])


def test_many_needs_move_up_together() -> None:
    """The mail that says so has a key of one length, however many there are."""
    world = make_world("approached", max_towns=40)
    approaches.decline(world.the_bundle.pk, reason="schedule", by=world.user())
    bundle = Bundle.objects.latest("pk")
    assert bundle.candidates.count() == len(CODES)
    assert Message.objects.filter(key__startswith=f"bundle:{bundle.pk}:moved-up:").count() == 1


def test_a_refused_approach_stands_as_it_was_sent() -> None:
    """The town that was taken out is not approached by pressing once more."""
    world = make_world("ranked")
    staff = Visitor(world.coordinator)
    taken, left_out = (proposal.pk for proposal in world.proposals)
    for chosen, day, words in (
        ([taken], date(2020, 1, 2), "今日以降"),
        ([], timezone.localdate(), "1つ以上選んでください"),
    ):
        sent = {"person": world.people[0].pk, "proposals": chosen, **date_parts("answer_due", day)}
        answer = staff.client.post("/admin/proposals/proposal/approach/", sent)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert words in html
        ticked = re.findall(r'name="proposals" value="(\d+)" checked', html)
        assert ticked == [str(pk) for pk in chosen]
        assert f'value="{left_out}"' in html
        assert f'value="{day.year}"' in html
        assert ('aria-invalid="true"' in html) == bool(chosen), "only a wrong date marks the date"
        assert (html.count("＊打診する案件を1つ以上") == 1) == (not chosen)


def test_a_board_that_does_not_say_whom_it_approaches_loses_nothing() -> None:
    """Its page was opened before the form named the person: it is shown again as it was sent."""
    world = make_world("ranked")
    chosen = [world.proposals[0].pk]
    sent = {"proposals": chosen, **date_parts("answer_due", timezone.localdate())}
    answer = Visitor(world.coordinator).client.post("/admin/proposals/proposal/approach/", sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "開いていたページが古い" in html
    assert re.findall(r'name="proposals" value="(\d+)" checked', html) == [str(chosen[0])]
    assert f'name="person" value="{world.people[0].pk}"' in html
    assert not Bundle.objects.exists()


@pytest.mark.parametrize(("fixed_yen", "bundles"), [(0, 2), (30_000, 1)])
def test_a_need_that_ends_soon_leaves_the_others_their_days(
    fixed_yen: int, bundles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless they pay the person's fixed cost of the month together."""
    world = make_world("approached", max_towns=40, monthly_fixed_yen=fixed_yen)
    ending, later = world.needs
    Need.objects.filter(pk=ending.pk).update(last_month=ending.first_month)
    day = last_day(ending.first_month) - timedelta(days=2)
    Bundle.objects.update(answer_due=day)
    monkeypatch.setattr(timezone, "localdate", lambda *_: day)
    approaches.decline(world.the_bundle.pk, reason="schedule", by=world.user())
    asked = Bundle.objects.exclude(pk=world.the_bundle.pk)
    assert asked.count() == bundles
    dates = {
        row.proposal.need_id: row.bundle.answer_due
        for row in Candidate.objects.filter(bundle__in=asked)
    }
    soon = last_day(ending.first_month)
    assert dates[ending.pk] == soon
    assert dates[later.pk] == (soon if fixed_yen else add_business_days(day, 5))


def test_a_button_of_before_approaches_nobody_else() -> None:
    """The page named somebody who has left since; the next in line was read by nobody."""
    world = make_world("ranked")
    staff = Visitor(world.coordinator)
    page = staff.get("/admin/proposals/proposal/board/")
    form = page.form_with("proposals", action="/approach/")
    vetting.pause(world.people[0], by=world.user())
    page = staff.send(page, form, proposals=[row.pk for row in world.proposals])
    page.must_say("次の候補が変わりました")
    assert not Bundle.objects.exists()
