"""Accounts of staff come by invitation only (A-10)."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from municipalities.registry import invitations
from municipalities.registry.invitations import MAY_INVITE, InvitationRefused
from municipalities.registry.models import Invitation, Membership
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.factories import make_coordinator, make_editor, make_member, make_town

Role = Membership.Role
PASSWORD = "kaki-no-furai-1987"
ANSWERS = {"name": "沖野 みどり", "password1": PASSWORD, "password2": PASSWORD}


def make_invitation(
    by: User | None = None, email: str = "new@town.lg.jp", code: str = "342157"
) -> tuple[Invitation, str]:
    """An open invitation of a town's editor, and the token of its link."""
    invitation, path = invitations.invite(
        email=email,
        role=Role.EDITOR,
        municipality=make_town(code),
        by=by or make_coordinator(),
    )
    return invitation, path.rstrip("/").rsplit("/", 1)[1]


def accept_page(token: str) -> str:
    return reverse("accept_invitation", args=[token])


@pytest.mark.django_db
def test_an_invited_person_registers_and_works_for_the_invited_town() -> None:
    invitation, token = make_invitation()
    client = Client()
    page = client.get(accept_page(token))
    assert page.status_code == 200
    assert "new@town.lg.jp" in page.content.decode()
    done = client.post(accept_page(token), ANSWERS)
    assert done.status_code == 302
    assert done["Location"] == reverse("account_login")
    user = User.objects.get(email="new@town.lg.jp")
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.municipality_id) == ("editor", "342157")
    assert user.check_password(PASSWORD)
    invitation.refresh_from_db()
    assert (invitation.status, invitation.account) == ("accepted", user)
    assert "_auth_user_id" not in client.session  # signing in, with its second factor, comes next


@pytest.mark.django_db
def test_what_the_form_adds_changes_nothing() -> None:
    """A tampered body, role, address or right in the form counts for nothing (A-16)."""
    _, token = make_invitation()
    make_town("343099")
    Client().post(
        accept_page(token),
        {
            **ANSWERS,
            "email": "other@town.lg.jp",
            "municipality": "343099",
            "role": "coordinator",
            "kind": "prefecture",
            "is_superuser": "1",
        },
    )
    membership = Membership.objects.get(user__email="new@town.lg.jp")
    assert (membership.role, membership.municipality_id) == ("editor", "342157")
    assert (membership.user.kind, membership.user.is_superuser) == ("municipality", False)
    assert not User.objects.filter(email="other@town.lg.jp").exists()


def test_only_the_hash_of_the_token_is_kept(db: None) -> None:
    invitation, token = make_invitation()
    assert token not in str(Invitation.objects.values().get())
    assert invitation.token_sha256 != token
    assert token not in str(list(Event.objects.values()))


