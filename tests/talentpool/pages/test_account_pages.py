"""Sign-in, second factor, sessions and mail in the portal's words."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.users.models import User
from tests.access.accounts import queued_mails
from tests.talentpool.pages.conftest import PASSWORD

pytestmark = pytest.mark.django_db

SIGNED_OUT = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_inactive",
    "account_email_verification_sent",
]
SIGNED_IN = [
    "account_settings",
    "account_logout",
    "account_change_password",
    "account_email",
    "account_reauthenticate",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_activate_totp",
    "mfa_generate_recovery_codes",
    "usersessions_list",
]
# Words that may stand in a Japanese page as they are.
LATIN = {"IP", "L", "JavaScript", "Cookie"}


def words_of(html: str) -> str:
    """What is read on the page, without its markup, scripts and values."""
    body = re.sub(r"<(script|head)\b.*?</\1>", "", html, flags=re.S)
    return re.sub(r"<[^>]+>", " ", body)


def sign_in(user: User) -> Client:
    """Through the forms: signed in, and asked for the password again just now."""
    client = Client()
    response = client.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": "/help/"}
    )
    assert response.status_code == 302
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.mark.parametrize("name", SIGNED_OUT)
def test_pages_for_strangers_are_japanese(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert set(re.findall(r"[A-Za-z]+", words_of(response.content.decode()))) <= LATIN


@pytest.mark.parametrize("name", SIGNED_IN)
def test_pages_for_users_are_japanese(specialist: User, name: str) -> None:
    response = sign_in(specialist).get(reverse(name), follow=True)
    html = response.content.decode()
    text = words_of(html).replace(specialist.email, "")
    secret = re.search(r"<code>(\w+)</code>", html)
    text = text.replace(secret[1], "") if secret else text
    assert response.status_code == 200
    assert set(re.findall(r"[A-Za-z]+", text)) <= LATIN


def test_nobody_signs_up_alone(client: Client) -> None:
    html = client.get(reverse("account_signup")).content.decode()
    assert "利用者の登録は、招待で行います" in html
    assert "<form" not in html
    assert reverse("account_signup") not in client.get(reverse("account_login")).content.decode()


def test_a_wrong_password_is_said_without_saying_who_exists(
    specialist: User, client: Client
) -> None:
    def answer(email: str) -> str:
        html = client.post(
            reverse("account_login"), {"login": email, "password": "wrong"}
        ).content.decode()
        html = html.replace(email, "")
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)

    assert answer(specialist.email) == answer("nobody@pool.example.jp")
    assert "入力されたメールアドレスもしくはパスワードが正しくありません。" in answer(
        specialist.email
    )


def test_the_passkey_is_offered_with_its_script_from_our_own_files(client: Client) -> None:
    html = client.get(reverse("account_login")).content.decode()
    assert 'id="passkey_login"' in html
    assert re.search(r'id="passkey-error" role="alert" tabindex="-1" hidden', html)
    assert all(src.startswith("/static/") for src in re.findall(r'<script[^>]+src="(.*?)"', html))


def test_a_forgotten_password_is_set_anew_by_mail(specialist: User, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": specialist.email})
    [message] = queued_mails()
    assert message["subject"] == "【ひろしま情報人材プール】パスワードの決め直し"
    assert message["to"] == specialist.email
    assert "広島県 総務局" in message["body"]
    [link] = re.findall(r"http://testserver(\S+)", message["body"])
    form_page = client.get(link, follow=True)
    action = form_page.redirect_chain[-1][0]
    new = "another-long-pass-phrase-8"
    done = client.post(action, {"password1": new, "password2": new}, follow=True)
    assert "パスワードを変えました" in done.content.decode()
    specialist.refresh_from_db()
    assert specialist.check_password(new)
    assert "リンクが使えません" in client.get(link, follow=True).content.decode()


def test_a_mail_server_that_is_down_keeps_nobody_from_asking(
    specialist: User, client: Client, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    answer = client.post(reverse("account_reset_password"), {"email": specialist.email})
    assert answer.status_code == 302
    assert len(queued_mails()) == 1


def test_an_unknown_address_gets_a_mail_without_a_way_to_sign_up(client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": "nobody@pool.example.jp"})
    [message] = queued_mails()
    assert "登録された利用者がいません" in message["body"]
    assert "http" not in message["body"]


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("account/email/password_changed", {}),
        ("account/email/password_set", {}),
        ("account/email/password_reset", {}),
        ("account/email/password_reset_key", {"password_reset_url": "https://x.example/"}),
        ("account/email/unknown_account", {"signup_url": "https://x.example/signup"}),
        ("account/email/email_confirmation", {"activate_url": "https://x.example/"}),
        ("account/email/email_changed", {"from_email": "a", "to_email": "b"}),
        ("account/email/email_confirm", {}),
        ("account/email/email_deleted", {"deleted_email": "a"}),
        ("mfa/email/totp_activated", {}),
        ("mfa/email/totp_deactivated", {}),
        ("mfa/email/webauthn_added", {}),
        ("mfa/email/webauthn_removed", {}),
        ("mfa/email/recovery_codes_generated", {}),
    ],
)
def test_mail_is_short_plain_japanese(name: str, context: dict[str, Any], rf: Any) -> None:
    """Subject at most 30 letters with the name of the service; plain text only (C-19, B-13)."""
    about = {"ip": "192.0.2.1", "user_agent": "Firefox", "timestamp": timezone.now(), **context}
    with request_context(rf.get("/")):
        message = account_adapter().render_mail(name, "a@pool.example.jp", about)
    assert message.subject.startswith("【ひろしま情報人材プール】")
    assert len(message.subject) <= 30
    assert getattr(message, "alternatives", []) == []
    assert "ひろしま情報人材プール" in message.body
    assert "signup" not in message.body
    assert not re.search(r"\b(the|you|your|from|was)\b", message.body)


def test_a_changed_password_is_told_by_mail(specialist: User) -> None:
    new = "another-long-pass-phrase-8"
    sign_in(specialist).post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    [message] = queued_mails()
    assert message["subject"] == "【ひろしま情報人材プール】パスワード変更のお知らせ"
    assert re.search(r"日時：令和\d+年\d+月\d+日 \d+時\d\d分", message["body"])
    assert "IPアドレス：127.0.0.1" in message["body"]


def test_a_second_factor_is_set_up_and_asked_for(specialist: User) -> None:
    client = sign_in(specialist)
    page = client.get(reverse("mfa_activate_totp"))
    html = page.content.decode()
    assert '<img class="qr" src="data:image/svg+xml' in html
    secret = page.context["form"].secret
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    done = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)
    assert done.status_code == 200
    assert Authenticator.objects.filter(user=specialist, type=Authenticator.Type.TOTP).exists()
    assert "使用中" in client.get(reverse("mfa_index")).content.decode()

    again = Client()
    asked = again.post(
        reverse("account_login"), {"login": specialist.email, "password": PASSWORD}, follow=True
    )
    html = asked.content.decode()
    assert "2段階目の確認" in html
    assert "パスキーで確かめる" in html
    wrong = again.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    assert "<title>エラー：1か所｜2段階目の確認｜" in wrong


def test_recovery_codes_are_shown_as_a_list(specialist: User) -> None:
    Authenticator.objects.create(
        user=specialist,
        type=Authenticator.Type.TOTP,
        data={"secret": get_adapter().encrypt(totp.generate_totp_secret())},
    )
    codes = RecoveryCodes.activate(specialist)
    client = Client()
    client.force_login(specialist)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    html = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    unused = codes.get_unused_codes()
    assert len(unused) > 5
    assert all(f"<code>{code}</code>" in html for code in unused)
    assert f"{len(unused)}個のうち、{len(unused)}個が残っています" in html


def test_a_dangerous_change_asks_for_the_password_again(
    specialist: User, client_of: Callable[[User], Client]
) -> None:
    """Re-authentication before changing address, password or factor (A-04)."""
    client = client_of(specialist)
    asked = [
        client.post(reverse("account_email"), {"action_add": "", "email": "x@pool.example.jp"}),
        client.get(reverse("mfa_activate_totp")),
        client.get(reverse("mfa_generate_recovery_codes")),
    ]
    assert [answer.status_code for answer in asked] == [302] * 3
    assert {answer["Location"].split("?")[0] for answer in asked} == {
        reverse("account_reauthenticate")
    }
    page = client.get(asked[0]["Location"]).content.decode()
    assert "もう一度、本人の確認" in page
    change = client.get(reverse("account_change_password")).content.decode()
    assert "今のパスワード" in change  # the form itself asks


def test_addresses_are_listed_with_their_state(specialist: User) -> None:
    EmailAddress.objects.create(user=specialist, email="second@pool.example.jp", verified=False)
    html = sign_in(specialist).get(reverse("account_email")).content.decode()
    assert "主に使う</span>" in html
    assert "確認済み" in html
    assert "未確認" in html
    assert html.count('type="radio"') == 2


def test_own_sessions_are_listed_and_others_ended(specialist: User) -> None:
    one, other = sign_in(specialist), sign_in(specialist)
    html = one.get(reverse("usersessions_list")).content.decode()
    assert "2台の端末" in html
    assert html.count("この端末</span>") == 1
    one.post(reverse("usersessions_list"))
    assert other.get(reverse("account_settings")).status_code == 302
    assert one.get(reverse("account_settings")).status_code == 200


def test_signing_out_needs_a_post(specialist: User) -> None:
    client = sign_in(specialist)
    assert "サインアウトしますか" in client.get(reverse("account_logout")).content.decode()
    assert client.get(reverse("account_settings")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("account_settings")).status_code == 302
