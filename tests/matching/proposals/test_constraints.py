"""A-24: each named constraint and trigger refuses raw SQL that breaks it.

The list comes from the database itself: a constraint without an attempt here fails the test.
"""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.apps import apps
from django.db import Error, IntegrityError, connection, transaction

from tests import factories as make
from tests.matching.world import World, make_world

APPS = ("engagements", "proposals", "specialists")
COPY = (
    "INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object("
    "'id', 900000) || '{changed}'::jsonb)).* FROM {table} t"
    " WHERE id = (SELECT min(id) FROM {table}{where})"
)


def copy(table: str, changed: str = "{}", where: str = "") -> str:
    """Another row like the first one (of those that `where` names), with some columns changed."""
    return COPY.format(table=table, changed=changed, where=f" WHERE {where}" if where else "")


def change(table: str, change: str, where: str = "true") -> str:
    return f"UPDATE {table} SET {change} WHERE {where}"


BUNDLE, CANDIDATE = "proposals_bundle", "proposals_candidate"
PROPOSAL, RUN = "proposals_proposal", "proposals_run"
ENGAGEMENT, SHARE = "engagements_engagement", "engagements_share"
HOLD, MONTH = "engagements_hold", "engagements_capacitymonth"
PERSON, SKILL = "specialists_specialist", "specialists_specialistskill"
DAYS, FIRM = "specialists_availability", "specialists_firm"

# Constraint → one attempt on a signed world with a person of a firm.
ATTEMPTS = {
    # engagements
    "one_capacity_row_per_month": copy(MONTH),
    "booked_half_days_fit_in_month": change(MONTH, '"limit" = signed + held - 1', "signed > 0"),
    "capacity_month_is_first_day": change(MONTH, "month = month + 1"),
    "hold_ends_after_start": change(HOLD, "last_month = first_month - 1"),
    "hold_takes_something": change(HOLD, "half_days = 0"),
    "engagement_ends_after_start": change(ENGAGEMENT, "last_month = first_month - 1"),
    "ended_engagement_has_date": change(ENGAGEMENT, "status = 'ended'"),
    "engagements_engagement_number_key": copy(ENGAGEMENT),
    "one_active_share_per_need": copy(SHARE),
    "share_has_document_number": change(SHARE, "document_number = ''"),
    "share_takes_something": change(SHARE, "half_days = 0"),
    "share_ends_after_start": change(SHARE, "last_month = first_month - 1"),
    "shares_sum_to_total": change(
        SHARE, "cost_yen = cost_yen + 1", "id = (SELECT min(id) FROM engagements_share)"
    ),
    "total_is_sum_of_shares": change(ENGAGEMENT, "total_yen = total_yen - 1"),
    # proposals
    "finished_run_has_plan_and_time": change(RUN, "plan = NULL"),
    "failed_run_says_why": change(RUN, "status = 'failed'"),
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
    # specialists
    "firm_member_has_firm": change(PERSON, "firm_id = NULL", "kind = 'firm'"),
    "registered_specialist_has_term": change(PERSON, "registered_until = NULL"),
    "weekdays_are_seven_bits": change(PERSON, "weekdays = 128"),
    "max_towns_is_positive": change(PERSON, "max_towns = 0"),
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
}  # fmt: skip


def names_in_database() -> set[str]:
    """Check and unique constraints, unique indexes and constraint triggers of these apps, without
    primary keys, foreign keys and the "not negative" checks that field types bring."""
    tables = [
        model._meta.db_table for label in APPS for model in apps.get_app_config(label).get_models()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
             WHERE contype IN ('c', 'u', 'x', 't') AND relname = ANY (%(tables)s)
            UNION
            SELECT index.relname FROM pg_index
              JOIN pg_class AS index ON index.oid = indexrelid
              JOIN pg_class AS the_table ON the_table.oid = indrelid
             WHERE indisunique AND NOT indisprimary AND the_table.relname = ANY (%(tables)s)
            UNION
            SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
             WHERE NOT tgisinternal AND relname = ANY (%(tables)s)
            """,
            {"tables": tables},
        )
        names = {name for (name,) in cursor.fetchall()}
    not_named = re.compile(r"_check\d*$")
    return {name_as_written(name) for name in names if not not_named.search(name)}


def name_as_written(name: str) -> str:
    """A unique field's constraint has another name where it was made so later."""
    return re.sub(r"_[0-9a-f]{8}_uniq$", "_key", name)


@pytest.fixture
def signed_world(db: None) -> World:
    firm_person = make.make_specialist(kind="firm")
    world = make_world("signed")
    world.people.append(firm_person)
    return world


def test_every_constraint_has_an_attempt(db: None) -> None:
    assert names_in_database() == set(ATTEMPTS)


@pytest.mark.django_db
def test_each_attempt_is_refused_by_its_constraint(signed_world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is left from building the world
        for name, attempt in ATTEMPTS.items():
            statements = (attempt,) if isinstance(attempt, str) else attempt
            assert refused(cursor, statements) == SAYS.get(name, name), name


def refused(cursor: Any, statements: Sequence[str]) -> str:
    """Run an attempt; which constraint refused it, or what went wrong with the attempt itself."""
    try:
        with transaction.atomic():
            for statement in statements:
                cursor.execute(statement)
                if cursor.rowcount < 1:
                    return "the attempt touches no row"
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except IntegrityError as error:
        return broken_by(error)
    return "not refused"


# Both triggers run one function, which has one sentence.
SAYS = {"total_is_sum_of_shares": "shares_sum_to_total"}


def broken_by(error: Error) -> str:
    """The constraint that the server names, or the first word of a trigger's sentence."""
    cause: Any = error.__cause__
    return name_as_written(cause.diag.constraint_name or str(error).split(":")[0])
