"""A-24: each named constraint and trigger of the coordination refuses raw SQL that breaks it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from matching.engagements.models import BiddingBar, Outlook, SettledMonth
from matching.proposals.models import Application, Pin, RunPart, RunPin, Study
from tests import factories as make
from tests.attempts import change, copy, names_in_database, refusals
from tests.matching.world import World, make_world
from tests.municipalities.vacancies.objects import make_vacancy

BUNDLE, CANDIDATE = "proposals_bundle", "proposals_candidate"
PROPOSAL, RUN = "proposals_proposal", "proposals_run"
ENGAGEMENT, SHARE = "engagements_engagement", "engagements_share"
HOLD, MONTH = "engagements_hold", "engagements_capacitymonth"
OUTLOOK, BAR = "engagements_outlook", "engagements_biddingbar"
SETTLED = "engagements_settledmonth"
APPLICATION, PART, STUDY = "proposals_application", "proposals_runpart", "proposals_study"
PIN, RUN_PIN = "proposals_pin", "proposals_runpin"

# Constraint → one attempt on a signed world with one row of everything beside it.
ATTEMPTS = {
    # engagements
    "one_capacity_row_per_month": copy(MONTH),
    "booked_half_days_fit_in_month": change(MONTH, '"limit" = signed + held - 1', "signed > 0"),
    "limit_is_declared_or_booked": change(MONTH, '"limit" = "limit" + 1'),
    "capacity_month_is_first_day": change(MONTH, "month = month + 1"),
    "hold_ends_after_start": change(HOLD, "last_month = first_month - 1"),
    "hold_takes_something": change(HOLD, "half_days = 0"),
    "engagement_ends_after_start": change(ENGAGEMENT, "last_month = first_month - 1"),
    "terminated_engagement_has_reason_and_document": change(
        ENGAGEMENT, "status = 'terminated', ended_on = last_month"
    ),
    "ended_engagement_has_date": change(ENGAGEMENT, "status = 'ended'"),
    "engagements_engagement_number_key": copy(ENGAGEMENT),
    "one_active_share_per_need": copy(SHARE),
    "share_has_document_number": change(SHARE, "document_number = ''"),
    "visits_are_on_days_of_the_week": change(SHARE, "visit_weekdays = 128"),
    "share_takes_something": change(SHARE, "half_days = 0"),
    "share_ends_after_start": change(SHARE, "last_month = first_month - 1"),
    "shares_sum_to_total": change(
        SHARE, "cost_yen = cost_yen + 1", "id = (SELECT min(id) FROM engagements_share)"
    ),
    "total_is_sum_of_shares": change(ENGAGEMENT, "total_yen = total_yen - 1"),
    "engagements_outlook_as_of_key": copy(OUTLOOK),
    "firm_is_barred_once_per_engagement": copy(BAR),
    "bar_ends_after_start": change(BAR, "until = since - 1"),
    "month_is_settled_once_for_its_numbers": copy(SETTLED),
    "settled_month_was_short": change(SETTLED, "booked = declared"),
    "settled_month_says_how": change(SETTLED, "note = ''"),
    "settled_month_is_first_day": change(SETTLED, "month = month + 1"),
    # proposals
    "finished_run_has_plan_and_time": change(RUN, "plan = NULL"),
    "failed_run_says_why": change(RUN, "status = 'failed'"),
    "mended_run_says_what_changed": change(RUN, "mended = '{}'"),
    "proposals_run_number_key": copy(
        RUN, '{"request_key": "00000000-0000-4000-8000-000000000000"}'
    ),
    "proposals_run_request_key_key": copy(RUN, '{"number": 900}'),
    "answered_bundle_has_time": change(BUNDLE, "answered_at = NULL", "status = 'signed'"),
    "declined_bundle_has_reason": change(BUNDLE, "status = 'declined', engagement_id = NULL"),
    "signed_bundle_has_engagement": change(BUNDLE, "engagement_id = NULL", "status = 'signed'"),
    "proposals_bundle_engagement_id_key": copy(BUNDLE),
    "closed_bundle_has_time": change(BUNDLE, "closed_at = NULL"),
    "person_confirms_terms_that_exist": change(
        BUNDLE, "confirmed_version = terms_version + 1, status = 'dissolved', engagement_id = NULL"
    ),
    "agreed_bundle_has_person_confirmation": change(BUNDLE, "terms_version = terms_version + 1"),
    "candidate_set_aside_has_reason": change(
        CANDIDATE, "status = 'aside'", "status = 'offered'"
    ),
    "one_open_proposal_per_need": (
        change(PROPOSAL, "status = 'ranked', closed_at = NULL"),
        copy(PROPOSAL),
    ),
    "ranked_proposal_has_time": change(PROPOSAL, "ranked_at = NULL"),
    "decided_proposal_has_document_number": change(PROPOSAL, "document_number = ''"),
    "closed_proposal_has_reason_and_time": change(PROPOSAL, "status = 'closed'"),
    "person_is_once_per_proposal": copy(
        CANDIDATE,
        '{"blind_id": "ZZZZZZZZ", "status": "offered", "rank": null, "hold_id": null}',
        "status = 'offered'",
    ),
    "rank_is_once_per_proposal": change(CANDIDATE, "rank = 1"),
    "proposals_candidate_blind_id_key": change(CANDIDATE, "blind_id = 'ZZZZZZZZ'"),
    "proposals_candidate_hold_id_key": change(
        CANDIDATE, "hold_id = (SELECT min(hold_id) FROM proposals_candidate)"
    ),
    "one_person_at_a_time_per_proposal": change(
        CANDIDATE,
        "status = 'approached', agreed_half_days = 1, cost_yen = 1,"
        " bundle_id = (SELECT min(id) FROM proposals_bundle)",
        "status = 'offered'",
    ),
    "approached_candidate_has_bundle": change(CANDIDATE, "bundle_id = NULL", "status = 'signed'"),
    "fixed_cost_is_part_of_cost": change(
        CANDIDATE, "fixed_yen = cost_yen + 1", "status = 'signed'"
    ),
    "person_agrees_only_after_approach": change(
        CANDIDATE, "person_agreed_at = now()", "status = 'offered'"
    ),
    "one_open_application_per_person_and_vacancy": copy(APPLICATION),
    "application_has_the_words_that_were_agreed_to": change(
        APPLICATION, "agreed_at = now(), agreed_words = ''"
    ),
    "answered_application_has_its_person": change(APPLICATION, "status = 'invited'"),
    "withdrawn_application_has_time": change(APPLICATION, "status = 'withdrawn'"),
    "one_part_at_a_position": copy(PART),
    "solved_part_has_plan_and_time": change(PART, "finished_at = now()"),
    "finished_study_has_answer_and_time": change(STUDY, "status = 'finished'"),
    "failed_study_says_why": change(STUDY, "status = 'failed'"),
    "proposals_study_request_key_key": copy(STUDY),
    "one_pin_in_force_per_need": copy(PIN),
    "pin_holds_some_half_days": change(PIN, "half_days = 0"),
    "pin_has_reason": change(PIN, "reason = ''"),
    "released_pin_says_who_when_and_why": change(PIN, "released_at = now()"),
    "pin_is_once_per_run": copy(RUN_PIN),
}  # fmt: skip

# These refuse nothing: they keep the pool's index in step with what was written.
KEEPING_IN_STEP = {
    "pool_capacitymonth_insert",
    "pool_capacitymonth_update",
    "pool_capacitymonth_delete",
}

# Both triggers run one function, which has one sentence.
SAYS = {"total_is_sum_of_shares": "shares_sum_to_total"}


@pytest.fixture
def signed_world(db: None) -> World:
    world = make_world("signed")
    town, today = make.make_town(), world.today
    Outlook.objects.create(as_of=today, rows=[], counted_at=timezone.now())
    SettledMonth.objects.create(
        specialist=world.people[0],
        month=today.replace(day=1),
        declared=1,
        booked=2,
        note="日数を減らすことで合意",
        settled_by=world.coordinator,
    )
    BiddingBar.objects.create(
        engagement=make.engagement_of(world.the_bundle),
        municipality=town,
        corporate_number="9999999999999",
        name="見本ベンダ",
        since=today,
        until=today + timedelta(days=30),
    )
    Application.objects.create(
        specialist=world.people[0], vacancy=make_vacancy(), sent_at=timezone.now()
    )
    RunPart.objects.create(run=world.run, position=900, problem={})
    Study.objects.create(run=world.run, kind="policies", requested_by=world.coordinator)
    pin = Pin.objects.create(
        need=world.needs[0],
        specialist=world.people[0],
        run=world.run,
        half_days=1,
        reason="other",
        pinned_by=world.coordinator,
    )
    RunPin.objects.create(run=world.run, pin=pin)
    return world


def test_every_constraint_has_an_attempt(db: None) -> None:
    assert names_in_database("engagements", "proposals") == set(ATTEMPTS) | KEEPING_IN_STEP


@pytest.mark.usefixtures("signed_world")
def test_each_attempt_is_refused_by_its_constraint() -> None:
    assert refusals(ATTEMPTS) == {name: SAYS.get(name, name) for name in ATTEMPTS}
