"""Two towns, three people and the prefecture in the middle of everything, with canaries.

A canary is a text that stands in every free text of one owner's rows and nowhere else. It begins
with a rare character and names the owner and the room: 鵺壱談 is in the consultations of town 壱.
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.mfa.totp.internal import auth as totp
from django.db import connection
from django.test import Client
from django.utils import timezone

from consultations.desk.models import Consultation
from consultations.knowledge.models import Article
from matching.engagements.models import BiddingBar
from matching.pool import services as pool
from matching.pool.models import SavedSearch
from matching.proposals.models import (
    Application,
    Bundle,
    Pin,
    Proposal,
    Run,
    RunPart,
    RunPin,
    Study,
)
from matching.proposals.services import pinning
from matching.proposals.services.applications import apply_to_vacancy, withdraw_application
from municipalities.registry import invitations
from municipalities.registry.models import (
    DealImport,
    Invitation,
    Membership,
    PlannedProcurement,
    ProcurementParty,
    VendorContract,
)
from municipalities.registry.services import load_reference
from municipalities.vacancies import services as vacancies
from municipalities.vacancies.models import MinistryExport, Need, TownBudget, Vacancy
from municipalities.vacancies.models.importing import VacancyImport
from municipalities.vacancies.models.subscription import Subscription
from talentpool.conventions.months import add_months, first_of_month
from talentpool.outbox.models import Message as OutboxMessage
from talentpool.rights import services as rights
from talentpool.rights.models import RightsRequest, ViewAlert
from talentpool.specialists.models import (
    ConfidenceFit,
    ConflictCase,
    Document,
    FirmManager,
    FirmRelation,
    Interest,
    LobbyingRecord,
    Pause,
    PeopleImport,
    Specialist,
)
from talentpool.specialists.services import entry
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests import factories
from tests.access.canaries import plant
from tests.access.roles import (
    MANAGER,
    MARK,
    NUMBER,
    OWNER,
    PREFECTURAL,
    ROLES,
    TOWN_A,
    TOWN_B,
)
from tests.consultations import objects as desk_objects
from tests.municipalities.vacancies import objects as vacancy_objects

PARAMETERS = {
    "fresh": 0.9,
    "floor": 0.3,
    "half_life": 80,
    "signal_half_life": 40,
    "ratios": {},
}


@dataclass
class World:
    """Accounts by role, signed-in browsers by role, and objects by the town's or person's role."""

    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    vacancies: dict[str, Vacancy] = field(default_factory=dict)
    joint: dict[str, Vacancy] = field(default_factory=dict)  # by the town that is asked to join
    imports: dict[str, VacancyImport] = field(default_factory=dict)
    consultations: dict[str, Consultation] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    people: dict[str, Specialist] = field(default_factory=dict)
    beginner: Specialist | None = None  # has begun to register and not applied
    pool_numbers: dict[str, str] = field(default_factory=dict)  # before the canaries
    names: dict[str, str] = field(default_factory=dict)  # before the canaries
    bundles: dict[str, Bundle] = field(default_factory=dict)
    pauses: dict[str, Pause] = field(default_factory=dict)
    saved_search: SavedSearch | None = None
    interests: dict[str, Interest] = field(default_factory=dict)
    contracts: dict[str, VendorContract] = field(default_factory=dict)
    procurements: dict[str, PlannedProcurement] = field(default_factory=dict)
    rights: dict[str, RightsRequest] = field(default_factory=dict)
    deal_imports: dict[str, DealImport] = field(default_factory=dict)
    lobbying: dict[str, LobbyingRecord] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)  # by the person's role
    published: Vacancy | None = None
    export: MinistryExport | None = None
    run: Run | None = None
    study: Study | None = None
    pin: Pin | None = None
    invitation: Invitation | None = None
    invitation_path: str = ""
    entry_path: str = ""
    people_import: PeopleImport | None = None
    documents: dict[str, Document] = field(default_factory=dict)
    subscription: Subscription | None = None


def build() -> World:
    """Make everything with the portal's own verbs, then plant the canaries."""
    load_reference()
    world = World()
    _accounts(world)
    _coordination(world)
    _declarations(world)
    _texts(world)
    _requests(world)
    plant(world)
    # Nobody delivers them here: an outbox that lags would make the portal say that it is not ready.
    OutboxMessage.objects.update(not_before=timezone.now() + timedelta(hours=1))
    # The relay does not run here: a long run of the tests is not a lag of the outbox (/readyz).
    OutboxMessage.objects.update(not_before=timezone.now() + timedelta(days=1))
    for role in ROLES:
        client = Client()
        if role in world.users:
            client.force_login(world.users[role])
            _keep_seen(client)
            just_said_who_it_is(client, world.users[role])
        world.clients[role] = client
        world.cookies[role] = client.cookies.output(header="", sep=";")
    return world


