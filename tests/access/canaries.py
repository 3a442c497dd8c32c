"""The canaries: a text in every free text of one owner's rows, past all verbs."""

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
from talentpool.specialists.models import Document, Firm, ProfileView
from talentpool.specialists.services import registration
from talentpool.users.models import User
from tests.access.roles import MANAGER, MARK, MUNICIPAL, OWNER, PERSONS, TOWN_A, TOWN_B

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
        _write(row, row.proposal.need.title.removeprefix(MARK)[:2])
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
        _write(application, {"specialist": "参", "other_specialist": "四"}.get(role, "五") + "応")
    for key, article in world.articles.items():
        _write(article, {"a": "壱談", "b": "弐談", "shared": "壱知"}[key])
    owners = dict(zip(PERSONS, "参四五", strict=True))
    for role, person in world.people.items():
        document = registration.add_document(
            person,
            kind=Document.Kind.CV,
            name=f"{MARK}{owners[role]}人.csv",
            content=f"{MARK}{owners[role]}人,1\n".encode(),
            by=person.user,
        )
        files.scan_file(document.file_id)
        world.documents[role] = document
        # Towns read the strengths before the name is open: the name in them must be covered.
        _write(person, owners[role] + "人")
        viewed = {"viewer_body": "県", "viewer_role": "県", "scope": "name"}
        ProfileView.objects.create(
            specialist=person,
            viewer=world.users["coordinator"],
            purpose=MARK + owners[role] + "覧",
            **viewed,
        )
        _write(world.interests[role], owners[role] + "係")
        _write(world.rights[role], owners[role] + "請")
        if person.firm_id:
            _write(Firm.objects.get(pk=person.firm_id), owners[role] + "社")
    for role, user in world.users.items():
        if role in owners:
            _write_user(user, owners[role] + "人", role)
        elif role == MANAGER:
            _write_user(user, "六人", role)
        elif role in MUNICIPAL:
            _write_user(user, OWNER[TOWN_A if role.endswith("_a") else TOWN_B] + "人", role)


def _write(row: models.Model, room: str, *, leave: frozenset[str] | set[str] = frozenset()) -> None:
    values = {one.name: MARK + room for one in text_fields(type(row)) if one.name not in leave}
    if values:
        type(row)._default_manager.filter(pk=row.pk).update(**values)


def _write_user(user: User, room: str, role: str) -> None:
    email = f"{role}-{MARK}{room}@example.jp"
    User.objects.filter(pk=user.pk).update(name=MARK + room, email=email)
    EmailAddress.objects.filter(user=user).update(email=email)
