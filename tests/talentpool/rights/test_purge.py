"""B-06: what is past its term goes, what is within it stays; the dry run removes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from matching.engagements.models import BiddingBar, Engagement
from matching.proposals.application import Application
from matching.proposals.models import Bundle, Candidate, Proposal
from municipalities.registry.models import DealImport, Invitation, Membership
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.models.importing import VacancyImport
from municipalities.vacancies.models.subscription import Subscription
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.outbox.services import send_mail_later
from talentpool.privacy import retention
from talentpool.privacy.models import RetentionTerm
from talentpool.rights import services
from talentpool.rights.errors import Refused
from talentpool.rights.models import RightsRequest, ViewAlert
from talentpool.rights.services.purge import purge
from talentpool.specialists.models import (
    AvailabilitySignal,
    EntryTicket,
    FirmManager,
    LobbyingRecord,
    PeopleImport,
    ProfileView,
    Specialist,
    StatusChange,
    TopicDraft,
)
from talentpool.specialists.services import entry, vetting
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests import factories
from tests.municipalities.vacancies.objects import make_vacancy
from tests.talentpool.rights.conftest import Everything
from tests.talentpool.specialists.registering import link_in_mail

pytestmark = pytest.mark.django_db
Maker = Callable[[datetime, "Case"], Any]


class Case:
    """Whom the rows belong to."""

    def __init__(self, everything: Everything) -> None:
        self.by = User.objects.get(pk=everything.coordinator.pk)
        self.person = Specialist.objects.get(pk=everything.person)
        self.count = 0

    def new(self) -> int:
        self.count += 1
        return self.count


def subscription(ended: datetime, case: Case) -> Any:
    row = Subscription.objects.create(
        email=f"w{case.new()}@example.jp", token=str(case.count), consent="1"
    )
    Subscription.objects.filter(pk=row.pk).update(created_at=ended)
    return row


def session(ended: datetime, case: Case) -> Any:
    return Session.objects.create(
        session_key=f"key{case.new()}", session_data="", expire_date=ended
    )


def message(ended: datetime, case: Case) -> Any:
    return Message.objects.create(
        kind="mail",
        key=f"sample:{case.new()}",
        payload={},
        state="done",
        not_before=ended,
        finished_at=ended,
    )


def invitation(ended: datetime, case: Case) -> Any:
    return Invitation.objects.create(
        email=f"i{case.new()}@example.jp",
        role=Membership.Role.COORDINATOR,
        token_sha256=str(case.count),
        invited_at=ended - timedelta(days=3),
        expires_at=ended,
    )


def ticket(ended: datetime, case: Case) -> Any:
    return EntryTicket.objects.create(
        way="self",
        email=f"t{case.new()}@example.jp",
        token_sha256=str(case.count),
        sent_at=ended - timedelta(days=3),
        expires_at=ended,
    )


def finished_import(ended: datetime, case: Case) -> Any:
    return VacancyImport.objects.create(
        municipality=factories.make_town(),
        file_name="見本.xlsx",
        status=VacancyImport.Status.DISCARDED,
        created_by=case.by,
        finished_at=ended,
    )


def people_import(ended: datetime, case: Case) -> Any:
    return PeopleImport.objects.create(
        file_name="見本.xlsx", status="discarded", created_by=case.by, finished_at=ended
    )


def deal_import(ended: datetime, case: Case) -> Any:
    return DealImport.objects.create(
        kind="contracts",
        file_name="見本.xlsx",
        status="discarded",
        created_by=case.by,
        finished_at=ended,
    )


def closed_candidate(ended: datetime, case: Case) -> Any:
    signed = Bundle.objects.filter(specialist=case.person).values("engagement")
    of_signed = Proposal.objects.filter(candidates__bundle__engagement__in=signed)[0]
    need = factories.make_need("accepted")
    proposal = Proposal.objects.create(
        need=need,
        run=of_signed.run,
        status="closed",
        close_reason="budget",
        rank_due=ended.date(),
        closed_at=ended,
    )
    return Candidate.objects.create(
        proposal=proposal,
        specialist=case.person,
        position=1,
        half_days=2,
        score=1,
        status="unwanted",
    )


def application(ended: datetime, case: Case) -> Any:
    """By turns one that was refused, and one whose vacancy ended without an answer."""
    editor = factories.make_editor()
    refused = case.new() % 2 == 0
    vacancy = make_vacancy(
        "published" if refused else "closed",
        by=editor,
        population="22000",
        population_date="2020-01-01",
    )
    if not refused:
        Vacancy.objects.filter(pk=vacancy.pk).update(closed_at=ended)
    return Application.objects.create(
        specialist=case.person,
        vacancy=vacancy,
        message="よろしくお願いします。",
        status="refused" if refused else "sent",
        sent_at=ended - timedelta(days=30),
        answered_at=ended if refused else None,
        answered_by=editor if refused else None,
    )


def withdrawn_person(ended: datetime, case: Case) -> Any:
    """By turns one who left long before the term's end, and one whose step is not kept."""
    day = timezone.localdate(ended)
    if case.new() % 2:
        person = factories.make_specialist()
        vetting.withdraw(person, by=case.by)
        StatusChange.objects.filter(specialist=person).update(at=ended)
        return person
    return factories.make_specialist(
        status="withdrawn", registered_on=day - timedelta(days=9), registered_until=day
    )


