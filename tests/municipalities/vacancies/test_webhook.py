"""Returned mail by HTTP: signed, fresh, once, never too large (A-47, B-12)."""

import hashlib
import hmac
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.db import ProgrammingError, connection
from django.test import Client
from django.utils import timezone

from municipalities.vacancies import services
from municipalities.vacancies.bounces import LONGEST
from municipalities.vacancies.models import SoftBounce, Subscription, Suppression

pytestmark = pytest.mark.django_db
PATH = "/mail/bounces/"
SECRET = "a-secret-of-the-mail-service"
REPORT = b"""From: MAILER-DAEMON@mx.example.jp
To: no-reply@pool.example.jp
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.jp

Final-Recipient: rfc822; hito@example.jp
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

List-Unsubscribe: <https://pool.example.jp/unsubscribe/token-of-hito-that-is-as-long-as-a-token-is/>

--b--
"""


@pytest.fixture(autouse=True)
def secret(settings: Any) -> None:
    settings.BOUNCE_WEBHOOK_SECRET = SECRET
    cache.clear()
    Subscription.objects.create(
        email="hito@example.jp",
        token="token-of-hito-that-is-as-long-as-a-token-is",
        confirmed_at=timezone.now(),
        consent="1",
    )


def post(
    body: bytes = REPORT, *, at: str | None = None, key: str = SECRET, signed: bytes | None = None
) -> int:
    """The status of the answer; a client that refuses requests without a CSRF token is used."""
    sent_at = str(int(time.time())) if at is None else at
    content = sent_at.encode() + b"." + (body if signed is None else signed)
    signature = hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
    return (
        Client(enforce_csrf_checks=True)
        .post(
            PATH,
            body,
            content_type="message/rfc822",
            headers={"X-Timestamp": sent_at, "X-Signature": f"sha256={signature}"},
        )
        .status_code
    )


def known() -> bool:
    return Subscription.objects.exists()


def test_a_signed_report_ends_the_subscription() -> None:
    assert post() == 204
    assert (known(), Suppression.objects.count()) == (False, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "another secret"},
        {"key": ""},
        {"signed": b"other words"},
        {"at": str(int(time.time()) - 3600)},
        {"at": str(int(time.time()) + 3600)},
        {"at": ""},
        {"at": "soon"},
        {"at": "\u0661\u0662"},
        {"at": "9" * 400},
    ],
)
def test_without_a_fresh_right_signature_nothing_happens(wrong: dict[str, Any]) -> None:
    assert post(**wrong) == 403
    assert known()


def test_a_copy_of_a_request_does_nothing() -> None:
    """Also to an address that works again since: a new report would be counted."""
    at = str(int(time.time()))
    assert post(at=at) == 204
    assert services.lift_suppression("hito@example.jp")
    Subscription.objects.create(
        email="hito@example.jp", token="x", confirmed_at=timezone.now(), consent="1"
    )
    assert [post(at=at) for _ in range(3)] == [204, 204, 204]
    assert SoftBounce.objects.count() == 0
    assert post(at=str(int(at) - 1)) == 204
    assert SoftBounce.objects.count() == 1


def test_what_failed_is_taken_when_it_is_sent_again() -> None:
    """A table that is away, as while a backup is put back."""
    at = str(int(time.time()))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE vacancies_suppression RENAME TO away")
        with pytest.raises(ProgrammingError, match="vacancies_suppression"):
            post(at=at)
        cursor.execute("ALTER TABLE away RENAME TO vacancies_suppression")
    assert known()
    assert post(at=at) == 204
    assert not known()


def test_a_report_that_is_too_large_is_refused() -> None:
    assert post(b"x" * (LONGEST + 1)) == 413
    assert post(b"x" * LONGEST) == 204


def test_only_post_and_only_with_a_secret(settings: Any) -> None:
    assert Client().get(PATH).status_code == 405
    settings.BOUNCE_WEBHOOK_SECRET = ""
    assert post(key="") == 404
    assert known()
