"""News with nothing but a mail address: double opt-in, one click to leave, no trace left."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from municipalities.vacancies import retention, services, wording
from municipalities.vacancies.models import Subscription, Suppression
from municipalities.vacancies.wording import Wording, wording_on, wordings
from talentpool.embedded.sample import past
from talentpool.outbox import relaying
from talentpool.outbox.models import Message
from tests.leaving_mail import Backend
from tests.municipalities.vacancies.objects import (
    agreed,
    answer_wishes,
    make_coordinator,
    make_skills,
    make_town,
    make_vacancy,
)

pytestmark = pytest.mark.django_db

ADDRESS = "hito@example.jp"


def make_subscription(
    email: str = ADDRESS, *, rhythm: str = "at_once", areas: Any = (), fields: Any = ()
) -> Subscription:
    services.subscribe(email, areas=areas, fields=fields, rhythm=rhythm)
    answer_wishes()
    row = Subscription.objects.get(email=email)
    services.confirm(row.token)
    return Subscription.objects.get(email=email)


def mails(occasion: str = "") -> list[dict[str, Any]]:
    found = Message.objects.filter(
        kind="mail", key__startswith="subscription:", key__contains=occasion
    )
    return [message.payload for message in found.order_by("pk")]


def test_only_the_listed_columns_are_kept() -> None:
    """B-11, and the record of the wording that B-14 asks for."""
    assert {field.column for field in Subscription._meta.fields} == {
        "id",
        "email",
        "token",
        "created_at",
        "confirmed_at",
        "areas",
        "fields",
        "rhythm",
        "told_until",
        "consent",
    }


def test_over_the_pages_from_wish_to_farewell() -> None:
    make_town()
    make_skills()
    client = Client()
    page = client.get("/subscribe/").content.decode()
    assert "江田島市" in page
    answer = client.post(
        "/subscribe/",
        {
            "email": "Hito@Example.jp",
            "areas": ["342157"],
            "fields_": ["NW"],
            "rhythm": "daily",
            **agreed(),
        },
    )
    assert answer["Location"] == "/subscribe/done/"
    row = Subscription.objects.get()
    assert (row.email, row.areas, row.fields, row.rhythm, row.confirmed_at) == (
        ADDRESS,
        ["342157"],
        ["NW"],
        "daily",
        None,
    )
    confirm = f"/subscribe/{row.token}/confirm/"
    answer_wishes()
    assert confirm in mails()[0]["body"]
    assert "配信を始める" in client.get(confirm).content.decode()
    assert Subscription.objects.get().confirmed_at is None
    client.post(confirm)
    assert Subscription.objects.get().confirmed_at is not None
    change = f"/subscribe/{row.token}/"
    client.post(change, {"rhythm": "weekly"})
    assert (Subscription.objects.get().rhythm, Subscription.objects.get().areas) == ("weekly", [])
    leave = f"/unsubscribe/{row.token}/"
    assert "配信を止める" in client.get(leave).content.decode()
    client.post(leave)
    assert Subscription.objects.count() == 0
    assert not Message.objects.filter(key__contains="wish:").exists(), "the task's row goes too"


SHA256_OF_WORDS = {  # a version that was on the page is never changed; a new one gets its line here
    "2026-11": "1a51f0bead225a062ddba0482a2cb1e4ebe617952da9da5684f24c08a5b0b39b",
    "2": "0be2a46fb0ea39a8188ca0e3ddc0342eb8263d2c01980bbb4953dfa219840f20",
}


def test_words_that_somebody_agreed_to_stay_as_they_were() -> None:
    found = {
        name: hashlib.sha256(
            "\n".join(
                filter(None, [*one.lines, one.recipients, one.retention, one.rights])
            ).encode()
        ).hexdigest()
        for name, one in wordings().items()
    }
    assert found == SHA256_OF_WORDS


def test_a_subscription_tells_what_was_agreed_to_and_when(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The words on the page are those of the version that is kept; who asks again agrees to the
    newest."""
    old = wording_on(timezone.localdate())
    assert old.lines[0] in Client().get("/subscribe/").content.decode()
    services.subscribe(ADDRESS, areas=[], fields=[], rhythm="daily")
    assert Subscription.objects.get().consent == old.version
    new = Wording("next", timezone.localdate(), ("別の文面です。", "二つめの段落です。"))
    before, shipped = wordings(), wording.FILE.read_text(encoding="utf-8")
    rows = "".join(f"{new.version},{new.in_force_from},{line}\n" for line in new.lines)
    (tmp_path / "words.csv").write_text(shipped + rows, encoding="utf-8")
    monkeypatch.setattr(wording, "FILE", tmp_path / "words.csv")
    assert wordings() == {**before, new.version: new}
    assert wording_on(timezone.localdate() - timedelta(days=1)) == old
    # A page from before the new words comes back with them, wishes kept, and then counts.
    late = {"email": "late@example.jp", "rhythm": "weekly", "consent": old.version}
    answer = Client().post("/subscribe/", late)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "申込みの説明が新しくなりました" in page
    assert 'value="late@example.jp"' in page
    assert answer.context["form"]["consent"].value() == new.version
    assert not Subscription.objects.filter(email="late@example.jp").exists()
    assert new.lines[0] in page
    assert old.lines[0] not in page
    row = Subscription.objects.get()
    services.confirm(row.token)
    page = Client().get(f"/subscribe/{row.token}/").content.decode()
    assert old.lines[0] in page
    assert f"({old.version}版の文面)" in page
    Subscription.objects.update(confirmed_at=None)
    services.subscribe(ADDRESS, areas=[], fields=[], rhythm="daily")
    assert Subscription.objects.get().consent == new.version