def never_registered(verb: str, ended: datetime, case: Case) -> Specialist:
    """Somebody whose registration ended by `verb` before or after it was in force."""
    status = {"withdraw": "applied", "refuse": "under_review", "remove": "registered"}[verb]
    person = factories.make_specialist(status=status)
    if verb == "withdraw":
        Specialist.objects.filter(pk=person.pk).update(registered_on=None, registered_until=None)
        vetting.withdraw(person, by=case.by)
    else:
        vetting.decide(person, verb, reason="見本の理由", by=case.by)
    StatusChange.objects.filter(specialist=person).update(at=ended)
    return person


def abandoned_draft(ended: datetime, case: Case) -> Any:
    """By turns one that was only begun, and one that was sent back."""
    person = factories.make_specialist(
        status="draft", registered_on=None, registered_until=None, submitted_at=None
    )
    long_ago = ended - timedelta(days=90)
    User.objects.filter(pk=person.user_id).update(joined_at=long_ago, last_login=None)
    if case.new() % 2:
        User.objects.filter(pk=person.user_id).update(last_login=ended)
    else:
        step = StatusChange.objects.create(
            specialist=person, verb="send_back", before="applied", after="draft", reason="見本"
        )
        StatusChange.objects.filter(pk=step.pk).update(at=ended)
    return person


def unsaved_topic(ended: datetime, case: Case) -> Any:
    """Typed by staff for somebody."""
    row = TopicDraft.objects.create(
        specialist=case.person, user=case.by, topic=f"topic{case.new()}", typed="{}"
    )
    TopicDraft.objects.filter(pk=row.pk).update(saved_at=ended)
    return row


def unused_account(ended: datetime, case: Case) -> Any:
    """By turns one that was opened by mail and left, and a firm's manager who was ended."""
    kind = ["firm", "specialist"][case.new() % 2]
    user = create_account(email=f"u{case.count}@example.jp", name="見本", kind=kind, by=None)
    User.objects.filter(pk=user.pk).update(joined_at=ended - timedelta(days=9), last_login=ended)
    if kind == "firm":
        day = timezone.localdate(ended)
        FirmManager.objects.create(firm=case.person.firm, user=user, since=day, until=day)
    return user


def lobbying_record(ended: datetime, case: Case) -> Any:
    return LobbyingRecord.objects.create(
        happened_on=timezone.localdate(ended),
        requester="退職者",
        retired_on=timezone.localdate(ended) - timedelta(days=99),
        post="staff",
        duty="other",
        subject="見本",
        content="見本",
        recorded_by=case.by,
    )


def view(ended: datetime, case: Case) -> Any:
    row = ProfileView.objects.create(
        specialist=case.person, viewer=case.by, viewer_body="県", viewer_role="x", scope="name"
    )
    ProfileView.objects.filter(pk=row.pk).update(at=ended)
    return row


def sign_in_day(ended: datetime, case: Case) -> Any:
    return AvailabilitySignal.objects.create(specialist=case.person, kind="sign_in", at=ended)


def request(ended: datetime, case: Case) -> Any:
    kind = ["correction", "suspension"][case.new() % 2]
    row = services.file_request(case.person, kind=kind, by=case.by)
    day = timezone.localdate(ended)
    services.withdraw(row.pk, by=case.by)
    RightsRequest.objects.filter(pk=row.pk).update(received_on=day, due_on=day + timedelta(days=30))
    return row


def engagement(ended: datetime, case: Case) -> Any:
    need = factories.make_need("accepted", skill="SEC")
    factories.make_specialist(skills=["SEC"])
    proposals = factories.make_proposals(factories.make_run([need]), [need])
    row = factories.engagement_of(factories.make_bundle(proposals, "signed"))
    month = timezone.localdate(ended).replace(day=1)
    Engagement.objects.filter(pk=row.pk).update(first_month=month, last_month=month)
    return row


