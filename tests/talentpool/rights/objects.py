"""A person with a row in every table, and a canary in every text about the person."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.totp.internal import auth as totp
from django.db import models
from django.utils import timezone

from matching.engagements.models import BiddingBar, SettledMonth
from matching.proposals.models import Bundle, RunPin
from matching.proposals.services import pinning
from talentpool.conventions.data_class import DataClass
from talentpool.outbox.services import send_mail_later
from talentpool.privacy.inventory import Table, tables_about_persons
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
from tests import factories, planting
from tests.planting import LATER, MARK, columns_with, fill_tables


def make_person_in_every_table(coordinator: User) -> Specialist:
    """A firm's member with an account, skills, days, a signed engagement, views, requests."""
    skill = "PRC"
    person = factories.make_specialist(skills=[skill], kind=Specialist.Kind.FIRM)
    need = factories.make_need("accepted", skill=skill, coordinator=coordinator)
    run = factories.make_run([need], by=coordinator)
    pin = pinning.pin_pair(run, need_id=need.pk, reason="wished", by=coordinator)
    RunPin.objects.create(run=run, pin=pin)
    proposals = factories.make_proposals(run, [need], by=coordinator)
    bundle = factories.make_bundle(proposals, "signed", by=coordinator)
    assert bundle.specialist_id == person.pk
    assert person.user is not None
    services.file_request(person, kind="disclosure", wish="写しがほしい", by=person.user)
    log_views([person.pk], viewer=coordinator, scope="name", purpose="登録内容")
    totp.TOTP.activate(person.user, totp.generate_totp_secret())
    address = EmailAddress.objects.get(user=person.user)
    EmailConfirmation.objects.create(email_address=address, key="k" * 20)
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
    fill_tables(person, by=coordinator)
    return person


def end_engagement(bundle: Bundle) -> None:
    """Let the person's engagement run out, as the years do."""
    past = timezone.localdate().replace(day=1) - timedelta(days=400)
    engagement = factories.engagement_of(bundle)
    month = past.replace(day=1)
    type(engagement).objects.filter(pk=engagement.pk).update(first_month=month, last_month=month)


def plant(person: Specialist) -> dict[str, tuple[str, str, DataClass]]:
    """Put another canary into every text of every row about the person that is no secret key;
    returns where each is."""
    numbers = count()
    classes = set(DataClass) - {DataClass.SECRET}

    def words(model: type[models.Model], table: Table, field: Any) -> str | None:
        is_text = planting.kind_of(field) not in {"day", "yen"}  # which name nobody
        return f"{MARK}{next(numbers):04}{MARK}" if is_text else None

    planted = planting.plant(person, words, classes)
    return {one.words: (one.label, one.field, one.data_class) for one in planted}


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


__all__ = ["LATER", "MARK", "columns_with"]
