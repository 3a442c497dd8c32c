"""One way in, with a second factor, for a limited time (A-04 to A-09, 3.7.2)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership
from talentpool.users.models import User
from tests.access.accounts import (
    LOGIN,
    ROLES,
    account_in,
    is_signed_in,
    log_in,
    queued_mails,
    signed_in,
)
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


# --- One way in (A-05, A-08) -------------------------------------------------------------
@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/admin/login/?next=/admin/"])
@pytest.mark.parametrize("names", [("username", "password"), ("login", "password")])
def test_the_admins_own_form_lets_nobody_in(path: str, names: tuple[str, str]) -> None:
    """A-05: the right password sent to the admin does not sign in."""
    user = account_in("coordinator")
    client = Client()
    answer = client.post(path, {names[0]: user.email, names[1]: PASSWORD, "next": "/admin/"})
    assert answer.status_code == 302
    assert answer["Location"].startswith((LOGIN, "/admin/login/"))
    assert not is_signed_in(client)
    assert "password" not in client.get("/admin/login/").content.decode()


def test_a_superuser_without_a_role_has_no_admin() -> None:
    """Django's own flag opens nothing: what counts is the membership."""
    user = User.objects.create_superuser("root@example.jp", PASSWORD, name="見本 管理者")
    totp.TOTP.activate(user, totp.generate_totp_secret())
    assert signed_in(user).get("/admin/").status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up(method: str) -> None:
    fields = {"email": "new@example.jp", "password1": PASSWORD, "password2": PASSWORD}
    answer = getattr(Client(), method)("/account/signup/", fields if method == "post" else {})
    assert "招待" in answer.content.decode()
    assert not User.objects.filter(email="new@example.jp").exists()


def _stripped(answer: Any, email: str) -> tuple[int, str, str]:
    body = answer.content.decode().replace(email, "")
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
    return answer.status_code, answer.get("Location", ""), body


@pytest.mark.parametrize("state", ["active", "disabled", "no password"])
def test_a_sign_in_does_not_tell_who_exists(state: str) -> None:
    """A-08: wrong password, disabled account, account without password and unknown address: one
    answer, and the same length of address so that nothing else differs."""
    user = account_in("specialist")
    if state == "disabled":
        User.objects.filter(pk=user.pk).update(is_active=False)
    if state == "no password":
        user.set_unusable_password()
        user.save()
    known = log_in(Client(), user, password="wrong-pass-phrase-9")
    unknown_address = "x" * (len(user.email) - 11) + "@example.jp"
    unknown = Client().post(LOGIN, {"login": unknown_address, "password": "wrong-pass-phrase-9"})
    assert _stripped(known, user.email) == _stripped(unknown, unknown_address)


def test_a_reset_does_not_tell_who_exists() -> None:
    user = account_in("specialist")
    url = "/account/password/reset/"
    answers = [
        Client().post(url, {"email": address}, follow=True)
        for address in (user.email, "nobody@example.jp")
    ]
    bodies = [_stripped(answer, "") for answer in answers]
    assert bodies[0] == bodies[1]
    assert [one.redirect_chain for one in answers] == [answers[0].redirect_chain] * 2
    assert len(queued_mails()) == 2  # the one tells how, the other that there is no account


# --- Second factor (A-06, A-07) ----------------------------------------------------------
@pytest.mark.parametrize("enrolled", [True, False])
@pytest.mark.parametrize("role", ROLES)
def test_staff_open_nothing_without_a_second_factor(
    role: str, enrolled: bool, settings: Any
) -> None:
    """A-06: role × enrolled × pages."""
    assert settings.SECOND_FACTOR_REQUIRED is True
    user = account_in(role)
    if enrolled:
        totp.TOTP.activate(user, totp.generate_totp_secret())
    client = signed_in(user)
    must_enrol = role in Membership.Role.values and not enrolled
    for path in ["/home/", "/town/", "/town/needs/", "/admin/", "/admin/desk/consultation/", "/"]:
        answer = client.get(path)
        is_sent = answer.status_code == 302 and answer["Location"] == reverse("mfa_index")
        assert is_sent == must_enrol, path
    assert client.get(reverse("mfa_index")).status_code == 200
    answer = client.post("/town/needs/new/", {"title": "x"})
    assert (answer.status_code == 302 and answer["Location"] == reverse("mfa_index")) == must_enrol


def test_the_first_factor_alone_is_no_session() -> None:
    """Between password and code nothing is open."""
    user = account_in("coordinator")
    totp.TOTP.activate(user, totp.generate_totp_secret())
    client = Client()
    answer = log_in(client, user)
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_signed_in(client)
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/home/")["Location"].startswith(LOGIN)