@pytest.mark.django_db
def test_all_links_that_open_nothing_look_the_same() -> None:
    """A-08: unknown, used, revoked, replaced, expired: one page, byte for byte."""
    coordinator = make_coordinator()
    _, used = make_invitation(coordinator, "used@town.lg.jp")
    Client().post(accept_page(used), ANSWERS)
    revoked_row, revoked = make_invitation(coordinator, "revoked@town.lg.jp")
    invitations.revoke(revoked_row.pk, by=coordinator)
    _, replaced = make_invitation(coordinator, "again@town.lg.jp")
    make_invitation(coordinator, "again@town.lg.jp")
    late_row, late = make_invitation(coordinator, "late@town.lg.jp")
    _age(late_row)
    before = User.objects.count()
    for method in ("get", "post"):
        answers = [
            getattr(Client(), method)(accept_page(token), ANSWERS if method == "post" else {})
            for token in ("unknown", used, revoked, replaced, late)
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert all("no-store" in answer["Cache-Control"] for answer in answers)
    assert User.objects.count() == before


def _age(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(
        invited_at=timezone.now() - timedelta(hours=73), expires_at=timezone.now()
    )


@pytest.mark.django_db
def test_it_is_open_for_72_hours() -> None:
    invitation, _ = make_invitation()
    assert invitation.expires_at - invitation.invited_at == timedelta(hours=72)


@pytest.mark.django_db
@pytest.mark.parametrize("inviter", Role.values)
@pytest.mark.parametrize("role", Role.values)
def test_nobody_invites_above_the_own_role(inviter: str, role: str) -> None:
    town = make_town() if inviter in Membership.MUNICIPAL_ROLES else None
    by = make_member(inviter, town)
    body = make_town() if role in Membership.MUNICIPAL_ROLES else None
    if role in MAY_INVITE.get(inviter, ()):
        invitations.invite(email="x@town.lg.jp", role=role, municipality=body, by=by)
        assert Invitation.objects.get().role == role
        return
    with pytest.raises(InvitationRefused):
        invitations.invite(email="x@town.lg.jp", role=role, municipality=body, by=by)
    assert not Invitation.objects.exists()


def test_the_roles_that_each_may_invite() -> None:
    assert {str(role): sorted(given) for role, given in MAY_INVITE.items()} == {
        "coordinator": ["approver", "auditor", "coordinator", "editor"],
        "prefectural_approver": sorted(Role.values),
    }


@pytest.mark.django_db
def test_an_inviter_who_lost_the_right_lets_nobody_in() -> None:
    """A-18: what counts is the right at the moment of the acceptance."""
    coordinator = make_coordinator()
    _, token = make_invitation(coordinator)
    coordinator.memberships.update(until=timezone.localdate())
    assert Client().post(accept_page(token), ANSWERS).status_code == 404
    assert not User.objects.filter(email="new@town.lg.jp").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"name": ""}, "name"),
        ({"password1": "short"}, "password1"),
        ({"password1": "hiroshima2026"}, "password1"),
        ({"password2": "another-pass-phrase"}, "password2"),
    ],
)
def test_name_and_password_are_checked(answers: dict[str, str], field: str) -> None:
    _, token = make_invitation()
    page = Client().post(accept_page(token), {**ANSWERS, **answers})
    assert page.status_code == 200
    assert field in page.context["form"].errors
    assert PASSWORD not in page.content.decode()
    assert not User.objects.filter(email="new@town.lg.jp").exists()


@pytest.mark.django_db
def test_the_mail_has_the_link_and_no_name_and_goes_once() -> None:
    _, token = make_invitation()
    payload = Message.objects.get(kind="mail").payload
    assert payload["to"] == "new@town.lg.jp"
    assert accept_page(token) in payload["body"]
    assert "江田島市" not in payload["subject"] + payload["body"]


@pytest.mark.django_db
def test_an_address_with_an_account_is_not_invited() -> None:
    editor = make_editor()
    with pytest.raises(InvitationRefused, match="すでに利用者"):
        make_invitation(email=editor.email.upper())