def view_alert(ended: datetime, case: Case) -> Any:
    row = ViewAlert.objects.create(
        viewer=case.by, day=timezone.localdate(ended), looking="named", people=9
    )
    ViewAlert.objects.filter(pk=row.pk).update(found_at=ended)
    return row


def held_bar(ended: datetime, case: Case) -> Any:
    Specialist.objects.filter(pk=case.person.pk).update(name="削除済み")
    day = timezone.localdate(ended)
    return BiddingBar.objects.create(
        engagement=Engagement.objects.get(specialist=case.person),
        municipality=case.person.base,
        corporate_number=f"{case.new():013}",
        name="会社",
        since=day - timedelta(days=9),
        until=day,
    )


MAKERS: dict[str, Maker] = {
    "unconfirmed_subscription": subscription,
    "expired_session": session,
    "sent_message": message,
    "ended_invitation": invitation,
    "finished_import": finished_import,
    "finished_people_import": people_import,
    "finished_deal_import": deal_import,
    "ended_ticket": ticket,
    "closed_candidate": closed_candidate,
    "ended_application": application,
    "withdrawn_person": withdrawn_person,
    "abandoned_draft": abandoned_draft,
    "unsaved_topic": unsaved_topic,
    "unused_account": unused_account,
    "lobbying_record": lobbying_record,
    "sign_in_day": sign_in_day,
    "profile_view": view,
    "view_alert": view_alert,
    "held_bar": held_bar,
    "rights_request": request,
    "ended_engagement": engagement,
}
MARGIN = {"ended_engagement": timedelta(days=40)}  # its end is a month


def is_gone(code: str, row: Any) -> bool:
    """Removed; a person is emptied instead, for engagements point at the row."""
    if code in {"withdrawn_person", "abandoned_draft"}:
        return bool(Specialist.objects.get(pk=row.pk).name == "削除済み")
    if code == "unused_account":
        return bool(User.objects.get(pk=row.pk).name == "削除済み")
    if code == "held_bar":
        return BiddingBar.objects.filter(pk=row.pk, name="削除済み").exists()
    return not type(row)._default_manager.filter(pk=row.pk).exists()


def test_every_term_is_carried_out_and_every_purge_has_a_term() -> None:
    codes = set(RetentionTerm.objects.values_list("code", flat=True))
    assert codes == retention.registered() == set(MAKERS)


@pytest.mark.parametrize("code", MAKERS)
def test_the_term_is_kept_to_the_day(code: str, everything: Everything) -> None:
    term = RetentionTerm.objects.get(code=code)
    now = timezone.now()
    cut = retention.ended_before(term, now)
    margin = MARGIN.get(code, timedelta(days=1, hours=1))
    case = Case(everything)
    old, young = MAKERS[code](cut - margin, case), MAKERS[code](cut + margin, case)
    report = {one.term.code: one.rows for one in purge(dry_run=True, now=now)}
    assert report[code] == 1
    assert not is_gone(code, old)
    done = {one.term.code: one.rows for one in purge(now=now)}
    assert done[code] == 1
    assert (is_gone(code, old), is_gone(code, young)) == (True, False)
    assert sum(one.rows for one in purge(now=now)) == 0
    event = Event.objects.filter(action="purge", object_id=code).get()
    assert event.detail == {"rows": 1}


@pytest.mark.parametrize("verb", ["withdraw", "refuse", "remove"])
def test_who_was_never_registered_or_was_removed_is_not_kept_for_ever(
    verb: str, everything: Everything
) -> None:
    case, now = Case(everything), timezone.now()
    cut = retention.ended_before(RetentionTerm.objects.get(code="withdrawn_person"), now)
    old = never_registered(verb, cut - timedelta(hours=1), case)
    young = never_registered(verb, cut + timedelta(hours=1), case)
    purge(now=now)
    assert (is_gone("withdrawn_person", old), is_gone("withdrawn_person", young)) == (True, False)


def test_a_note_among_the_steps_does_not_begin_the_term_anew(everything: Everything) -> None:
    """A tie that was taken out later is a step too, of somebody who had left long before."""
    case, now = Case(everything), timezone.now()
    cut = retention.ended_before(RetentionTerm.objects.get(code="withdrawn_person"), now)
    old = never_registered("withdraw", cut - timedelta(hours=1), case)
    StatusChange.objects.create(
        specialist=old, verb="remove_tie", before="withdrawn", after="withdrawn", reason="誤り"
    )
    purge(now=now)
    assert is_gone("withdrawn_person", old)


