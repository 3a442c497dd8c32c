"""The canaries: a text in every free text of one owner's rows, past all verbs. What is held about a
person is planted as its classification says (`tests.planting`)."""

from datetime import date
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.db import models

from consultations.desk.models import Consultation
from consultations.desk.models import Message as DeskMessage
from matching.engagements.models import Share
from matching.pool.models import Demand
from matching.proposals.models import Candidate, Proposal
from municipalities.registry.models import Membership, PlannedProcurement, VendorContract
from municipalities.vacancies.models import Need, Vacancy
from municipalities.vacancies.models.importing import VacancyImport
from talentpool.files import services as files
from talentpool.privacy.inventory import Table
from talentpool.specialists.models import Document, Firm, ProfileView, Specialist
from talentpool.specialists.services import registration
from talentpool.users.models import User
from tests import planting
from tests.access.roles import BEGINNER, MANAGER, MARK, MUNICIPAL, OWNER, OWNERS, TOWN_A, TOWN_B

if TYPE_CHECKING:
    from tests.access.world import World

# Where a row's owner stands, by model; the room of its canary. Rows that are reference data of the
# whole prefecture, or prefectural by nature, belong to no tenant and have no canary.
ROOMS: dict[type[models.Model], str] = {
    Consultation: "談",
    DeskMessage: "談",
    Membership: "人",
    VendorContract: "約",
    PlannedProcurement: "調",
    VacancyImport: "取",
    Demand: "需",
}
# The rooms of what is held about a person: 人 tells who it is, to whom the name is open; 勤 and 措
# are the employer and the measures that a town reads with the name; 番 is the pool number; 審 is
# looked through before the person reads it; 密 is for the person and the prefecture alone.
PERSON_ROOMS = {
    ("specialists.Specialist", "name"): "人",
    ("specialists.Specialist", "kana"): "人",
    ("specialists.Specialist", "known_as"): "人",
    ("specialists.Specialist", "strengths"): "人",  # the name in them must be covered
    ("specialists.Specialist", "employer"): "勤",
    ("proposals.Candidate", "conflict_measures"): "措",
}
# What is not the planter's: planted below in a room of its town or firm, or made by the world.
ELSEWHERE = {
    ("account.EmailAddress", "email"),
    ("users.User", "email"),
    ("users.User", "name"),
    ("engagements.BiddingBar", "name"),
    ("proposals.Application", "message"),
    ("pool.PoolEntry", "facets"),  # triggers write these three out of what is planted
    ("pool.PoolEntry", "free"),
    ("pool.PoolEntry", "search_text"),
}
# What there cannot be of somebody who has only begun.
NOT_BEFORE_APPLYING = {
    "engagements.SettledMonth",
    "proposals.Application",
    "proposals.Candidate",
    "specialists.ConflictCase",
    "specialists.InterviewNote",
    "specialists.LobbyingRecord",
}
FORMATTED = {"vacancy_no", "number", "corporate_number", "blind_id", "engagement_form"}


def text_fields(model: type[models.Model]) -> list["models.Field[Any, Any]"]:
    """The fields of a model that hold free text."""
    return [
        one
        for one in model._meta.concrete_fields
        if isinstance(one, models.CharField | models.TextField)
        and not one.choices
        and not one.primary_key
        and one.name not in FORMATTED
        and (one.max_length or 999) >= 8
    ]