def test_an_address_is_as_long_as_its_column_at_most() -> None:
    """RFC 5321 allows 254 characters; Django's field takes 320 by itself."""
    for labels, status in [(3, 302), (4, 422)]:
        address = f"{'a' * 60}@{'.'.join(['b' * 60] * labels)}.jp"
        answer = Client().post("/subscribe/", {"email": address, "rhythm": "daily", **agreed()})
        assert answer.status_code == status
    assert Subscription.objects.count() == 1


def test_known_unknown_and_bounced_addresses_get_the_same_answer_and_work(
    django_capture_on_commit_callbacks: Any,
) -> None:
    """A-08: the same words, statements, queued rows and nudges; time follows from them."""
    make_subscription("known@example.jp")
    services.subscribe("asked@example.jp", areas=[], fields=[], rhythm="daily")
    services.suppress("bounced@example.jp")
    seen, queued = set(), Message.objects.count()
    for name in ["known", "asked", "unknown", "bounced"]:
        with CaptureQueriesContext(connection) as done, django_capture_on_commit_callbacks() as ran:
            answer = Client().post(
                "/subscribe/", {"email": f"{name}@example.jp", "rhythm": "daily", **agreed()}
            )
        statements = tuple(re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in done)
        seen.add((answer.status_code, answer["Location"], answer.content, statements, len(ran)))
        queued += 1
        assert Message.objects.count() == queued
    assert len(seen) == 1


def test_asking_twice_sends_one_mail() -> None:
    for _ in range(3):
        services.subscribe(ADDRESS, areas=[], fields=[], rhythm="daily")
    answer_wishes()
    assert len(mails("confirm")) == 1


def test_a_known_address_is_told_how_to_change_and_keeps_its_choice() -> None:
    make_subscription(rhythm="weekly")
    services.subscribe(ADDRESS, areas=[], fields=[], rhythm="at_once")
    answer_wishes()
    assert Subscription.objects.get().rhythm == "weekly"
    assert len(mails("known")) == 1


def test_subscribing_is_limited() -> None:
    """A-09."""
    data = [{"email": f"a{n}@example.jp", "rhythm": "daily", **agreed()} for n in range(6)]
    answers = [Client().post("/subscribe/", each).status_code for each in data]
    assert answers == [302] * 5 + [429]


def test_a_thousand_scanners_unsubscribe_nobody_and_one_post_does() -> None:
    """B-12."""
    row = make_subscription()
    client = Client(enforce_csrf_checks=True)
    for number in range(1000):
        verb = client.head if number % 2 else client.get
        verb(f"/unsubscribe/{row.token}/")
    assert Subscription.objects.count() == 1
    assert client.get(f"/subscribe/{row.token}/confirm/").status_code == 200
    forged = client.post("/unsubscribe/forged/", {"List-Unsubscribe": "One-Click"})
    assert (forged.status_code, Subscription.objects.count()) == (200, 1)
    done = client.post(f"/unsubscribe/{row.token}/", {"List-Unsubscribe": "One-Click"})
    assert (done.status_code, Subscription.objects.count()) == (200, 0)


def test_the_last_trace_of_an_address_is_gone_from_every_table() -> None:
    row = make_subscription()
    services.notify_at_once(make_vacancy("published").pk)
    assert len(mails("news")) == 1
    services.unsubscribe(row.token)
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(
                f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s OR t::text LIKE %s",
                [f"%{ADDRESS}%", f"%{row.token}%"],
            )
            assert cursor.fetchone() == (0,), table


def test_who_leaves_while_a_mail_goes_out_is_not_brought_back(settings: Any) -> None:
    row = make_subscription()
    settings.EMAIL_BACKEND = "tests.leaving_mail.Backend"
    left: list[bool] = []
    Backend.meanwhile[:] = [lambda: left.append(services.unsubscribe(row.token))]
    relaying.relay()
    assert True in left
    assert Message.objects.filter(key__startswith="subscription:").count() == 0


