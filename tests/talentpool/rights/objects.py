"""A person with a row in every table, and a canary in every text about the person."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from matching.engagements.models import BiddingBar, SettledMonth
from matching.proposals.models import Bundle
from municipalities.vacancies.models import Vacancy
from talentpool.conventions.data_class import DataClass
from talentpool.files.models import StoredFile
from talentpool.outbox.services import send_mail_later
from talentpool.privacy.inventory import Table, inventory, rows_about, tables_about_persons
from talentpool.rights import services
from talentpool.specialists.models import (
    AvailabilitySignal,
    ConflictCase,
    EntryTicket,
    Interest,
    InterestDeclaration,
    Pause,
    Specialist,
)
from talentpool.specialists.services import log_views
from talentpool.users.models import User
from tests import factories
from tests.municipalities.vacancies.objects import make_vacancy

MARK = "鵺"
LATER = datetime(2099, 1, 1, tzinfo=UTC)


def make_person_in_every_table(coordinator: User) -> Specialist:
    """A firm's member with an account, skills, days, a signed engagement, views, requests."""
    skill = "PRC"
    person = factories.make_specialist(skills=[skill], kind=Specialist.Kind.FIRM)
    need = factories.make_need("accepted", skill=skill, coordinator=coordinator)
    proposals = factories.make_proposals(
        factories.make_run([need], by=coordinator), [need], by=coordinator
    )
    bundle = factories.make_bundle(proposals, "signed", by=coordinator)
    assert bundle.specialist_id == person.pk
    assert person.user is not None
    services.file_request(person, kind="disclosure", wish="写しがほしい", by=person.user)
    log_views([person.pk], viewer=coordinator, scope="name", purpose="登録内容")
    totp.TOTP.activate(person.user, totp.generate_totp_secret())
    address = EmailAddress.objects.get(user=person.user)
    EmailConfirmation.objects.create(email_address=address, key="k" * 20)
    UserSession.objects.create(
        user=person.user, ip="192.0.2.1", session_key="s" * 32, user_agent="見本"
    )
    Pause.objects.create(
        specialist=person, first_month=date(2030, 4, 1), last_month=date(2030, 5, 1)
    )
    AvailabilitySignal.objects.create(
        specialist=person, kind=AvailabilitySignal.Kind.values[0], at=timezone.now()
    )
    today = timezone.localdate()
    Interest.objects.create(
        specialist=person, kind="client", corporate_number="1000020340006", name="会社"
    )
    InterestDeclaration.objects.create(specialist=person, fiscal_year=2026, content=[])
    person.profile_changes.create(kind="added", skill_id=skill, after=4)
    ConflictCase.objects.create(
        specialist=person,
        municipality_id=need.municipality_id,
        key="K9:client:1",
        rule="K9",
        result="measures",
        evidence="根拠",
        found_on=today,
    )
    BiddingBar.objects.get_or_create(
        engagement=factories.engagement_of(bundle),
        municipality_id=need.municipality_id,
        corporate_number="1000020340006",
        defaults={"name": "会社", "since": today, "until": today},
    )
    SettledMonth.objects.create(
        specialist=person,
        month=today.replace(day=1),
        declared=1,
        booked=2,
        note="日数を減らすことで合意",
        settled_by=coordinator,
    )
    _fill_other_tables(person)
    return person


def _fill_other_tables(person: Specialist) -> None:
    """A row in each further table that points at the person, of the simplest kind."""
    for model, table in tables_about_persons():
        if table.person != "specialist" or rows_about(model, table, person.pk).exists():
            continue
        values = {
            one.name: _simple_value(one)
            for one in model._meta.concrete_fields
            if not one.primary_key and one.name != "specialist" and not one.null
        }
        if "way" in values:
            values |= {"way": "claim", "email": "claim@example.jp", "expires_at": LATER}
        if "code" in values:
            values["code"] = ""  # a certificate has a code or a name, not both
        if "agreed_words" in values:
            values["agreed_at"] = timezone.now()
        if "file" in values:
            values["file"] = _file_of(person)
        with suppress(IntegrityError), transaction.atomic():
            # What is not made here is named by test_every_table_about_persons_is_tried.
            model._base_manager.create(specialist=person, **values)


