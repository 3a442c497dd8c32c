"""Staff leave and come back (April): a membership ends, the address is invited anew."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from municipalities.registry import invitations
from municipalities.registry.invitations import InvitationRefused
from municipalities.registry.memberships import EndRefused, end_membership
from municipalities.registry.models import Membership
from talentpool.audit.models import Event
from talentpool.users.models import User
from tests import factories as make

pytestmark = pytest.mark.django_db
ANSWERS = {
    "name": "後任 はるか",
    "password1": "kaki-no-furai-1987",
    "password2": "kaki-no-furai-1987",
}


@pytest.fixture(autouse=True)
def _one_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def current(user: User) -> Membership:
    return user.memberships.get(until=None)


def invite(email: str, by: User) -> str:
    """The address of the invitation's page."""
    town = make.make_town("343099")
    return invitations.invite(email=email, role="editor", municipality=town, by=by)[1]


def test_a_coordinator_ends_a_membership_by_the_page_and_the_sessions_end() -> None:
    editor, coordinator = make.make_editor(), make.make_coordinator()
    theirs, staff = client_of(editor), client_of(coordinator)
    assert theirs.get(reverse("town:home")).status_code == 200
    listed = staff.get(reverse("admin:registry_membership_changelist")).content.decode()
    page = reverse("admin:registry_membership_end", args=[current(editor).pk])
    assert page in listed
    assert editor.name in staff.get(page).content.decode()
    done = staff.post(page, follow=True)
    assert "所属を終えました" in done.content.decode()
    editor.refresh_from_db()
    assert not editor.is_active
    assert not editor.memberships.filter(until=None).exists()
    assert editor.memberships.count() == 1  # ended, not deleted
    assert not Session.objects.filter(session_key=theirs.session.session_key).exists()
    assert theirs.get(reverse("town:home")).status_code == 302
    assert Event.objects.filter(action="end_membership").count() == 1
    assert "すでに終わっています" in staff.post(page, follow=True).content.decode()
    left = staff.get(reverse("admin:registry_membership_changelist")).content.decode()
    assert page not in left


def test_nobody_ends_the_own_or_a_stronger_one() -> None:
    coordinator = make.make_coordinator()
    approver = make.make_member("prefectural_approver")
    for whose, words in ((coordinator, "ご自分の所属"), (approver, "強い役割")):
        with pytest.raises(EndRefused, match=words):
            end_membership(current(whose).pk, by=coordinator)
        assert current(whose)
    with pytest.raises(EndRefused, match="強い役割"):
        end_membership(current(coordinator).pk, by=make.make_member("auditor"))
    end_membership(current(coordinator).pk, by=approver)


def test_the_address_goes_to_a_new_account_and_the_old_one_keeps_its_name() -> None:
    editor, coordinator = make.make_editor(), make.make_coordinator()
    email, name = editor.email, editor.name
    EmailAddress.objects.get_or_create(user=editor, email=email, defaults={"verified": True})
    Authenticator.objects.create(user=editor, type="totp", data={"secret": "x"})
    with pytest.raises(InvitationRefused, match="すでに利用者"):
        invite(email, coordinator)
    end_membership(current(editor).pk, by=coordinator)
    path = invite(email, coordinator)
    assert Client().post(path, ANSWERS).status_code == 302
    fresh = User.objects.get(email=email)
    editor.refresh_from_db()
    assert fresh.pk != editor.pk
    assert (fresh.name, fresh.is_active) == ("後任 はるか", True)
    assert (editor.name, editor.is_active) == (name, False)
    assert editor.email.endswith(".invalid")
    assert current(fresh).municipality_id == "343099"
    assert list(EmailAddress.objects.filter(email=email).values_list("user", flat=True)) == [
        fresh.pk
    ]
    assert not Authenticator.objects.filter(user=editor).exists()  # nobody signs in with it
    assert Event.objects.filter(action="free_address").count() == 1


def test_the_address_of_a_person_of_the_pool_is_not_free() -> None:
    person = make.make_specialist().user
    assert person is not None
    with pytest.raises(InvitationRefused, match="すでに利用者"):
        invite(person.email, make.make_coordinator())


def test_an_open_link_lets_nobody_in_once_the_address_is_taken() -> None:
    editor, coordinator = make.make_editor(), make.make_coordinator()
    end_membership(current(editor).pk, by=coordinator)
    path = invite(editor.email, coordinator)
    again = Membership.objects.get(user=editor)
    again.until = None
    again.save()
    assert Client().post(path, ANSWERS).status_code == 404
    assert User.objects.filter(email=editor.email).get() == editor