@pytest.mark.django_db
class TestInTheAdmin:
    add = "admin:registry_invitation_add"
    listed = "admin:registry_invitation_changelist"

    @pytest.fixture(autouse=True)
    def _one_factor(self, settings: object) -> None:
        settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]

    def client_of(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def test_a_coordinator_invites(self) -> None:
        client = self.client_of(make_coordinator())
        make_town()
        done = client.post(
            reverse(self.add),
            {"email": "New@Town.LG.jp", "role": "editor", "municipality": "342157", "section": ""},
            follow=True,
        )
        assert done.status_code == 200
        invitation = Invitation.objects.get()
        assert (invitation.email, invitation.status) == ("new@town.lg.jp", "sent")
        assert "lg.jp、go.jp" not in done.content.decode()

    def test_another_domain_is_warned_of(self) -> None:
        client = self.client_of(make_coordinator())
        done = client.post(
            reverse(self.add), {"email": "a@example.com", "role": "coordinator"}, follow=True
        )
        assert "ドメイン(lg.jp、go.jp)ではありません" in done.content.decode()

    @pytest.mark.parametrize(
        "answers",
        [
            {"email": "a@town.lg.jp", "role": "editor"},
            {"email": "a@town.lg.jp", "role": "coordinator", "municipality": "342157"},
            {"email": "a@town.lg.jp", "role": "prefectural_approver"},
            {"email": "a@town.lg.jp", "role": "editor", "municipality": "131016"},
            {"email": "not an address", "role": "auditor"},
        ],
    )
    def test_what_does_not_fit_is_refused_on_the_page(self, answers: dict[str, str]) -> None:
        client = self.client_of(make_coordinator())
        make_town()
        page = client.post(reverse(self.add), answers)
        assert page.status_code == 200
        assert page.context["errors"]
        assert not Invitation.objects.exists()

    def test_taken_back_and_sent_anew_from_the_list(self) -> None:
        coordinator = make_coordinator()
        client = self.client_of(coordinator)
        first, first_token = make_invitation(coordinator)
        chosen = {"_selected_action": [first.pk], "action": "send_anew"}
        client.post(reverse(self.listed), chosen)
        first.refresh_from_db()
        second = Invitation.objects.get(status="sent")
        assert first.status == "replaced"
        assert invitations.find_open(first_token) is None
        client.post(reverse(self.listed), {"_selected_action": [second.pk], "action": "take_back"})
        second.refresh_from_db()
        assert second.status == "revoked"

    def test_an_auditor_reads_only(self) -> None:
        invitation, _ = make_invitation()
        client = self.client_of(make_member(Role.AUDITOR))
        assert client.get(reverse(self.listed)).status_code == 200
        assert client.post(reverse(self.add), {}).status_code == 403
        client.post(
            reverse(self.listed), {"_selected_action": [invitation.pk], "action": "take_back"}
        )
        invitation.refresh_from_db()
        assert invitation.status == "sent"

    def test_a_sent_invitation_cannot_be_edited(self) -> None:
        coordinator = make_coordinator()
        invitation, _ = make_invitation(coordinator)
        url = reverse("admin:registry_invitation_change", args=[invitation.pk])
        assert self.client_of(coordinator).get(url).status_code == 200
        answer = self.client_of(coordinator).post(url, {"role": "approver", "email": "b@b.lg.jp"})
        assert answer.status_code == 403
        invitation.refresh_from_db()
        assert (invitation.role, invitation.email) == ("editor", "new@town.lg.jp")


@pytest.mark.django_db
class TestFirstCoordinator:
    def test_the_command_prints_a_link_that_works_once(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("invite_first_coordinator", "chief@pref.lg.jp")
        path = capsys.readouterr().out.strip().removeprefix("http://localhost:8000")
        assert Client().post(path, ANSWERS).status_code == 302
        assert Membership.objects.get().role == "coordinator"
        assert Client().get(path).status_code == 404
        with pytest.raises(CommandError, match="already"):
            call_command("invite_first_coordinator", "second@pref.lg.jp")

    def test_the_first_approver_comes_the_same_way(self) -> None:
        make_coordinator()
        call_command("invite_first_coordinator", "head@pref.lg.jp", "--approver")
        assert Invitation.objects.get().role == "prefectural_approver"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("one_open_invitation_per_address", {"email": "new@town.lg.jp"}),
        ("invitation_email_is_lower_case", {"email": "New@town.lg.jp"}),
        ("municipal_invitation_has_municipality", {"municipality": None}),
        ("accepted_invitation_has_account", {"status": "accepted", "ended_at": timezone.now()}),
        ("ended_invitation_has_time", {"status": "revoked"}),
        ("invitation_expires_after_start", {"expires_at": timezone.now() - timedelta(days=9)}),
    ],
)
def test_the_database_refuses_what_must_never_be(
    constraint: str, values: dict[str, object]
) -> None:
    """A-24: with the services left out."""
    make_invitation()
    other, _ = make_invitation(email="other@town.lg.jp")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Invitation.objects.filter(pk=other.pk).update(**values)


class TestLifeCycle(TestCase):
    """Whatever happens in whatever order, a token opens only while its invitation is the newest,
    open and in time, and opens once."""

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.sampled_from(["invite", "revoke", "expire", "accept_old", "accept"])))
    def test_a_token_opens_once_and_only_the_newest(self, steps: list[str]) -> None:
        coordinator = make_coordinator()
        address = "life@town.lg.jp"
        tokens: list[str] = []
        openable: str | None = None
        accepted = False
        for step in steps:
            current = Invitation.objects.filter(email=address, status="sent").first()
            if step == "invite" and not accepted:
                tokens.append(make_invitation(coordinator, address)[1])
                openable = tokens[-1]
            elif step == "revoke" and current is not None:
                invitations.revoke(current.pk, by=coordinator)
                openable = None
            elif step == "expire" and current is not None:
                _age(current)
                openable = None
            elif step == "accept_old" and tokens:
                token = tokens[0]
                accepted |= self._accepts(token, expected=token == openable)
                openable = None if token == openable else openable
            elif step == "accept" and tokens:
                token = tokens[-1]
                accepted |= self._accepts(token, expected=token == openable)
                openable = None if token == openable else openable
        assert User.objects.filter(email=address).count() == int(accepted)

    def _accepts(self, token: str, *, expected: bool) -> bool:
        try:
            invitations.accept(token, name="見本", password=PASSWORD)
        except InvitationRefused:
            assert not expected
            return False
        assert expected
        return True