def just_said_who_it_is(client: Client, user: User) -> None:
    """As after a password typed a moment ago, and for as long as the tests last."""
    session = client.session
    record = {"method": "password", "at": time.time() + 86_400, "reauthenticated": True}
    session["account_authentication_methods"] = [record]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def _keep_seen(client: Client) -> None:
    """A session that was seen within the last minute, for as long as the tests run: else each
    test's first request would write it, and the list of sessions, anew."""
    session = client.session
    later = (timezone.now() + timedelta(hours=1)).timestamp()
    session.update({"started_at": later, "seen_at": later})
    session.save()


def _accounts(world: World) -> None:
    for suffix, code in (("a", TOWN_A), ("b", TOWN_B)):
        town = factories.make_town(code)
        for role in (Membership.Role.EDITOR, Membership.Role.APPROVER):
            world.users[f"{role}_{suffix}"] = factories.make_member(
                role, town, email=f"{role}{MARK}{OWNER[code]}人@example.jp"
            )
    for role in PREFECTURAL:
        world.users[role] = factories.make_member(role)
    skills = {"specialist": "NW", "other_specialist": "SEC", "firm_member": "PRC"}
    for role, skill in skills.items():
        kind = Specialist.Kind.FIRM if role == "firm_member" else Specialist.Kind.RETIRED
        person = factories.make_specialist(skills=[skill], kind=kind)
        assert person.user is not None
        world.people[role], world.users[role] = person, person.user
        world.pool_numbers[role] = person.pool_number
        world.names[role] = person.name
        person.profile_changes.create(kind="added", skill_id=skill, after=4)
    world.beginner = factories.make_specialist(
        kind=Specialist.Kind.OTHER, status="draft", registered_on=None, registered_until=None
    )
    world.users[MANAGER] = create_account(
        email="manager@example.jp", name="見本", kind=User.Kind.FIRM, by=None
    )
    FirmManager.objects.create(
        firm=world.people["firm_member"].firm,
        user=world.users[MANAGER],
        since=timezone.localdate(),
    )
    left = factories.make_member(Membership.Role.EDITOR, factories.make_town(TOWN_A))
    left.memberships.update(until=timezone.localdate())
    world.users["no_role"] = left
    for user in world.users.values():
        if user.needs_second_factor:
            totp.TOTP.activate(user, totp.generate_totp_secret())


def _coordination(world: World) -> None:
    """Need 壱案 and 弐案 share a person who has accepted and opened no name; 壱契 and 弐契 are
    signed, each with a person of its own."""
    by = world.users["coordinator"]
    plan = (
        ("a", TOWN_A, "NW", "案"),
        ("b", TOWN_B, "NW", "案"),
        ("a_signed", TOWN_A, "SEC", "契"),
        ("b_signed", TOWN_B, "PRC", "契"),
    )
    for key, code, skill, room in plan:
        world.needs[key] = factories.make_need(
            "accepted",
            code=code,
            skill=skill,
            by=world.users[f"editor_{key[0]}"],
            coordinator=by,
            title=f"{MARK}{OWNER[code]}{room}",
            description=f"{MARK}{OWNER[code]}{room}",
        )
    for suffix, code in (("a", TOWN_A), ("b", TOWN_B)):
        world.needs[f"{suffix}_draft"] = factories.make_need(
            code=code, by=world.users[f"editor_{suffix}"]
        )
    wanted = [world.needs[key] for key, *_ in plan]
    world.run = factories.make_run(wanted, by=by)
    world.study = factories.make_study(world.run, "rule", rule="R5", by=by)
    need_id = int(world.run.plan["assignments"][0]["need"])
    world.pin = pinning.pin_pair(world.run, need_id=need_id, reason="wished", by=by)
    RunPin.objects.create(run=world.run, pin=world.pin)
    RunPart.objects.create(
        run=world.run,
        position=0,
        problem=world.run.problem,
        plan=world.run.plan,
        finished_at=timezone.now(),
    )
    for code in (TOWN_A, TOWN_B):  # of a year that no need reaches into
        TownBudget.objects.create(municipality_id=code, fiscal_year=2090, yen=1, stated_by=by)
    made = factories.make_proposals(world.run, wanted, by=by)
    world.proposals = dict(zip((key for key, *_ in plan), made, strict=True))
    a, b, a_signed, b_signed = made
    world.bundles = {
        "specialist": factories.make_bundle([a, b], "accepted", by=by),
        "other_specialist": factories.make_bundle([a_signed], "signed", by=by),
        "firm_member": factories.make_bundle([b_signed], "signed", by=by),
    }


