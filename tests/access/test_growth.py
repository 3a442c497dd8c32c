"""D-02: a list asks as much of the database with 1,000 rows as with 10, and shows a page of them.

Every list of every role: those that the tables below do not know fail. The rows are copies of one
row, written by one statement a table, without triggers: what is asked about each row is asked about
a copy too.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.access import test_matrix as matrix
from tests.access.routes import ADMIN_MODELS
from tests.access.world import World

pytestmark = pytest.mark.django_db

FEW, MANY = 10, 1000
MOST_ROWS = 130  # of all tables of a page: two lists of fifty, and what stands around them

# List → who reads it, and the model of its rows. One that two roles read is tried with one.
LISTS = {
    "town:home": ("editor_a", "vacancies.Need"),
    "town:deals": ("editor_a", "registry.VendorContract"),
    "town:lobbying": ("editor_a", "specialists.LobbyingRecord"),
    "town:deal_import_list": ("editor_a", "registry.DealImport"),
    "town:import_list": ("editor_a", "vacancies.VacancyImport"),
    "town:need_list": ("editor_a", "vacancies.Need"),
    "town:vacancy_list": ("editor_a", "vacancies.Vacancy"),
    "town:joint_list": ("editor_a", "vacancies.JointTown"),
    "town:sent_list": ("editor_a", "vacancies.Vacancy"),
    "town:form_gaps": ("editor_a", "vacancies.Vacancy"),
    "town:applications": ("editor_a", "proposals.Application"),
    "town:proposals": ("editor_a", "proposals.Proposal"),
    "town:engagements": ("editor_a", "engagements.Share"),
    "town:pool_overview": ("editor_a", "specialists.SpecialistSkill"),
    "town:pool_demands": ("editor_a", "pool.Demand"),
    "town:consultations": ("editor_a", "desk.Consultation"),
    "town:articles": ("editor_a", "knowledge.Article"),
    "specialist:home": ("specialist", "proposals.Bundle"),
    "specialist:approaches": ("specialist", "proposals.Bundle"),
    "specialist:applications": ("other_specialist", "proposals.Application"),
    "specialist:engagements": ("other_specialist", "engagements.Engagement"),
    "specialist:views": ("specialist", "specialists.ProfileView"),
    "specialist:interests": ("specialist", "specialists.Interest"),
    "specialist:rights": ("specialist", "rights.RightsRequest"),
    "specialist:firm": ("firm_manager", "specialists.Specialist"),
    "public:top": ("anonymous", "vacancies.Vacancy"),
    "public:vacancy_list": ("anonymous", "vacancies.Vacancy"),
    "public:vacancy_feed": ("anonymous", "vacancies.Vacancy"),
    "admin:index": ("coordinator", "proposals.Proposal"),
    "admin:vacancies_ministryexport_months": ("coordinator", "vacancies.MinistryExport"),
    "admin:engagements_timeline": ("coordinator", "engagements.Share"),
    "admin:engagements_capacity": ("coordinator", "engagements.CapacityMonth"),
    "admin:specialists_specialist_review_queue": ("coordinator", "specialists.Specialist"),
    "admin:specialists_specialist_changed": ("coordinator", "specialists.ProfileChange"),
    "admin:specialists_specialist_imports": ("coordinator", "specialists.PeopleImport"),
    "admin:registry_deal_import_list": ("coordinator", "registry.DealImport"),
    "admin:proposals_board": ("coordinator", "proposals.Proposal"),
}
# Addresses without an object that are no list: forms, whole files, one's own account.
NO_LISTS = {
    "admin:autocomplete",
    "healthz",
    "readyz",
    "help",
    "accessibility",
    "privacy",
    "styleguide",
    "home",
    "register",
    "register_sent",
    "usersessions_list",
    "public:vacancy_calendar",
    "town:budget",
    "public:subscribe",
    "public:subscribed",
    "public:bounce_webhook",
    "public:open_data",
    "public:open_csv",
    "public:open_json",
    "public:robots",
    "public:site_map",
    "town:contract_new",
    "town:procurement_new",
    "town:lobbying_new",
    "town:round",
    "town:need_create",
    "town:vacancy_create",
    "town:vacancy_template_csv",
    "town:pool_demand_new",
    "town:consultation_ask",
    "specialist:profile",
    "specialist:interest_new",
    "specialist:registration",
    "specialist:registration_start",
    "specialist:registration_check",
    "specialist:registration_renew",
    "specialist:registration_withdraw",
    "specialist:days_confirm",
    "specialist:days",
    "specialist:pause",
    "specialist:rights_package",
    "specialist:rights_package_file",
    "admin:specialists_specialist_import_template",
    "admin:rights_breach",
    "admin:vacancies_vacancy_gaps",
    "admin:pool_save",
    "admin:pool_export",
    "admin:proposals_approach",
}
# The home page has twenty things of each kind. The picture of a year of engagements is one picture
# (D-13: five hundred in 150 ms); a person declares all the own ties together.
MOST = {"admin:index": 300, "admin:engagements_timeline": 2000, "specialist:interests": 2000}
# Rows that there are a handful of by their nature: code lists, towns, settings.
FIXED = {
    "vocabulary.Term",
    "vocabulary.Skill",
    "vocabulary.Level",
    "vocabulary.EngagementForm",
    "vocabulary.GrantRule",
    "registry.Municipality",
    "registry.Group",
    "specialists.BarTerm",
    "specialists.PurposeText",
    "privacy.RetentionTerm",
    "rights.ViewLimit",
    "vacancies.FormVersion",
}


def another(table: str, where: str = "true") -> str:
    """SQL: the key of another row of `table` for each copy, the newest first."""
    return f"(SELECT id FROM {table} AS o WHERE {where} ORDER BY id DESC OFFSET n - 1 LIMIT 1)"


DIGITS = "'9' || lpad(i::text, 12, '0')"
OWN_NEED = another(
    "vacancies_need",
    "o.municipality_id = engagements_share.municipality_id",
)
OWN_VACANCY = another(
    "vacancies_vacancy",
    "o.municipality_id = (SELECT v.municipality_id FROM vacancies_vacancy AS v "
    "WHERE v.id = vacancy_id)",
)
# What a copy must have besides to be another row: SQL, in which i is a number that no other copy
# has, and n the number of the copy among those of its statement.
OTHERWISE: dict[str, dict[str, str]] = {
    "desk.Consultation": {"number": "1000 + i"},
    "engagements.BiddingBar": {"corporate_number": DIGITS},
    "engagements.CapacityMonth": {
        "specialist": another("specialists_specialist"),
        "declared": "1",
        "signed": "2",
        "held": "0",
        "limit": "2",
    },
    "engagements.Share": {"need": OWN_NEED, "engagement": another("engagements_engagement")},
    "files.StoredFile": {"storage_name": "'copy/' || i"},
    "knowledge.Article": {"consultation": another("desk_consultation")},
    "pool.PoolEntry": {"specialist": another("specialists_specialist")},
    "proposals.Application": {"vacancy": OWN_VACANCY},
    "registry.Invitation": {"email": "i || email"},
    "registry.Membership": {"until": "since"},
    "registry.PlannedProcurement": {"subject": "subject || i"},
    "registry.VendorContract": {"subject": "subject || i"},
    "rights.RightsRequest": {"status": "'withdrawn'"},
    "rights.ViewAlert": {"day": "day - i"},
    "specialists.ProfileChange": {"specialist": another("specialists_specialist")},
    "specialists.ConflictCase": {"key": "key || i"},
    "specialists.Firm": {"corporate_number": DIGITS},
    "specialists.FirmRelation": {"child_number": DIGITS},
    "specialists.SpecialistSkill": {"specialist": another("specialists_specialist")},
    "vacancies.JointTown": {"vacancy": another("vacancies_vacancy")},
    "vacancies.MinistryExport": {"month": "month - i * interval '1 month'"},
}


def all_lists() -> dict[str, tuple[str, str]]:
    """The tables above, and the list of each model in the admin."""
    found = dict(LISTS)
    for name in ADMIN_MODELS:
        label = apps.get_model(*name.split("_"))._meta.label
        found[f"admin:{name}_changelist"] = ("coordinator", label)
    return found


def test_every_address_without_an_object_is_a_list_or_is_said_to_be_none() -> None:
    names = {route.name for route in matrix.ROUTES if not route.parameters}
    others = ("account_", "mfa_", "admin:django.", "admin:password_", "admin:log", "admin:js")
    unknown = {
        name
        for name in names - set(all_lists()) - NO_LISTS
        if not name.startswith(others) and not name.endswith("_add")
    }
    assert unknown == set()


# --- Rows by one statement ------------------------------------------------------------------
@contextmanager
def without_triggers() -> Iterator[None]:
    """Neither triggers nor foreign keys: the copies are shown, never worked with."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def copy(model: type[models.Model], key: Any, rows: int, start: int) -> None:
    """`rows` copies of one row, the first of them number `start`."""
    table = connection.ops.quote_name(model._meta.db_table)
    fields = [one for one in model._meta.concrete_fields if not isinstance(one, models.AutoField)]
    names = [connection.ops.quote_name(str(one.column)) for one in fields]
    pairs = zip(fields, names, strict=True)
    values = [_value(model, field, f"{table}.{name}") for field, name in pairs]
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table} "
            f"CROSS JOIN (SELECT n, n + %s AS i FROM generate_series(1, %s) AS n) AS copies "
            f"WHERE {table}.{model._meta.pk.column} = %s",
            [start, rows, key],
        )
        cursor.execute(f"ANALYZE {table}")


