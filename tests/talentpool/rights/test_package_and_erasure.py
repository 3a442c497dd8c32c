"""B-04: the package holds every canary about the person. B-05: an erasure leaves none outside the
legal-hold list, in no table of the database, and the audit chain stays whole."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.engagements.bars import barred_firms
from matching.engagements.models import BiddingBar
from matching.proposals.models import Bundle
from talentpool.audit.services import verify_chain
from talentpool.files.services import store
from talentpool.privacy import tombstones
from talentpool.privacy.inventory import rows_about, tables_about_persons
from talentpool.rights import services
from talentpool.rights.errors import Refused
from talentpool.rights.services.purge import purge
from talentpool.specialists.models import ConflictCase, EntryTicket, Specialist
from talentpool.specialists.services import entry
from talentpool.users.models import User
from tests import factories
from tests.talentpool.rights import objects

pytestmark = pytest.mark.django_db


# What may still tell of an erased person: numbers that the public record is kept under, and who
# looked at the person when.
LEGAL_HOLD = {
    ("specialists_specialist", "pool_number"),
    ("engagements_engagement", "number"),
    ("engagements_engagement", "end_document"),
    ("engagements_share", "document_number"),
    ("proposals_candidate", "blind_id"),
    ("proposals_candidate", "terms"),
    ("proposals_candidate", "told_less"),  # how the person was shown, without what
    ("rights_rightsrequest", "document_number"),
    ("specialists_consent", "text_sha256"),  # of the words agreed to
    ("proposals_application", "agreed_words"),
    ("specialists_statuschange", "verb"),
    ("specialists_statuschange", "before"),
    ("specialists_statuschange", "after"),
    ("specialists_lobbyingrecord", "subject"),  # 働きかけ: what was asked is a record by law
    ("specialists_lobbyingrecord", "answer"),
    ("specialists_profileview", "viewer_body"),
    ("specialists_profileview", "viewer_role"),
    ("specialists_profileview", "scope"),
    ("specialists_profileview", "purpose"),
    ("engagements_biddingbar", "name"),  # until the bar ends: see the test of it
}


def erase(person: Specialist, by: User) -> None:
    """The whole way: asked on paper, checked, decided, carried out."""
    request = services.file_request(person, kind="deletion", wish=objects.MARK + "消して", by=by)
    services.identify(request.pk, identity="document", by=by)
    services.decide(
        request.pk,
        decision="granted",
        reason="",
        document_number="見本第1号",
        decided_on=timezone.localdate(),
        by=by,
    )
    services.carry_out(request.pk, by=by)


def test_every_table_about_persons_is_tried(person: Specialist) -> None:
    """A new table wants a row in objects.make_person_in_every_table."""
    empty = [
        model._meta.label
        for model, table in tables_about_persons()
        if not rows_about(model, table, person.pk).exists()
    ]
    assert empty == []


def test_the_package_holds_every_canary(person: Specialist) -> None:
    planted = objects.plant(person)
    objects.send_something(person)
    person.refresh_from_db()
    text = services.package_json(person, to_review=True).decode()
    missing = {where for canary, where in planted.items() if canary not in text}
    assert missing == set()
    assert len(planted) >= 20
    records = json.loads(text)["記録"]
    assert records["専門人材"][0]["動ける曜日"] == "月火水木金", "words, no mask"
    assert {"専門人材", "閲覧記録", "監査記録", "送信箱", "シェア契約", "負担・配分"} <= set(
        records
    )


def test_the_package_names_no_member_of_staff_and_no_key(
    person: Specialist, coordinator: User
) -> None:
    User.objects.filter(pk=coordinator.pk).update(name="鵺職員")
    text = services.package_json(person, to_review=True).decode()
    assert "鵺職員" not in text
    assert "s" * 20 not in text  # the session key
    assert "k" * 20 not in text


def test_what_tells_of_a_procurement_is_looked_through_first(person: Specialist) -> None:
    """Only with a decision on disclosure: the evidence of a conflict may be a planned purchase."""
    ConflictCase.objects.filter(specialist=person).update(evidence="鵺調達")
    assert "鵺調達" in services.package_json(person, to_review=True).decode()
    own = services.package_json(person, to_review=False).decode()
    assert "鵺調達" not in own
    assert "開示の請求をしてください" in own
    assert "利益相反の確認" in own
    assert "適合点" not in own  # nor how a town ranks while it is deciding


def test_the_package_is_of_one_person_only(person: Specialist) -> None:
    other = factories.make_specialist()
    objects.plant(other)
    assert objects.MARK not in services.package_json(person, to_review=True).decode()


def test_after_an_erasure_no_canary_is_left_in_the_database(
    person: Specialist, coordinator: User
) -> None:
    objects.plant(person)
    objects.send_something(person)
    objects.ask_to_register(person)
    email = User.objects.get(specialist=person).email
    name = Specialist.objects.get(pk=person.pk).name
    objects.end_engagement(Bundle.objects.get(specialist=person))
    assert len(objects.columns_with(objects.MARK)) > 15  # the search sees them while they are there

    erase(person, coordinator)

    assert objects.columns_with(objects.MARK) - LEGAL_HOLD == set()
    assert objects.kept_columns() >= LEGAL_HOLD
    assert objects.columns_with(email) == set()
    assert objects.columns_with(name) == set()
    checked, broken = verify_chain()
    assert (checked > 0, broken) == (True, None)


def test_documents_are_in_the_package_and_go_with_their_bytes(
    person: Specialist,
    coordinator: User,
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """The media hold nothing of an erased person either."""
    settings.FILES_ROOT = tmp_path
    content = f"氏名,経歴\n{objects.MARK}太郎,更改\n".encode()
    with django_capture_on_commit_callbacks(execute=True):
        store(
            name=f"{objects.MARK}経歴.csv",
            content=content,
            room="specialists",
            holder=f"specialist:{person.pk}",
            by=coordinator,
        )
    objects.end_engagement(Bundle.objects.get(specialist=person))
    stored = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(objects.MARK in path.read_text() for path in stored)
    assert f"{objects.MARK}経歴.csv" in services.package_json(person, to_review=True).decode()
    with django_capture_on_commit_callbacks(execute=True):
        erase(person, coordinator)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert objects.columns_with(objects.MARK) == set()


def test_the_public_record_of_engagements_stays(person: Specialist, coordinator: User) -> None:
    bundle = Bundle.objects.get(specialist=person)
    objects.end_engagement(bundle)
    engagement = factories.engagement_of(bundle)
    before = (engagement.number, engagement.total_yen, engagement.shares.count())
    erase(person, coordinator)
    engagement.refresh_from_db()
    assert (engagement.number, engagement.total_yen, engagement.shares.count()) == before
    person.refresh_from_db()
    assert (person.pool_number[:2], person.name, person.user, person.firm, person.status) == (
        "H-",
        "削除済み",
        None,
        None,
        "withdrawn",
    )


def test_a_running_bar_holds_without_the_person_and_goes_when_it_ends(
    person: Specialist, coordinator: User
) -> None:
    """The firm stays out of the town's bidding to the last day, whoever it was that helped."""
    bar = BiddingBar.objects.get(engagement__specialist=person)
    town, last_day = bar.municipality, bar.until
    objects.end_engagement(Bundle.objects.get(specialist=person))
    erase(person, coordinator)
    assert [(firm.name, firm.until) for firm in barred_firms(town)] == [("会社", last_day)]
    purge()
    assert BiddingBar.objects.get(pk=bar.pk).name == "会社"
    past = last_day - timedelta(days=5)
    BiddingBar.objects.filter(pk=bar.pk).update(since=past, until=past)
    purge()
    bar.refresh_from_db()
    assert (bar.name, bar.corporate_number) == ("削除済み", f"e-{bar.pk}")


