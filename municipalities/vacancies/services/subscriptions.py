"""Subscribe with double opt-in, change by a link, leave without a trace; send the news.

B-11 to B-14, RFC 8058. No verb here has an actor: a subscriber has no account, the link is the key.
"""

import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from municipalities.vacancies.models import (
    Digest,
    SoftBounce,
    Subscription,
    Suppression,
    Vacancy,
    VacancyRevision,
)
from municipalities.vacancies.services.vacancies import request_news, take_part_in_news
from municipalities.vacancies.wording import wording_on
from talentpool.outbox.models import Message
from talentpool.outbox.services import Mail, request_task, send_mails_later

UNCONFIRMED_DAYS = 7
DIGEST_HOUR = 7
DIGEST_REACHES = timedelta(days=28)  # so far back a digest goes when none was sent for long
OPENED_WITHIN = timedelta(days=3)  # so many days no calendar may run, and news is still told

CONFIRM_BODY = """{site}の募集情報の配信が申し込まれました。

次のページを開き、ボタンを押すと配信が始まります。7日を過ぎると、申込みは消えます。
{confirm}

心当たりがないときは、何もしないでください。配信は始まりません。
{foot}"""
KNOWN_BODY = """{site}の募集情報の配信は、もう始まっています。

条件の変更: {change}
{foot}"""
NEWS_BODY = """{news}

条件の変更: {change}
{foot}"""
FOOT = """
--
送信: {operator}
お問い合わせ: {contact}
配信の停止: {leave}
"""


def digest_of(email: str) -> str:
    """The keyed hash under which a bounced address is known."""
    return hmac.new(settings.SECRET_KEY.encode(), email.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=16)
def _address(site: str, name: str) -> str:
    """An address with TOKEN in its place: looked up once, not three times for each mail."""
    return site + reverse(f"public:{name}", args=["TOKEN"])


def _link(name: str, token: str) -> str:
    return _address(settings.SITE_URL, name).replace("TOKEN", token)


def _foot(token: str) -> str:
    operator = f"{settings.PREFECTURE_NAME} {settings.PREFECTURE_OFFICE}"
    return FOOT.format(
        operator=operator,
        contact=settings.CONTACT or settings.SITE_URL + reverse("help"),
        leave=_link("unsubscribe", token),
    )