def _simple_value(one: Any) -> Any:
    """Something that the column takes."""
    if one.choices:
        return one.choices[0][0]
    if one.has_default():
        return one.get_default()
    if one.is_relation and one.related_model is Vacancy:
        return make_vacancy(by=factories.make_editor())
    if one.is_relation:
        return one.related_model._base_manager.order_by("pk").first()
    if isinstance(one, models.DateTimeField):
        return timezone.now()
    if isinstance(one, models.DateField):
        return timezone.localdate()
    if isinstance(one, models.BooleanField):
        return False
    if isinstance(one, models.IntegerField):
        return 1
    return "値"[: one.max_length]


def _file_of(person: Specialist) -> StoredFile:
    return StoredFile.objects.create(
        room="specialists",
        holder=f"specialist:{person.pk}",
        name="経歴.csv",
        kind=StoredFile.Kind.CSV,
        size=1,
        sha256="0" * 64,
        state=StoredFile.State.DELETED,
        uploaded_by_id=person.user_id,
    )


def end_engagement(bundle: Bundle) -> None:
    """Let the person's engagement run out, as the years do."""
    past = timezone.localdate().replace(day=1) - timedelta(days=400)
    engagement = factories.engagement_of(bundle)
    month = past.replace(day=1)
    type(engagement).objects.filter(pk=engagement.pk).update(first_month=month, last_month=month)


def canary_fields(model: type[models.Model], table: Table) -> list[Any]:
    """Columns that can hold a canary and that are not secret keys."""
    return [
        model._meta.get_field(name)
        for name, data_class in table.named()
        if data_class != DataClass.SECRET
        and isinstance(
            field := model._meta.get_field(name),
            models.CharField | models.TextField | models.JSONField,
        )
        and not field.choices
        and name not in {"corporate_number", "code"}  # with a form of their own
        and (getattr(field, "max_length", None) or 99) >= 6
    ]


def tables_with_persons() -> list[tuple[type[models.Model], Table]]:
    """Those that the inventory lists, and every other table that points straight at a person: what
    the code forgets must not be forgotten here too."""
    listed = dict(tables_about_persons())
    for model in apps.get_models():
        table = inventory().get(model._meta.label, Table())
        for one in model._meta.local_fields:
            if one.related_model is Specialist and not table.not_about and model not in listed:
                listed[model] = replace(table, person=one.name)
    return list(listed.items())


def plant(person: Specialist) -> dict[str, tuple[str, str, DataClass]]:
    """Put another canary into every text of every row about the person; returns where each is."""
    planted: dict[str, tuple[str, str, DataClass]] = {}
    # The search's entries last: triggers write them anew whenever the person changes.
    tables = sorted(tables_with_persons(), key=lambda pair: pair[0]._meta.app_label == "pool")
    for model, table in tables:
        for row in rows_about(model, table, person.pk):
            values: dict[str, Any] = {}
            for field in canary_fields(model, table):
                canary = f"{MARK}{len(planted):04}{MARK}"
                planted[canary] = (model._meta.label, field.name, table.classes()[field.name])
                values[field.name] = _shaped(field, canary)
            if values:
                model._base_manager.filter(pk=row.pk).update(**values)
    return planted


def _shaped(field: Any, canary: str) -> Any:
    if isinstance(field, models.JSONField):
        return [[canary, 1]]
    if isinstance(field, models.EmailField):
        return f"{canary}@example.jp"
    return canary


def ask_to_register(person: Specialist) -> None:
    """The way in that the person came by: a ticket that knows the address only."""
    EntryTicket.objects.create(
        way="self",
        email=User.objects.get(specialist=person).email,
        token_sha256="t" * 64,
        expires_at=LATER,
    )


def send_something(person: Specialist) -> None:
    """A mail to the person that has not left yet."""
    user = User.objects.get(specialist=person)
    send_mail_later(to=user.email, subject="見本", body="見本", key=f"sample:{person.pk}")


def columns_with(text: str) -> set[tuple[str, str]]:
    """Every column of every table of the database in which `text` stands, whatever its type."""
    found: set[tuple[str, str]] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema()"
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT 1 FROM "{table}" WHERE "{column}"::text LIKE %s LIMIT 1', [f"%{text}%"]
            )
            if cursor.fetchone():
                found.add((table, column))
    return found


def kept_columns() -> set[tuple[str, str]]:
    """The legal-hold list: what the inventory keeps of a person's rows as the public record, or
    until a day."""
    return {
        (model._meta.db_table, model._meta.get_field(name).column)
        for model, table in tables_about_persons()
        if not table.delete
        for name, data_class in table.named()
        if (data_class in {DataClass.PUBLIC, DataClass.INTERNAL} or table.held_until)
        and (name not in table.erased or table.held_until)
        and not model._meta.get_field(name).many_to_many
    }