def plant(world: "World") -> None:
    """Put the canaries into every text of the rows, past all verbs."""
    for row in Need.objects.all():
        room = next((n for n in ("契", "案") if n in row.title), "案")
        _write(row, OWNER[row.municipality_id] + room)
    for row in Proposal.objects.select_related("need"):
        _write(row, row.need.title.removeprefix(MARK)[:2])
    for row in Candidate.objects.select_related("proposal__need"):
        room = row.proposal.need.title.removeprefix(MARK)[:2]
        _write(row, room, leave={"conflict", "conflict_measures"})
    for row in Share.objects.select_related("need"):
        _write(row, row.need.title.removeprefix(MARK)[:2])
    for model, room in ROOMS.items():
        for row in model._default_manager.all():
            holder = row.consultation if isinstance(row, DeskMessage) else row
            if holder.municipality_id:
                _write(row, OWNER[holder.municipality_id] + room)
    for row in Vacancy.objects.all():
        room = "公" if row == world.published else "共" if row.joint_codes else "募"
        room = (
            "応" if row.status == Vacancy.Status.WITHDRAWN else room
        )  # somebody had applied to it
        _write(row, OWNER[row.municipality_id] + room, leave={"remark"})
    for role, application in world.applications.items():
        _write(application, OWNERS[role] + "応")
    for key, article in world.articles.items():
        _write(article, {"a": "壱談", "b": "弐談", "shared": "壱知"}[key])
    for role, person in world.people.items():
        document = registration.add_document(
            person,
            kind=Document.Kind.CV,
            name=f"{MARK}{OWNERS[role]}人.csv",
            content=f"{MARK}{OWNERS[role]}人,1\n".encode(),
            by=person.user,
        )
        files.scan_file(document.file_id)
        world.documents[role] = document
        _plant_person(person, OWNERS[role], by=world.users["coordinator"])
        viewed = {"viewer_body": "県", "viewer_role": "県", "scope": "name"}
        ProfileView.objects.create(
            specialist=person,
            viewer=world.users["coordinator"],
            purpose=MARK + OWNERS[role] + "覧",
            **viewed,
        )
        _write(world.interests[role], OWNERS[role] + "係")
        _write(world.rights[role], OWNERS[role] + "請")
        if person.firm_id:
            _write(Firm.objects.get(pk=person.firm_id), OWNERS[role] + "社")
    assert world.beginner is not None
    assert world.beginner.user is not None
    _plant_person(world.beginner, BEGINNER, by=world.beginner.user)
    _write_user(world.beginner.user, BEGINNER + "人", "beginner")
    for role, user in world.users.items():
        if role in OWNERS:
            _write_user(user, OWNERS[role] + "人", role)
        elif role == MANAGER:
            _write_user(user, "六人", role)
        elif role in MUNICIPAL:
            _write_user(user, OWNER[TOWN_A if role.endswith("_a") else TOWN_B] + "人", role)


def _plant_person(person: Specialist, owner: str, *, by: User) -> None:
    """A row in every table about the person, and a canary in all that it holds of the person. What
    is no text: days of a year of long ago, yen with rare digits; each person's have others."""
    index = [*OWNERS.values(), BEGINNER].index(owner)

    def words(model: type[models.Model], table: Table, field: Any) -> Any:
        column = (model._meta.label, field.name)
        kind = planting.kind_of(field)
        if column in ELSEWHERE:
            return None
        if kind == "yen":
            return int(f"{planting.YEN}{index}07")
        if kind == "day":
            return date(planting.LONG_AGO + index, 5, 13)
        return MARK + owner + PERSON_ROOMS.get(column, "審" if table.reviewed else "密")

    leave = NOT_BEFORE_APPLYING if owner == BEGINNER else ()
    planting.fill_tables(person, by=by, classes=planting.OF_THE_PERSON, leave=leave)
    planting.plant(person, words, planting.OF_THE_PERSON)
    type(person).objects.filter(pk=person.pk).update(pool_number=f"{MARK}{owner}番")


def _write(row: models.Model, room: str, *, leave: frozenset[str] | set[str] = frozenset()) -> None:
    values = {one.name: MARK + room for one in text_fields(type(row)) if one.name not in leave}
    if values:
        type(row)._default_manager.filter(pk=row.pk).update(**values)


def _write_user(user: User, room: str, role: str) -> None:
    email = f"{role}-{MARK}{room}@example.jp"
    User.objects.filter(pk=user.pk).update(name=MARK + room, email=email)
    EmailAddress.objects.filter(user=user).update(email=email)
