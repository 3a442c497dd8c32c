"""A-24: each named constraint of the people's rooms refuses raw SQL that breaks it."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from talentpool.files.models import StoredFile
from talentpool.specialists import models as m
from talentpool.users.models import User
from tests import factories as make
from tests.attempts import change, copy, names_in_database, refusals

PERSON, SKILL = "specialists_specialist", "specialists_specialistskill"
DAYS, PAUSE = "specialists_availability", "specialists_pause"
FIRM, MANAGER = "specialists_firm", "specialists_firmmanager"
TEXT, CONSENT = "specialists_purposetext", "specialists_consent"
TICKET, IMPORT = "specialists_entryticket", "specialists_peopleimport"
INTEREST, RELATION = "specialists_interest", "specialists_firmrelation"
CASE, LOBBYING = "specialists_conflictcase", "specialists_lobbyingrecord"
CHANGE = "specialists_profilechange"
CERTIFICATE, WISH = "specialists_certificate", "specialists_paywish"

# Constraint → one attempt on a person of a firm, another person, and one row of everything else.
ATTEMPTS = {
    "firm_member_has_firm": change(PERSON, "firm_id = NULL", "kind = 'firm'"),
    "registered_specialist_has_term": change(PERSON, "registered_until = NULL"),
    "what_was_never_sent_in_is_draft_or_given_up": change(PERSON, "submitted_at = NULL"),
    "weekdays_are_seven_bits": change(PERSON, "weekdays = 128"),
    "max_towns_is_positive": change(PERSON, "max_towns = 0"),
    "pay_of_person_fits_in_runs": change(PERSON, "half_day_rate_yen = 10000001"),
    "specialists_specialist_pool_number_key": change(PERSON, "pool_number = 'H-000'"),
    "specialists_specialist_user_id_key": change(
        PERSON, "user_id = (SELECT min(user_id) FROM specialists_specialist)"
    ),
    "specialists_firm_corporate_number_key": copy(FIRM),
    "skill_is_once_per_person": copy(SKILL),
    "levels_are_one_to_four": change(SKILL, "own_level = 5"),
    "one_declaration_per_month": copy(DAYS),
    "availability_month_is_first_day": change(DAYS, "month = month + 1"),
    "half_days_fit_in_a_month": change(DAYS, "half_days = 63"),
    "pause_is_in_whole_months": change(PAUSE, "first_month = first_month + 1"),
    "pause_ends_after_start": change(PAUSE, "last_month = first_month - interval '1 month'"),
    "pauses_of_a_person_do_not_overlap": copy(PAUSE),
    "sign_ins_are_kept_once_a_day": copy(
        "specialists_availabilitysignal", where="kind = 'sign_in'"
    ),
    # consent and entry
    "purpose_text_version_is_unique": copy(TEXT),
    "grace_of_purpose_text_follows_its_start": change(TEXT, "earlier_until = in_force_from - 1"),
    "one_current_consent_per_purpose": copy(CONSENT),
    "consent_is_withdrawn_after_it_was_given": change(
        CONSENT, "withdrawn_at = given_at - interval '1 day'"
    ),
    "one_open_ticket_per_address_and_way": copy(TICKET, '{"token_sha256": "another"}'),
    "one_open_ticket_per_address_way_and_firm": copy(
        TICKET, '{"token_sha256": "another"}', where="way = 'manager'"
    ),
    "one_open_claim_per_person": copy(
        TICKET, '{"token_sha256": "another", "email": "d@example.jp"}', where="way = 'claim'"
    ),
    "specialists_entryticket_token_sha256_key": copy(TICKET, '{"email": "c@example.jp"}'),
    "ticket_email_is_lower_case": change(TICKET, "email = upper(email)"),
    "ticket_leads_where_its_way_says": change(TICKET, "way = 'member'"),
    "ticket_expires_after_it_was_sent": change(TICKET, "expires_at = sent_at"),
    "ended_ticket_has_time": change(TICKET, "status = 'used'"),
    "people_import_progress_is_in_order": change(IMPORT, "done = total + 1"),
    "ended_people_import_keeps_no_file": change(IMPORT, "status = 'applied'"),
    "bar_term_is_ten_years_at_most": change("specialists_barterm", "years = 11"),
    "specialists_barterm_in_force_from_key": copy("specialists_barterm"),
    "confirmed_fit_says_who_and_when": change(
        "specialists_confidencefit", "confirmed_at = made_at"
    ),
    # registration and vetting
    "specialists_background_specialist_id_key": copy("specialists_background"),
    "specialists_workprofile_specialist_id_key": copy("specialists_workprofile"),
    "certificate_is_named_once": change(CERTIFICATE, "other_name = 'another'"),
    "certificate_is_once_per_person": copy(CERTIFICATE),
    "one_pay_wish_per_unit": copy(WISH),
    "pay_wish_is_some_yen": change(WISH, "yen = 0"),
    "pay_wish_is_10_million_at_most": change(WISH, "yen = 10000001"),
    "specialists_document_file_id_key": copy("specialists_document"),
    "one_topic_draft_per_person": copy("specialists_topicdraft"),
    "decision_against_a_person_has_reason": change("specialists_statuschange", "verb = 'remove'"),
    # firms, interests and lobbying
    "one_current_firm_per_manager": copy(MANAGER),
    "firm_manager_ends_after_start": change(MANAGER, "until = since - 1"),
    "interest_ends_after_start": change(INTEREST, "until = since - 1"),
    "interest_has_corporate_number": change(INTEREST, "corporate_number = '123'"),
    "relation_is_entered_once": copy(RELATION),
    "no_firm_is_its_own_parent": change(RELATION, "parent_number = child_number"),
    "relation_ends_after_start": change(RELATION, "until = since - 1"),
    "conflict_is_one_case": copy(CASE),
    "decided_case_says_who_and_what": change(CASE, "state = 'decided'"),
    "tie_kept_from_registration_is_past_employer": change(
        INTEREST, "from_registration = true, until = NULL"
    ),
    "who_left_the_firm_is_not_agreed_for": change(
        PERSON, "left_firm_on = now(), firm_agreed_at = now()", "kind = 'firm'"
    ),
    "change_of_a_skill_names_it": change(CHANGE, "skill_id = NULL"),
    "change_is_seen_by_somebody": change(CHANGE, "seen_at = now()"),
    "specialists_lobbyingrecord_corrects_id_key": copy(
        LOBBYING, where="corrects_id IS NOT NULL"
    ),
    "lobbying_comes_after_retirement": change(LOBBYING, "retired_on = happened_on + 1"),
    "lobbying_is_reported_after_it_happened": change(LOBBYING, "reported_on = happened_on - 1"),
}  # fmt: skip

# These refuse nothing: they keep the pool's index in step with what was written.
KEEPING_IN_STEP = {
    "pool_specialist_insert",
    "pool_specialist_update",
    "pool_specialist_delete",
    "pool_firm_update",
    "pool_specialistskill_insert",
    "pool_specialistskill_update",
    "pool_specialistskill_delete",
    "pool_availability_insert",
    "pool_availability_update",
    "pool_availability_delete",
    "pool_pause_insert",
    "pool_pause_update",
    "pool_pause_delete",
    "pool_workprofile_insert",
    "pool_workprofile_update",
    "pool_workprofile_delete",
    "pool_certificate_insert",
    "pool_certificate_update",
    "pool_certificate_delete",
}


@pytest.fixture
def people(db: None) -> None:
    """A person of a firm and another, with one good row in each table that an attempt breaks."""
    of_firm, person = make.make_specialist(kind="firm"), make.make_specialist()
    account, coordinator = person.user, make.make_coordinator()
    assert account is not None
    assert of_firm.firm is not None
    now, today = timezone.now(), timezone.localdate()
    later = today + timedelta(days=30)
    m.Pause.objects.create(
        specialist=person, first_month=date(2030, 4, 1), last_month=date(2030, 6, 1)
    )
    m.FirmManager.objects.create(firm=of_firm.firm, user=coordinator, since=today)
    make_entries(person, coordinator)
    make_registration(person, account)
    m.AvailabilitySignal.objects.create(specialist=person, kind="sign_in", at=now)
    m.Interest.objects.create(
        specialist=person,
        kind="client",
        corporate_number="9999999999999",
        name="見本ベンダ",
        since=today,
        until=later,
    )
    m.FirmRelation.objects.create(
        parent_number="9999999999998",
        parent_name="見本親会社",
        child_number="9999999999999",
        child_name="見本ベンダ",
        since=today,
        until=later,
    )
    m.ConflictCase.objects.create(
        specialist=person,
        municipality=make.make_town(),
        key="見本",
        rule="見本",
        result="check",
        found_on=today,
    )
    record = {
        "happened_on": today,
        "retired_on": today,
        "recorded_by": coordinator,
        "recorded_at": now,
    }
    first = m.LobbyingRecord.objects.create(**record)
    m.LobbyingRecord.objects.create(corrects=first, **record)


def make_entries(person: m.Specialist, coordinator: User) -> None:
    """A purpose text and a consent to it, an entry ticket and an import of people."""
    now = timezone.now()
    text = m.PurposeText.objects.create(
        purpose="news", version=900, in_force_from=timezone.localdate()
    )
    m.Consent.objects.create(
        specialist=person, purpose="news", text=text, given_at=now, method="screen"
    )
    m.EntryTicket.objects.create(
        way="self",
        email="a@example.jp",
        token_sha256="one",
        sent_at=now,
        expires_at=now + timedelta(days=1),
    )
    for way, row in (
        ("manager", {"firm": m.Firm.objects.get()}),
        ("claim", {"specialist": person}),
    ):
        m.EntryTicket.objects.create(
            **row,
            way=way,
            email="b@example.jp",
            token_sha256=way,
            sent_at=now,
            expires_at=now + timedelta(days=1),
        )
    m.ConfidenceFit.objects.create(
        answers=1,
        held_back=1,
        parameters={},
        brier=0,
        brier_now=0,
        brier_no_decay=0,
        worst_points=0,
    )
    m.PeopleImport.objects.create(file_name="people.csv", content=b"x", created_by=coordinator)


def make_registration(person: m.Specialist, account: User) -> None:
    """What a person enters on registering, and what became of it."""
    m.Background.objects.create(specialist=person)
    m.WorkProfile.objects.create(specialist=person)
    m.Certificate.objects.create(specialist=person, code="AP")
    m.PayWish.objects.create(specialist=person, unit="day", yen=1)
    file = StoredFile.objects.create(
        room="specialists",
        holder=f"specialist:{person.pk}",
        name="cv.pdf",
        kind="pdf",
        size=1,
        sha256="0" * 64,
        storage_name="cv",
        uploaded_by=account,
    )
    m.Document.objects.create(specialist=person, kind="cv", file=file)
    m.TopicDraft.objects.create(specialist=person, user=account, topic="skills")
    person.profile_changes.create(kind="added", skill_id=person.skills.get().skill_id, after=4)
    m.StatusChange.objects.create(
        specialist=person, verb="register", before="under_review", after="registered"
    )


def test_every_constraint_has_an_attempt(db: None) -> None:
    assert names_in_database("specialists") == set(ATTEMPTS) | KEEPING_IN_STEP


@pytest.mark.usefixtures("people")
def test_each_attempt_is_refused_by_its_constraint() -> None:
    assert refusals(ATTEMPTS) == {name: name for name in ATTEMPTS}


@pytest.mark.django_db
def test_wishes_beyond_a_run_are_named_before_the_limits_are_set() -> None:
    """By pool number: a migration neither lowers them nor fails without a word."""
    migration = import_module("talentpool.specialists.migrations.0002_pay_fits_in_runs")
    with connection.cursor() as cursor:
        for table, name in (
            ("paywish", "pay_wish_is_10_million_at_most"),
            ("specialist", "pay_of_person_fits_in_runs"),
        ):
            cursor.execute(f"ALTER TABLE specialists_{table} DROP CONSTRAINT {name}")
    modest, wishing, paid = (make.make_specialist() for _ in range(3))
    migration.name_what_does_not_fit(apps, None)
    m.PayWish.objects.create(specialist=modest, unit="month", yen=10_000_000)
    m.PayWish.objects.create(specialist=wishing, unit="month", yen=10_000_001)
    m.Specialist.objects.filter(pk=paid.pk).update(half_day_rate_yen=10_000_001)
    with pytest.raises(CommandError) as refusal:
        migration.name_what_does_not_fit(apps, None)
    named = ", ".join(sorted([wishing.pool_number, paid.pool_number]))
    assert f": {named}. Ask" in str(refusal.value)