def test_a_code_works_once() -> None:
    """A-07: the same code a second time, within its half minute, lets nobody in."""
    cache.clear()
    user = account_in("coordinator")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    code = totp.format_hotp_value(
        totp.hotp_value(secret, totp.yield_hotp_counters_from_time().__next__())
    )
    outcomes = []
    for _ in range(2):
        client = Client()
        log_in(client, user)
        client.post(reverse("mfa_authenticate"), {"code": code})
        outcomes.append(is_signed_in(client))
    assert outcomes == [True, False]


def test_a_reset_password_leaves_the_second_factor() -> None:
    """A-07: the mail replaces the password, not the factor."""
    user = account_in("editor")
    totp.TOTP.activate(user, totp.generate_totp_secret())
    client = Client()
    client.post("/account/password/reset/", {"email": user.email})
    path = re.search(r"https?://[^/\s]+(/\S+)", queued_mails()[-1]["body"])
    assert path is not None
    form = client.get(path[1], follow=True)
    new = "setouchi-no-umi-1987"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)
    assert is_mfa_enabled(user)
    assert not is_signed_in(client)


def test_a_factor_is_not_taken_off_without_asking_again() -> None:
    """Re-authentication before a change of factors, and a mail about it."""
    user = account_in("specialist")
    totp.TOTP.activate(user, totp.generate_totp_secret())
    client = signed_in(user)
    answer = client.post(reverse("mfa_deactivate_totp"))
    assert "reauthenticate" in answer["Location"]
    assert is_mfa_enabled(user)


# --- Sessions (A-04) ---------------------------------------------------------------------
def age_session(client: Client, **ages: timedelta) -> None:
    """Move the session's clock back: seen_at, started_at."""
    session = client.session
    for name, age in ages.items():
        session[name] = (timezone.now() - age).timestamp()
    session.save()