def _value(model: type[models.Model], field: Any, column: str) -> str:
    own = OTHERWISE.get(model._meta.label, {}).get(field.name)
    if own is not None:
        return own
    if not field.unique:
        return column
    if field.null:
        return "NULL"  # such as the account of a person
    if isinstance(field, models.UUIDField):
        return "gen_random_uuid()"
    if isinstance(field, models.CharField | models.TextField):
        most = field.max_length or 64
        return f"left({column}, {most - 6}) || lpad(i::text, 6, '0')"
    return f"{column} + 1000000 + i"


def templates(world: World) -> dict[str, Any]:
    """The row of each model that is copied: of the first role whose list has it."""
    assert world.published is not None
    found: dict[str, Any] = {
        "specialists.Specialist": world.people["firm_member"].pk,
        "vacancies.Vacancy": world.published.pk,
        "vacancies.JointTown": world.joint["a"].joint_towns.get().pk,
    }
    for role, label in all_lists().values():
        rows: Any = apps.get_model(label)._default_manager.all()
        if label in FIXED or label in found:
            continue
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(world.users[role])
        found[label] = rows.order_by("-pk").values_list("pk", flat=True)[0]
    # Copies that take the key of another row come after copies of those.
    return dict(sorted(found.items(), key=lambda pair: "SELECT" in str(OTHERWISE.get(pair[0]))))