def _declarations(world: World) -> None:
    later = add_months(first_of_month(timezone.localdate()), 20)
    for role, person in world.people.items():
        world.pauses[role] = Pause.objects.create(
            specialist=person, first_month=later, last_month=later
        )
        world.interests[role] = Interest.objects.create(
            specialist=person, kind="client", corporate_number=NUMBER, name="会社"
        )
        ConflictCase.objects.create(
            specialist=person,
            municipality_id=TOWN_A,
            key="K9:client:1",
            rule="K9",
            result="measures",
            evidence=f"{MARK}県判",
            found_on=timezone.localdate(),
        )
    ConfidenceFit.objects.create(
        answers=1,
        held_back=1,
        parameters=PARAMETERS,
        brier=1,
        brier_now=1,
        brier_no_decay=1,
        worst_points=1,
    )
    ViewAlert.objects.create(
        viewer=world.users["coordinator"], day=timezone.localdate(), looking="named", people=99
    )
    FirmRelation.objects.create(
        parent_number=NUMBER,
        parent_name=f"{MARK}県判",
        child_number="7123456789012",
        child_name=f"{MARK}県判",
    )
    for suffix, code in (("a", TOWN_A), ("b", TOWN_B), ("staff", None)):
        words = f"{MARK}{OWNER[code]}取" if code else f"{MARK}県取"
        world.deal_imports[suffix] = DealImport.objects.create(
            municipality_id=code,
            kind="contracts",
            file_name=words,
            status=DealImport.Status.CHECKED,
            problem_count=1,
            problems=[problem_in_import(words)],
            created_by=world.users["coordinator" if code is None else f"editor_{suffix}"],
        )
    for suffix, code in (("a", TOWN_A), ("b", TOWN_B)):
        role = "other_specialist" if suffix == "a" else "firm_member"
        BiddingBar.objects.create(
            engagement_id=world.bundles[role].engagement_id,
            municipality_id=code,
            corporate_number=NUMBER,
            name=f"{MARK}{OWNER[code]}限",
            since=timezone.localdate(),
            until=timezone.localdate(),
        )
        words = f"{MARK}{OWNER[code]}働"
        world.lobbying[suffix] = LobbyingRecord.objects.create(
            happened_on=timezone.localdate(),
            municipality_id=code,
            requester=words,
            company=words,
            retired_on=timezone.localdate(),
            post="staff",
            duty="never",
            subject=words,
            content=words,
            answer=words,
            recorded_by=world.users[f"editor_{suffix}"],
        )
        world.procurements[suffix] = PlannedProcurement.objects.create(
            municipality_id=code,
            subject="調達",
            prepared_from=timezone.localdate(),
            decided_on=timezone.localdate(),
        )
        ProcurementParty.objects.create(
            procurement=world.procurements[suffix],
            corporate_number=NUMBER,
            name=f"{MARK}{OWNER[code]}調",
        )


