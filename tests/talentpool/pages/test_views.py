"""Error pages, help pages, and what every page carries."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from allauth.core.ratelimit import respond_429
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse

from talentpool.pages import views
from talentpool.users.models import User

PUBLIC = ["/help/", "/accessibility/", "/privacy/", "/styleguide/"]


@pytest.mark.parametrize("path", PUBLIC)
def test_anyone_may_read(client: Client, path: str) -> None:
    response = client.get(path)
    html = response.content.decode()
    assert response.status_code == 200
    assert re.search(r"<title>[^｜<]+｜ひろしま情報人材プール</title>", html)
    assert html.count("<h1>") == 1
    assert '<a class="skip" href="#main">' in html
    assert '<html lang="ja">' in html


@pytest.mark.parametrize("path", PUBLIC)
def test_help_and_sample_notice_are_on_every_page(client: Client, path: str) -> None:
    """The same help in the same place (WCAG 3.2.6)."""
    footer = client.get(path).content.decode().split('<footer class="site-footer">')[1]
    assert "見本データです" in footer
    assert "市町は実在しますが、案件・人材・契約はすべて架空です" in footer
    for name in ("help", "accessibility", "privacy"):
        assert f'href="{reverse(name)}"' in footer


def test_real_data_carry_no_sample_notice(client: Client, settings: Any) -> None:
    settings.SAMPLE_DATA = False
    assert "見本データです" not in client.get("/help/").content.decode()


def test_the_contact_is_shown_when_it_is_known(client: Client, settings: Any) -> None:
    assert "県庁の代表電話から" in client.get("/help/").content.decode()
    settings.CONTACT = "電話 082-000-0000"
    assert "電話 082-000-0000" in client.get("/help/").content.decode()


def test_a_missing_page_echoes_nothing_and_is_always_the_same(
    coordinator: User, client_of: Callable[[User], Client]
) -> None:
    """Cross-tenant pages must be byte-equal to pages that never were (A-13)."""
    client = client_of(coordinator)
    one, other = client.get("/town/no-such-1/"), client.get("/town/no-such-2/")
    assert one.status_code == other.status_code == 404
    assert one.content == other.content
    assert "no-such" not in one.content.decode()
    assert "ページが見つかりません" in one.content.decode()


def test_a_stale_form_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/account/login/", {"login": "a", "password": "b"})
    assert response.status_code == 403
    assert "もう一度送ってください" in response.content.decode()


def test_a_refused_page_is_explained(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    response = views.permission_denied(request, Exception())
    assert response.status_code == 403
    assert "この操作はできません" in response.content.decode()


def test_a_rate_limit_says_when_to_try_again(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    response = views.too_many_requests(request)
    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert "1分ほど待ってから" in response.content.decode()


def test_allauth_answers_a_rate_limit_with_our_page(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    response = respond_429(request)
    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert "少し待ってから" in response.content.decode()


def test_the_page_of_a_failure_needs_neither_database_nor_session(rf: RequestFactory) -> None:
    """No database fixture: a query would fail the test; the request has no user and no session."""
    response = views.server_error(rf.get("/"))
    html = response.content.decode()
    assert response.status_code == 500
    assert "<title>システムの不具合｜ひろしま情報人材プール</title>" in html
    assert "広島県 総務局" in html


def test_own_settings_are_for_signed_in_people(
    client: Client, specialist: User, client_of: Callable[[User], Client]
) -> None:
    assert client.get("/account/settings/").status_code == 302
    html = client_of(specialist).get("/account/settings/").content.decode()
    assert "specialist@pool.example.jp" in html
    for name in ("account_change_password", "account_email", "mfa_index", "usersessions_list"):
        assert f'href="{reverse(name)}"' in html


def test_the_style_guide_is_not_in_production() -> None:
    code = (
        "import django; django.setup();"
        "from django.urls import NoReverseMatch, reverse\n"
        "try: reverse('styleguide')\n"
        "except NoReverseMatch: print('absent')"
    )
    environ = {
        **os.environ,
        "TALENTPOOL_PROFILE": "production",
        "SECRET_KEY": "k" * 60,
        "DJANGO_SETTINGS_MODULE": "talentpool.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "absent"