def test_who_was_erased_cannot_sign_in(person: Specialist, coordinator: User) -> None:
    account = person.user
    assert account is not None
    client = Client()
    client.force_login(account)
    assert client.get(reverse("specialist:rights")).status_code == 200
    objects.end_engagement(Bundle.objects.get(specialist=person))
    erase(person, coordinator)
    account.refresh_from_db()
    assert (account.is_active, account.has_usable_password()) == (False, False)
    assert client.get(reverse("specialist:rights")).status_code == 302


def test_a_tombstone_knows_the_person_and_nobody_can_read_it(
    person: Specialist, coordinator: User
) -> None:
    assert person.user is not None
    email, name, kana = person.user.email, person.name, person.kana
    objects.end_engagement(Bundle.objects.get(specialist=person))
    assert not tombstones.is_buried(email=email, name=name, kana=kana)
    erase(person, coordinator)
    assert tombstones.is_buried(email=email.upper())
    assert tombstones.is_buried(name=name.replace(" ", "　"), kana=kana)
    assert not tombstones.is_buried(name=name, kana="ベツ ジン")
    assert not tombstones.is_buried(email="other@example.jp")


def test_nobody_is_erased_while_an_engagement_is_going_on(
    person: Specialist, coordinator: User
) -> None:
    with pytest.raises(Refused, match="シェア契約が1件"):
        erase(person, coordinator)
    person.refresh_from_db()
    assert person.name != "削除済み"


def test_erasing_twice_changes_nothing_more(person: Specialist, coordinator: User) -> None:
    objects.end_engagement(Bundle.objects.get(specialist=person))
    erase(person, coordinator)
    assert services.erase_person(person.pk, by=coordinator) == {}


def test_who_was_entered_by_the_prefecture_is_erased_with_the_typed_address(
    coordinator: User,
) -> None:
    """Without an account: the mail with the way in, its address, and the mark against coming back.
    An address that is somebody's account stays that person's."""
    someone = factories.make_specialist().user
    assert someone is not None
    person = factories.make_specialist(user=None, status="applied")
    entry.send_claim(person, "stranger@example.jp", by=coordinator)  # a mistake in typing
    entry.send_claim(person, "nue@example.jp", by=coordinator)
    EntryTicket.objects.create(
        way="claim",
        status="used",
        ended_at=objects.LATER,
        specialist=person,
        email=someone.email,
        token_sha256="w" * 64,
        expires_at=objects.LATER,
    )
    assert services.subject_of(person).addresses == ("nue@example.jp",)
    assert "nue@example.jp" in services.package_json(person, to_review=True).decode()
    erase(person, coordinator)
    assert objects.columns_with("nue@example.jp") == set()
    assert objects.columns_with("stranger@example.jp") == set()
    assert tombstones.is_buried(email="nue@example.jp")
    assert not tombstones.is_buried(email="stranger@example.jp")
    assert not tombstones.is_buried(email=someone.email)