def test_an_engagement_stays_while_a_firm_is_barred_by_it(everything: Everything) -> None:
    """A term of bars that is longer than that of the record."""
    case, now = Case(everything), timezone.now()
    cut = retention.ended_before(RetentionTerm.objects.get(code="ended_engagement"), now)
    old = engagement(cut - timedelta(days=40), case)
    today = timezone.localdate()
    bar = BiddingBar.objects.create(
        engagement=old,
        municipality=case.person.base,
        corporate_number="1000020340006",
        name="会社",
        since=today - timedelta(days=900),
        until=today,
    )
    purge(now=now)
    assert not is_gone("ended_engagement", old)
    BiddingBar.objects.filter(pk=bar.pk).update(until=today - timedelta(days=1))
    purge(now=now)
    assert is_gone("ended_engagement", old)


def test_an_account_in_use_stays_and_one_that_is_not_leaves_nothing(
    everything: Everything,
) -> None:
    case, now = Case(everything), timezone.now()
    gone, speaks = (unused_account(now - timedelta(days=800), case) for _ in range(2))
    if gone.kind == "firm":
        gone, speaks = speaks, gone
    FirmManager.objects.filter(user=speaks).update(until=None)
    send_mail_later(to=gone.email, subject="見本", body="見本", key="sample:gone")
    purge(now=now)
    assert not is_gone("unused_account", speaks)
    gone.refresh_from_db()
    assert (gone.email, gone.is_active) == (f"erased-{gone.pk}@erased.invalid", False)
    assert not EmailAddress.objects.filter(user=gone).exists()
    assert not Message.objects.filter(key="sample:gone").exists()
    assert case.person.user is not None
    with pytest.raises(Refused):
        services.erase_account(case.person.user.pk, by=None)


def test_a_lobbying_record_stays_with_a_younger_correction(everything: Everything) -> None:
    case, now = Case(everything), timezone.now()
    cut = retention.ended_before(RetentionTerm.objects.get(code="lobbying_record"), now)
    first, second, third = (
        lobbying_record(cut + timedelta(days=days), case) for days in (-9, -9, 9)
    )
    LobbyingRecord.objects.filter(pk=second.pk).update(corrects=first)
    LobbyingRecord.objects.filter(pk=third.pk).update(corrects=second)
    purge(now=now)
    assert LobbyingRecord.objects.count() == 3 + 1  # and the person's own
    LobbyingRecord.objects.filter(pk=third.pk).update(happened_on=first.happened_on)
    purge(now=now)
    assert not LobbyingRecord.objects.filter(pk__in=[first.pk, second.pk, third.pk]).exists()


def test_a_draft_that_somebody_works_on_stays(everything: Everything) -> None:
    case, now = Case(everything), timezone.now()
    person, other = (abandoned_draft(now - timedelta(days=900), case) for _ in range(2))
    TopicDraft.objects.create(specialist=person, user=person.user, topic="basics", typed={})
    User.objects.filter(pk=other.user_id).update(last_login=now - timedelta(days=9))
    purge(now=now)
    assert not is_gone("abandoned_draft", person)
    assert not is_gone("abandoned_draft", other)


def test_the_mail_to_a_typed_address_goes_with_the_way_in(everything: Everything) -> None:
    entry.ask_for_entry("never-came@example.jp", as_firm=False)
    assert link_in_mail("never-came@example.jp")
    assert Message.objects.filter(payload__to="never-came@example.jp").exists()
    purge(now=timezone.now() + timedelta(days=30))
    assert not Message.objects.filter(payload__to="never-came@example.jp").exists()


def test_years_count_from_the_next_april() -> None:
    """sources.md 3.7: five years of a contract ended in March 2021 are over on 1 April 2026."""
    term = RetentionTerm(fiscal_years=5)
    zone = timezone.get_current_timezone()
    for now, first_kept in ((datetime(2026, 3, 31, 12), 2020), (datetime(2026, 4, 1, 12), 2021)):
        cut = retention.ended_before(term, now.replace(tzinfo=zone))
        assert (cut.year, cut.month, cut.day) == (first_kept, 4, 1)


def test_the_command_says_what_it_would_remove(everything: Everything) -> None:
    subscription(timezone.now() - timedelta(days=8), Case(everything))
    out = StringIO()
    call_command("purge", "--dry-run", stdout=out)
    text = out.getvalue()
    assert "1件  確認されなかった配信の申込み（7日" in text
    assert "[期間は未確認]" in text
    assert Subscription.objects.count() == 1
    call_command("purge", stdout=StringIO())
    assert Subscription.objects.count() == 0