def _mail(email: str, token: str, *, subject: str, body: str, key: str) -> Mail:
    leave = _link("unsubscribe", token)
    return Mail(
        to=email,
        subject=f"【{settings.SITE_NAME}】{subject}",
        body=body,
        key=key,
        headers={
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _key(pk: int, occasion: str) -> str:
    return f"subscription:{pk}:{occasion}"


@transaction.atomic
def subscribe(email: str, *, areas: Sequence[str], fields: Sequence[str], rhythm: str) -> None:
    """Take a wish for news. Nothing tells the caller what is known of the address (A-08): whatever
    it is, the same is written, which takes the same time; `answer_wish` decides afterwards.

    The newest wish counts as long as none was confirmed.
    """
    now = timezone.now()
    wish: dict[str, Any] = {"areas": list(areas), "fields": list(fields), "rhythm": rhythm}
    wish["consent"] = wording_on(timezone.localdate(now)).version
    row = Subscription(email=email.strip().lower(), token=secrets.token_urlsafe(32), **wish)
    Subscription.objects.bulk_create(  # makes it, or locks the one that is there
        [row], update_conflicts=True, unique_fields=["email"], update_fields=["email"]
    )
    # The link in the new mail lives as long as any other.
    Subscription.objects.filter(pk=row.pk, confirmed_at=None).update(**wish, created_at=now)
    request_task("vacancies.answer_wish", row.pk, key=_key(row.pk, f"wish:{now:%Y%m%d%H%M%S%f}"))


@transaction.atomic
def answer_wish(pk: int) -> None:
    """Mail the address of a wish: how to confirm it, or how to change what was confirmed. One that
    bounced gets nothing, and its wish goes.

    Run any number of times: within the hour, one mail of a kind is enough.
    """
    row = Subscription.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return
    if Suppression.objects.filter(digest=digest_of(row.email)).exists():
        forget([row.pk])
        return
    common = {"site": settings.SITE_NAME, "foot": _foot(row.token)}
    if row.confirmed_at is None:
        body = CONFIRM_BODY.format(confirm=_link("subscription_confirm", row.token), **common)
        subject, name = "配信の申込みの確認", "confirm"
    else:
        body = KNOWN_BODY.format(change=_link("subscription_change", row.token), **common)
        subject, name = "配信の申込みについて", "known"
    key = _key(row.pk, f"{name}:{timezone.now():%Y%m%d%H}")
    send_mails_later([_mail(row.email, row.token, subject=subject, body=body, key=key)])


def confirm(token: str) -> Subscription | None:
    """Start the news; None when the link is unknown or too old. May be pressed again."""
    now = timezone.now()
    Subscription.objects.filter(
        token=token,
        confirmed_at__isnull=True,
        created_at__gt=now - timedelta(days=UNCONFIRMED_DAYS),
    ).update(confirmed_at=now)
    return by_token(token)


def by_token(token: str) -> Subscription | None:
    """The confirmed subscription that the link belongs to, or None."""
    return Subscription.objects.filter(token=token, confirmed_at__isnull=False).first()


@transaction.atomic
def change_subscription(
    token: str, *, areas: Sequence[str], fields: Sequence[str], rhythm: str
) -> None:
    """Put other preferences in place; nothing happens for an unknown link.

    With another rhythm, what the old one has not told yet is told now, and the new one does not
    tell it again.
    """
    found = Subscription.objects.select_for_update().filter(token=token, confirmed_at__isnull=False)
    row = found.first()
    if row is None:
        return
    if row.rhythm != rhythm:
        take_part_in_news(alone=True)
        now = timezone.now()
        _send_rest(row, now)
        row.told_until = now
    row.areas, row.fields, row.rhythm = list(areas), list(fields), rhythm
    row.save()


@transaction.atomic
def unsubscribe(token: str) -> bool:
    """Remove the address and every mail that still holds it; whether there was one."""
    row = Subscription.objects.select_for_update().filter(token=token).first()
    if row is None:
        return False
    forget([row.pk])
    return True


def forget(pks: Iterable[int]) -> None:
    """Remove subscriptions. The last trace goes with the row: mails are found by their key, never
    by the address."""
    rows = Subscription.objects.filter(pk__in=list(pks))
    for pk, email in rows.values_list("pk", "email"):
        Message.objects.filter(key__startswith=_key(pk, "")).delete()
        SoftBounce.objects.filter(digest=digest_of(email)).delete()
    rows.delete()


@transaction.atomic
def suppress(email: str) -> None:
    """An address bounced: forget it and never write to it again."""
    address = email.strip().lower()
    Suppression.objects.get_or_create(digest=digest_of(address))
    forget(list(Subscription.objects.filter(email=address).values_list("pk", flat=True)))


@transaction.atomic
def lift_suppression(email: str) -> bool:
    """An address works again: it may subscribe anew. Whether it was suppressed."""
    digest = digest_of(email.strip().lower())
    SoftBounce.objects.filter(digest=digest).delete()
    lifted, _ = Suppression.objects.filter(digest=digest).delete()
    return bool(lifted)


# --- The news -------------------------------------------------------------------------------------
def _wanting(vacancy: Vacancy, rhythm: str) -> QuerySet[Subscription]:
    return Subscription.objects.filter(
        Q(areas=[]) | Q(areas__overlap=[vacancy.municipality_id, *vacancy.joint_codes]),
        Q(fields=[]) | Q(fields__overlap=vacancy.work_fields),
        confirmed_at__isnull=False,
        rhythm=rhythm,
    )


def _untold(rows: QuerySet[Subscription], at: datetime) -> QuerySet[Subscription]:
    """Those that an earlier rhythm has not told already of what was to be told at that time."""
    return rows.filter(Q(told_until=None) | Q(told_until__lte=at))


def _kept(rows: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """The rows, locked until the transaction ends: who leaves meanwhile waits for it, and takes the
    mails that it queues along. In one order, so that two of them never wait for each other."""
    return rows.select_for_update(of=("self",), no_key=True).order_by("pk")


def _item(vacancy: Vacancy) -> str:
    address = settings.SITE_URL + reverse("public:vacancy_detail", args=[vacancy.vacancy_no])
    return f"・{vacancy.position_title}({vacancy.municipality})\n  {address}"


@dataclass(slots=True)
class News:
    """The lines of a mail: what is new, and what has changed."""

    published: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def add(self, vacancy: Vacancy, *, is_change: bool) -> None:
        (self.changed if is_change else self.published).append(_item(vacancy))

    def words(self) -> str:
        """The text of the mail, each kind under its own sentence."""
        site = settings.SITE_NAME
        parts = [
            (f"{site}に募集情報が公表されました。", self.published),
            (f"{site}で公表している募集情報の内容が変わりました。", self.changed),
        ]
        return "\n\n".join("\n".join([head, "", *items]) for head, items in parts if items)


def _first_shown(vacancy: Vacancy, published_at: datetime) -> datetime:
    """When people could first see the vacancy: once published, and from 募集開始日 on."""
    if vacancy.open_date is None:
        return published_at
    return max(published_at, _midnight(vacancy.open_date))


def _news(email: str, token: str, words: str, key: str) -> Mail:
    body = NEWS_BODY.format(
        news=words,
        change=_link("subscription_change", token),
        foot=_foot(token),
    )
    return _mail(email, token, subject="募集情報のお知らせ", body=body, key=key)


def notify_at_once(vacancy_pk: int) -> int:
    """Queue the mails about a vacancy to those who want them at once; returns how many.

    Run any number of times: a subscriber gets one mail for each published revision.
    """
    vacancy = (
        Vacancy.objects.public()
        .open_on(timezone.localdate())
        .select_related("municipality")
        .filter(pk=vacancy_pk)
        .first()
    )
    if vacancy is None:
        return 0
    revisions = _news_of(vacancy.revisions.public().prefetch_related("form_version__fields"))
    if not revisions:
        return 0
    newest, first = revisions[0], _first_shown(vacancy, revisions[-1].published_at)
    news = News()
    news.add(vacancy, is_change=newest.published_at > first)
    occasion, words = _at_once(newest), news.words()
    wanting = _wanting(vacancy, Subscription.Rhythm.AT_ONCE)
    wanting = _untold(wanting, max(newest.published_at, first))
    with transaction.atomic():
        found = list(_kept(wanting).values_list("pk", "email", "token"))
        send_mails_later(
            (_news(email, token, words, _key(pk, occasion)) for pk, email, token in found),
            in_bulk=True,
        )
    return len(found)


def _at_once(newest: VacancyRevision) -> str:
    return f"news:{newest.vacancy_id}:{newest.number}"


def _news_of(revisions: Iterable[VacancyRevision]) -> list[VacancyRevision]:
    """Those of which the public learns something, in their order."""
    return [revision for revision in revisions if revision.is_news]


def send_digests(now: datetime) -> int:
    """Queue the daily mails, and the weekly ones of the last Monday; returns how many. Run each
    hour, any number of times; days on which nothing ran are in the next mail."""
    local = timezone.localtime(now)
    if local.hour < DIGEST_HOUR:
        return 0
    today = local.date()
    monday = today - timedelta(days=today.weekday())
    return _digest(Subscription.Rhythm.DAILY, today, days=1) + _digest(
        Subscription.Rhythm.WEEKLY, monday, days=7
    )


@transaction.atomic
def _digest(rhythm: str, until: date, *, days: int) -> int:
    """One mail each with what was published, opened or changed since the last digest, or in the
    `days` before the day `until` when there was none; once for a day."""
    last = Digest.objects.filter(rhythm=rhythm).order_by("-until").first()
    if last is not None and last.until >= until:
        return 0
    _, made = Digest.objects.get_or_create(
        rhythm=rhythm, until=until, defaults={"sent_at": timezone.now()}
    )
    if not made:  # another worker was quicker
        return 0
    since = until - timedelta(days=days)
    if last is not None:
        since = max(last.until, until - DIGEST_REACHES)
    items: dict[tuple[int, str, str], News] = defaultdict(News)
    news = list(_news_between(_midnight(since), _midnight(until)))
    everybody = Subscription.objects.filter(confirmed_at__isnull=False, rhythm=rhythm)
    kept = set(_kept(everybody).values_list("pk", flat=True)) if news else set()
    for vacancy, is_change, at in news:
        wanting = _untold(_wanting(vacancy, rhythm), at)
        for who in wanting.values_list("pk", "email", "token"):
            if who[0] in kept:
                items[who].add(vacancy, is_change=is_change)
    occasion = f"{rhythm}:{until:%Y%m%d}"
    send_mails_later(
        (
            _news(email, token, news.words(), _key(pk, occasion))
            for (pk, email, token), news in items.items()
        ),
        in_bulk=True,
    )
    return len(items)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _send_rest(row: Subscription, now: datetime) -> None:
    """Queue the mail of what the subscriber's rhythm has not told yet."""
    news = News()
    for vacancy, is_change, _ in _news_between(_rest_begins(row, now), now):
        wants = _wanting(vacancy, row.rhythm).filter(pk=row.pk).exists()
        if wants and not _was_told(row, _news_of(vacancy.shown_revisions)[0]):
            news.add(vacancy, is_change=is_change)
    if news.published or news.changed:
        key = _key(row.pk, f"rest:{now:%Y%m%d%H%M%S}")
        send_mails_later([_news(row.email, row.token, news.words(), key)])


def _rest_begins(row: Subscription, now: datetime) -> datetime:
    """The time up to which the subscriber was told everything: by the last digest; of what goes out
    at once, all but the mails that wait, at most some days, for a worker."""
    if row.rhythm == Subscription.Rhythm.AT_ONCE:
        since = max(now - OPENED_WITHIN, row.confirmed_at or now)
    else:
        last = Digest.objects.filter(rhythm=row.rhythm).order_by("-until").first()
        days = 1 if row.rhythm == Subscription.Rhythm.DAILY else 7
        since = _midnight(last.until) if last is not None else now - timedelta(days=days)
    return max(since, now - DIGEST_REACHES, row.told_until or since)


def _was_told(row: Subscription, newest: VacancyRevision) -> bool:
    """Whether the mail about the revision was queued when it was published."""
    return Message.objects.filter(key=_key(row.pk, _at_once(newest))).exists()


def _news_between(start: datetime, end: datetime) -> Iterator[tuple[Any, bool, datetime]]:
    """The vacancies open on the day of `end` that people could first see, or whose public text
    changed, from `start` on and before `end`, each with whether it is a change only, and when
    there was last something to tell."""
    today = timezone.localdate(end)
    last_day = timezone.localdate(end - timedelta(microseconds=1))
    revised = VacancyRevision.objects.public().filter(published_at__gte=start, published_at__lt=end)
    vacancies = (
        Vacancy.objects.public()
        .open_on(today)
        .select_related("municipality")
        .filter(
            Q(pk__in=revised.order_by().values("vacancy"))
            | Q(open_date__gte=timezone.localdate(start), open_date__lte=last_day)
        )
        .prefetch_related(
            Prefetch(
                "revisions",
                VacancyRevision.objects.public().prefetch_related("form_version__fields"),
                to_attr="shown_revisions",
            )
        )
        .order_by("vacancy_no")
    )
    for vacancy in vacancies:
        told = _news_of(vacancy.shown_revisions)
        times = [revision.published_at for revision in told]  # newest first
        if not times:
            continue
        first = _first_shown(vacancy, times[-1])
        within = [at for at in (first, *times) if max(start, first) <= at < end]
        if within:
            yield vacancy, first < start, max(within)


def tell_of_opened(today: date) -> None:
    """Ask for the mails about what was published earlier and opens today. Run by the calendar,
    any number of times; it also takes up the days before, had nothing run on them."""
    opened = Vacancy.objects.public().open_on(today).filter(open_date__gt=today - OPENED_WITHIN)
    for pk in opened.values_list("pk", flat=True):
        told = _news_of(VacancyRevision.objects.public().filter(vacancy=pk))
        if told:
            request_news(pk, told[0].number)