def measure(world: World) -> dict[str, tuple[int, int]]:
    """Queries and rows of tables by list. What is kept for a while is asked for the first time
    only, which is a query or two: what grows with the rows grows by hundreds."""
    found = {}
    for name, (role, label) in all_lists().items():
        if label in FIXED:
            continue
        probe = matrix.Probe(world, role)
        with CaptureQueriesContext(connection) as queries:
            response = probe.ask("get", reverse(name))
        assert response.status_code == 200, name
        found[name] = (
            len(queries),
            len(re.findall(r"<tr|<li|<article", matrix.words_of(response))),
        )
    return found


def test_no_list_asks_more_or_grows_with_its_rows(world: World) -> None:
    counted = []
    start = 1000
    copied = templates(world)
    with transaction.atomic():
        for rows in (FEW, MANY):
            for label, key in copied.items():
                copy(apps.get_model(label), key, rows, start)
            counted.append(measure(world))
            start += rows
        transaction.set_rollback(True)  # what the copies are would hold no deferred check
    few, many = counted
    grown = {name: (few[name][0], many[name][0]) for name in few if many[name][0] > few[name][0]}
    long = {n: rows for n, (_, rows) in many.items() if rows > MOST.get(n, MOST_ROWS)}
    assert (grown, long) == ({}, {})