@pytest.mark.parametrize(
    ("role", "idle_minutes", "ends"),
    [
        ("editor", 29, False),
        ("editor", 31, True),
        ("coordinator", 29, False),
        ("coordinator", 31, True),
        ("specialist", 119, False),
        ("specialist", 121, True),
    ],
)
def test_an_idle_session_ends(role: str, idle_minutes: int, ends: bool, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client = signed_in(account_in(role))
    client.get("/home/")
    age_session(client, seen_at=timedelta(minutes=idle_minutes))
    answer = client.get("/home/")
    assert answer["Location"].startswith(LOGIN) == ends
    if ends:  # the sign-in page says why, once
        assert "サインインが切れました" in client.get(LOGIN).content.decode()
        assert "サインインが切れました" not in client.get(LOGIN).content.decode()
    assert is_signed_in(client) != ends


def test_what_was_typed_survives_the_end_of_the_session() -> None:
    """For the same person, on the form's page, until the form has been sent (A-04)."""
    client, other = signed_in(account_in("editor")), account_in("specialist")
    settings_path = reverse("account_settings")
    client.get(settings_path)
    age_session(client, seen_at=timedelta(minutes=31))
    typed = {"answer": "長い回答の本文です", "password": "kept-nowhere", "csrfmiddlewaretoken": "x"}
    assert client.post(settings_path, typed)["Location"].startswith(LOGIN)
    assert "kept-nowhere" not in str(dict(client.session))
    client.force_login(other)
    assert "長い回答" not in client.get(settings_path).content.decode()


def test_the_typed_text_is_shown_to_its_writer_until_it_is_sent(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    user = account_in("editor")
    client = signed_in(user)
    path = reverse("town:need_create")
    client.get(path)
    age_session(client, seen_at=timedelta(minutes=31))
    client.post(path, {"title": "長い題名の案件"})
    client.force_login(user)
    assert "長い題名の案件" not in client.get("/town/").content.decode()
    for _ in range(2):
        assert "長い題名の案件" in client.get(path).content.decode()
    client.post(path, {"title": ""})
    assert "長い題名の案件" not in client.get(path).content.decode()


def test_a_form_with_a_stale_token_keeps_its_text(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client(enforce_csrf_checks=True)
    client.force_login(account_in("editor"))
    path = reverse("town:need_create")
    answer = client.post(path, {"title": "長い題名の案件", "csrfmiddlewaretoken": "stale"})
    assert answer.status_code == 403
    assert f'href="{path}"' in answer.content.decode()
    assert "長い題名の案件" in client.get(path).content.decode()


@pytest.mark.parametrize(("hours", "ends"), [(11.9, False), (12.1, True)])
def test_no_session_is_longer_than_half_a_day(hours: float, ends: bool) -> None:
    client = signed_in(account_in("specialist"))
    client.get("/home/")
    age_session(client, started_at=timedelta(hours=hours), seen_at=timedelta(seconds=1))
    assert client.get("/home/")["Location"].startswith(LOGIN) == ends


def test_using_the_portal_keeps_a_session() -> None:
    client = signed_in(account_in("specialist"))
    for _ in range(4):
        client.get("/home/")
        age_session(client, seen_at=timedelta(minutes=100))
    assert not client.get("/home/")["Location"].startswith(LOGIN)


def test_the_list_of_sessions_is_written_once_a_minute() -> None:
    client = signed_in(account_in("specialist"))
    client.get("/home/")
    before = UserSession.objects.values_list("last_seen_at", flat=True).get()
    client.get("/home/")
    assert UserSession.objects.values_list("last_seen_at", flat=True).get() == before
    age_session(client, seen_at=timedelta(seconds=61))
    client.get("/home/")
    assert UserSession.objects.values_list("last_seen_at", flat=True).get() > before


def test_signing_in_makes_a_new_session_key() -> None:
    cache.clear()
    user = account_in("specialist")
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key or ""
    client.cookies["sessionid"] = before
    log_in(client, user)
    assert is_signed_in(client)
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


def test_a_disabled_account_gets_not_one_more_page() -> None:
    user = account_in("specialist")
    client = signed_in(user)
    assert client.get("/specialist/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/specialist/")["Location"].startswith(LOGIN)


def test_a_changed_password_ends_the_other_sessions() -> None:
    user = account_in("specialist")
    client = signed_in(user)
    assert client.get("/specialist/").status_code == 200
    user.set_password("setouchi-no-umi-1987")
    user.save()
    assert client.get("/specialist/")["Location"].startswith(LOGIN)


def test_signed_in_pages_are_kept_nowhere() -> None:
    """ASVS 14.3.2."""
    client = signed_in(account_in("specialist"))
    for path in ["/specialist/", "/", "/help/", "/no-such-page/", "/account/settings/"]:
        assert client.get(path)["Cache-Control"] == "no-store", path


# --- Where a sign-in leads (3.7.2) -------------------------------------------------------
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "http:evil.example",
    "http:///evil.example",
    "https:/evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//evil.example/%2f..",
    "/%09/evil.example",
    "\thttps://evil.example",
    " https://evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "http://evil.example\\@testserver/",
    "//[::1]evil.example",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_sign_in_leads_nowhere_else(target: str) -> None:
    cache.clear()
    user = account_in("specialist")
    client = Client()
    answer = client.post(LOGIN, {"login": user.email, "password": PASSWORD, "next": target})
    assert is_signed_in(client)
    location = answer["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil" not in location or location.startswith("/%09")
    through_admin = Client().get("/admin/login/", {"next": target})["Location"]
    assert through_admin.startswith(LOGIN)


# --- Rate limits (A-09) ------------------------------------------------------------------
def test_wrong_passwords_are_limited_across_processes(settings: Any) -> None:
    """The count is in the shared cache, so that every web process knows it; another account of the
    same house can still sign in from elsewhere, and a forged X-Forwarded-For changes nothing."""
    from allauth.account import app_settings

    assert settings.CACHES["default"]["BACKEND"].endswith("RedisCache")
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key"}
    assert app_settings.RATE_LIMITS["login_failed"] == "5/5m/key"
    cache.clear()
    user = account_in("specialist")
    for number in range(5):
        answer = Client().post(
            LOGIN,
            {"login": user.email, "password": f"wrong-{number}"},
            headers={"x-forwarded-for": f"198.51.100.{number}"},
        )
        assert answer.status_code == 200
    client = Client()
    answer = log_in(client, user)
    assert not is_signed_in(client)
    assert answer.context["form"].errors
    other = Client()
    log_in(other, account_in("specialist"))
    assert is_signed_in(other)
    cache.clear()
    late = Client()
    log_in(late, user)
    assert is_signed_in(late)


def test_a_burst_of_resets_is_told_when_to_come_back(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "3/m/ip"}
    cache.clear()
    codes = [
        Client().post("/account/password/reset/", {"email": f"a{number}@example.jp"}).status_code
        for number in range(5)
    ]
    cache.clear()
    assert codes == [302, 302, 302, 429, 429]


def test_an_address_is_proved_by_its_invitation() -> None:
    user = account_in("editor")
    assert EmailAddress.objects.get(user=user).verified