def _texts(world: World) -> None:
    by = world.users["coordinator"]
    for suffix, code in (("a", TOWN_A), ("b", TOWN_B)):
        editor = world.users[f"editor_{suffix}"]
        text = f"{MARK}{OWNER[code]}談"
        consultation = desk_objects.make_consultation(
            "answered", by=editor, coordinator=by, title=text, question=text, answer=text
        )
        world.consultations[suffix] = consultation
        world.articles[suffix] = desk_objects.make_article(
            consultation=consultation, coordinator=by, title=text, question=text, answer=text
        )
        draft = f"{MARK}{OWNER[code]}募"
        world.vacancies[suffix] = vacancy_objects.make_vacancy(
            by=editor, code=code, issues=draft, duties=draft, dept=draft, contact_name=draft
        )
        other, joined = ("b", TOWN_B) if suffix == "a" else ("a", TOWN_A)
        world.joint[other] = vacancy_objects.make_vacancy(
            by=editor, code=code, joint_type="1", joint_members=joined, issues=f"{draft[:2]}共"
        )
        vacancies.ask_partners(world.joint[other], by=editor)
        world.imports[suffix] = VacancyImport.objects.create(
            municipality_id=code,
            file_name=f"{draft}.xlsx",
            status=VacancyImport.Status.CHECKED,
            problem_count=1,
            problems=[problem_in_import(f"{MARK}{OWNER[code]}取")],
            created_by=editor,
        )
        pool.record_demand(
            skill_code="NW",
            level=3,
            half_days=2,
            first_month=first_of_month(timezone.localdate()),
            last_month=first_of_month(timezone.localdate()),
            note="",
            by=editor,
        )
        world.contracts[suffix] = VendorContract.objects.create(
            municipality_id=code,
            corporate_number=NUMBER,
            vendor_name=f"{MARK}{OWNER[code]}約",
            subject="保守",
            starts=timezone.localdate(),
            ends=timezone.localdate(),
        )
    world.saved_search = pool.save_search(name="見本の条件", query="", shared=True, by=by)
    shared = desk_objects.make_consultation(
        "answered", by=world.users["editor_a"], coordinator=by, answer="回答"
    )
    world.articles["shared"] = desk_objects.make_article(
        "published", consultation=shared, coordinator=by, title=f"{MARK}壱知"
    )
    world.published = vacancy_objects.make_vacancy(
        "published",
        by=world.users["editor_a"],
        code=TOWN_A,
        issues=f"{MARK}壱公",
        contact_name=f"{MARK}壱募",
    )
    _applications(world)
    world.subscription = Subscription.objects.create(
        email=f"reader-{MARK}九人@example.jp",
        token="t" * 43,
        confirmed_at=timezone.now(),
        consent="1",
    )
    world.export = vacancies.freeze_month(first_of_month(timezone.localdate()), by=by, early=True)
    world.people_import = PeopleImport.objects.create(
        file_name=f"{MARK}県人.xlsx",
        status=PeopleImport.Status.CHECKED,
        problem_count=1,
        problems=[problem_in_import(f"{MARK}県人")],
        created_by=by,
    )
    ticket = entry._make("self", "entry@example.jp", by=None, status="asked")
    world.entry_path = entry._send(ticket)
    world.invitation, world.invitation_path = invitations.invite(
        email=f"new{MARK}壱人@example.jp".replace(MARK + "壱人", ""),
        role=Membership.Role.EDITOR,
        municipality=factories.make_town(TOWN_A),
        by=by,
    )


def _requests(world: World) -> None:
    """Each person has asked for something."""
    for role, person in world.people.items():
        world.rights[role] = rights.file_request(
            person, kind="correction", wish="直して", by=world.users[role]
        )


def _applications(world: World) -> None:
    """Those whom a town knows by name have applied to it; the third took it back."""
    closed = vacancy_objects.make_vacancy(
        "published", by=world.users["editor_b"], code=TOWN_B, issues=f"{MARK}弐募"
    )
    for role, vacancy in (
        ("other_specialist", world.published),
        ("firm_member", closed),
        ("specialist", world.published),
    ):
        assert vacancy is not None
        world.applications[role] = apply_to_vacancy(
            vacancy, message=f"{MARK}応", agreed=True, by=world.users[role]
        )
    withdraw_application(world.applications["specialist"].pk, by=world.users["specialist"])
    vacancies.withdraw_vacancy(closed, by=world.users["editor_b"])


def problem_in_import(words: str) -> dict[str, Any]:
    """One problem that the check of a file found, as the import keeps it."""
    return {
        "sheet": words,
        "cell": "B5",
        "header": "募集役職名",
        "value": words,
        "message": words,
    }


def written_tables() -> dict[str, int]:
    """Rows inserted, changed or deleted by this transaction so far, by table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        )
        return dict(cursor.fetchall())


def mails() -> list[str]:
    """The words of every mail that was queued."""
    return [
        row.payload.get("subject", "") + row.payload.get("body", "")
        for row in OutboxMessage.objects.filter(kind=OutboxMessage.Kind.MAIL)
    ]


__all__ = ["ROLES", "World", "build", "create_account"]