def test_each_mail_says_who_sends_it_and_how_to_stop_it() -> None:
    """B-12, B-13, B-14."""
    row = make_subscription()
    services.subscribe(ADDRESS, areas=[], fields=[], rhythm="daily")
    answer_wishes()
    services.notify_at_once(make_vacancy("published").pk)
    relaying.relay()
    sent = [message for message in mail.outbox if message.to == [ADDRESS]]
    assert len(sent) == 3
    for message in sent:
        assert message.extra_headers["List-Unsubscribe"].endswith(f"/unsubscribe/{row.token}/>")
        assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"/unsubscribe/{row.token}/" in message.body
        assert "広島県" in message.body
        assert "沖野みどり" not in message.body
        assert (len(message.to), message.cc, message.bcc) == (1, [], [])


def test_wishes_decide_who_is_told() -> None:
    wanted = {
        "all@example.jp": {},
        "town@example.jp": {"areas": ["342157"]},
        "field@example.jp": {"fields": ["SEC", "OPT"]},
        "both@example.jp": {"areas": ["342157", "343021"], "fields": ["NW"]},
    }
    unwanted: dict[str, dict[str, Any]] = {
        "othertown@example.jp": {"areas": ["343021"]},
        "otherfield@example.jp": {"fields": ["OPT"]},
        "half@example.jp": {"areas": ["342157"], "fields": ["OPT"]},
        "daily@example.jp": {"rhythm": "daily"},
    }
    for email, wishes in {**wanted, **unwanted}.items():
        make_subscription(email, **wishes)
    services.subscribe("unconfirmed@example.jp", areas=[], fields=[], rhythm="at_once")
    assert services.notify_at_once(make_vacancy("published").pk) == 4
    assert {payload["to"] for payload in mails("news")} == wanted.keys()


def test_a_task_that_runs_twice_tells_once_and_a_change_tells_again() -> None:
    make_subscription()
    vacancy = make_vacancy("published")
    services.notify_at_once(vacancy.pk)
    services.notify_at_once(vacancy.pk)
    assert len(mails("news")) == 1
    by = make_coordinator()
    vacancy = services.open_change(vacancy, by=by)
    vacancy, _ = services.save_values(
        vacancy, {"headcount": "2"}, identifiers=["headcount"], version=vacancy.version, by=by
    )
    services.publish_change(services.submit_change(vacancy, by=by), by=by)
    tasks = Message.objects.filter(kind="task", payload__name="vacancies.notify")
    assert tasks.count() == 2
    services.notify_at_once(vacancy.pk)
    assert len(mails("news")) == 2


def test_what_stays_in_the_prefecture_is_no_news() -> None:
    make_subscription()
    vacancy = make_vacancy("published", publish_ok="0")
    assert services.notify_at_once(vacancy.pk) == 0
    assert not Message.objects.filter(payload__name="vacancies.notify").exists()


def test_a_wish_that_is_made_again_can_be_confirmed_as_long_as_a_new_one() -> None:
    wish: dict[str, Any] = {"areas": [], "fields": [], "rhythm": "daily"}
    services.subscribe("x@example.jp", **wish)
    Subscription.objects.update(created_at=timezone.now() - timedelta(days=6, hours=23))
    services.subscribe("x@example.jp", **wish)
    row = Subscription.objects.get()
    with past.on(timezone.localdate() + timedelta(days=3)):
        assert services.confirm(row.token) is not None


def test_an_unconfirmed_wish_goes_after_seven_days() -> None:
    services.subscribe(ADDRESS, areas=[], fields=[], rhythm="daily")
    answer_wishes()
    row = Subscription.objects.get()
    Subscription.objects.update(created_at=timezone.now() - timedelta(days=7, minutes=1))
    assert services.confirm(row.token) is None
    make_subscription("young@example.jp")
    old = retention.unconfirmed(timezone.now() - timedelta(days=7))
    assert retention.forget_subscriptions(old) == 1
    assert [row.email for row in Subscription.objects.all()] == ["young@example.jp"]
    assert [payload["to"] for payload in mails()] == ["young@example.jp"]


def test_a_bounced_address_is_forgotten_and_never_written_to_again() -> None:
    make_subscription()
    services.suppress(ADDRESS)
    services.subscribe(ADDRESS, areas=[], fields=[], rhythm="daily")
    answer_wishes()
    answer_wishes()
    assert (Subscription.objects.count(), mails()) == (0, [])
    assert ADDRESS not in Suppression.objects.get().digest


def test_ten_thousand_are_queued_with_few_queries(django_assert_max_num_queries: Any) -> None:
    """D-14: the number of statements, for the time depends on the machine."""
    Subscription.objects.bulk_create(
        Subscription(
            email=f"a{n}@example.jp", token=f"t{n}", confirmed_at=timezone.now(), consent="x"
        )
        for n in range(10_000)
    )
    vacancy = make_vacancy("published")
    with django_assert_max_num_queries(30):
        assert services.notify_at_once(vacancy.pk) == 10_000
