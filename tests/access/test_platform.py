"""Headers, cookies, limits and tokens that hold on every page (A-02, A-03, A-09, 3.5.1)."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.test import Client, RequestFactory

from tests.access.accounts import LOGIN, ROLES, account_in, signed_in
from tests.plugin import ROOT

pytestmark = pytest.mark.django_db


def _production(code: str, **more: str) -> str:
    """What some Python prints under production settings."""
    environ = {
        **os.environ,
        **more,
        "TALENTPOOL_PROFILE": "production",
        "SECRET_KEY": "k" * 64,
        "ALLOWED_HOSTS": "pool.example.lg.jp",
        "SITE_URL": "https://pool.example.lg.jp",
        "DJANGO_SETTINGS_MODULE": "talentpool.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_defaults_of_the_limits_hold_in_production() -> None:
    """allauth's own limits are not switched off outside the tests."""
    shown = _production(
        "from allauth.account import app_settings as a; print(sorted(a.RATE_LIMITS.items()))"
    )
    assert "login_failed" in shown
    assert "10/m/ip" in shown


ASK_ADDRESS = """
from allauth.account.adapter import get_adapter
from django.test import RequestFactory
for sent in {"HTTP_X_FORWARDED_FOR": "192.0.2.66, 203.0.113.7"}, {}:
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", **sent)
    print(get_adapter(request).get_client_ip(request))
"""


def test_limits_count_by_the_address_that_the_proxy_added(rf: RequestFactory) -> None:
    """Not by the proxy's own, which all share, nor by an earlier one, which a visitor can forge.
    Without a proxy the header counts for nothing."""
    assert _production(ASK_ADDRESS).split() == ["203.0.113.7", "127.0.0.1"]
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.66")
    assert get_adapter(request).get_client_ip(request) == "127.0.0.1"


ASK_PRODUCTION = """
from django.core.management import call_command
from django.test import Client
call_command("collectstatic", interactive=False, verbosity=0)
for secure in (False, True):
    client = Client(SERVER_NAME="pool.example.lg.jp")
    answer = client.get("/account/login/", secure=secure)
    print(answer.status_code, answer.headers.get("Location", ""))
    for name, value in answer.headers.items():
        print(name + ": " + value)
    for morsel in client.cookies.values():
        print("Set-Cookie: " + morsel.OutputString())
"""


def test_headers_and_cookies_in_production(tmp_path: Path) -> None:
    """A-03, 3.4.1: HTTPS only, `__Host-` cookies, HSTS of two years with subdomains."""
    plain, secure = _production(ASK_PRODUCTION, STATIC_ROOT=str(tmp_path)).split("200 \n")
    assert plain.startswith("301 https://pool.example.lg.jp/account/login/")
    assert "Set-Cookie" not in plain
    assert "Strict-Transport-Security: max-age=63072000; includeSubDomains" in secure
    assert "X-Content-Type-Options: nosniff" in secure
    assert "X-Frame-Options: DENY" in secure
    assert "Referrer-Policy: same-origin" in secure
    assert "Cross-Origin-Opener-Policy: same-origin" in secure
    cookies = [line for line in secure.splitlines() if line.startswith("Set-Cookie")]
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("Set-Cookie: __Host-")
        for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert flag in cookie
        assert "Domain" not in cookie


def test_session_cookies_in_production() -> None:
    shown = _production(
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.DEBUG,"
        " s.SESSION_COOKIE_DOMAIN, s.SECOND_FACTOR_REQUIRED)"
    )
    assert shown.split() == [
        "__Host-sessionid",
        "__Host-csrftoken",
        "True",
        "True",
        "Lax",
        "False",
        "None",
        "True",
    ]


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'; object-src 'none'"
)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/vacancies/",
        "/help/",
        LOGIN,
        "/account/password/reset/",
        "/account/signup/",
        "/admin/",
        "/admin/login/",
        "/admin/registry/municipality/",
        "/no-such-page/",
        "/healthz",
        "/invitation/x/",
    ],
)
def test_the_policy_is_exact_everywhere(path: str, settings: Any) -> None:
    """A-02: on public pages, the admin and errors alike; nothing unsafe."""
    settings.SECOND_FACTOR_REQUIRED = False
    for client in (Client(), signed_in(account_in("coordinator"))):
        header = client.get(path).headers.get("Content-Security-Policy", "")
        assert sorted(header.split("; ")) == sorted(POLICY.split("; ")), path


def test_the_policy_stands_on_refusals_and_faults(settings: Any) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    refused = client.post(LOGIN, {})
    assert refused.status_code == 403
    assert sorted(refused["Content-Security-Policy"].split("; ")) == sorted(POLICY.split("; "))


@pytest.mark.parametrize("role", ROLES)
def test_every_form_needs_its_csrf_token(role: str, settings: Any) -> None:
    """3.5.1: with a session but without the token nothing is done."""
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client(enforce_csrf_checks=True)
    client.force_login(account_in(role))
    for path in ["/town/needs/new/", "/specialist/days/", "/admin/registry/invitation/add/"]:
        assert client.post(path, {"title": "x"}).status_code == 403
