"""Mail that came back: stop writing to addresses that do not exist, tell staff of staff (A-47)."""

from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Membership
from municipalities.registry.notices import tell_coordinators
from municipalities.vacancies.bounces import Bounce, Kind, read_bounce
from municipalities.vacancies.models import SoftBounce, Subscription
from municipalities.vacancies.services.subscriptions import digest_of, suppress, unsubscribe

SOFT_LIMIT = 5  # days on which mail did not arrive
SOFT_KEPT_DAYS = 90


@transaction.atomic
def take_bounce(raw: bytes) -> Kind:
    """Act on one message that came back to the sender's mailbox; returns how it was classed.

    A report that carries our own link is surely about a mail of ours: a hard bounce ends the
    subscription and suppresses the address, a complaint ends it. Anybody can write a report
    without it: that counts as a soft one, five of which (on five days) suppress the address.
    Mail of the portal's own work is never held back; when staff cannot be reached, the
    coordinators are told. Takes the same message any number of times.
    """
    bounce = read_bounce(raw)
    if bounce.kind is Kind.OTHER:
        return bounce.kind
    row = Subscription.objects.filter(token=bounce.token).first() if bounce.token else None
    if row is not None and bounce.kind is Kind.HARD:
        suppress(row.email)
    elif row is not None and bounce.kind is Kind.COMPLAINT:
        unsubscribe(row.token)
    else:
        known = Subscription.objects.filter(email__in=bounce.addresses)
        emails = [row.email] if row is not None else list(known.values_list("email", flat=True))
        for email in emails:
            _count_soft(email)
    if bounce.kind is Kind.HARD:
        _tell_of_staff(bounce)
    return bounce.kind


def _count_soft(email: str) -> None:
    """Count once a day, so that one full mailbox on a busy day is one."""
    today = timezone.localdate()
    digest = digest_of(email)
    row = SoftBounce.objects.select_for_update().filter(digest=digest).first()
    if row is None:
        SoftBounce.objects.bulk_create(
            [SoftBounce(digest=digest, count=1, last_on=today)], ignore_conflicts=True
        )
        return
    if row.last_on == today:
        return
    if row.count + 1 >= SOFT_LIMIT:
        suppress(email)
        return
    row.count += 1
    row.last_on = today
    row.save()


def _tell_of_staff(bounce: Bounce) -> None:
    """Coordinators hear once a month that mail to a member of staff does not arrive."""
    members = Membership.objects.filter(
        user__email__in=bounce.addresses, until__isnull=True, user__is_active=True
    )
    for member in members:
        tell_coordinators(
            subject="職員へのメールが届いていません",
            first_line="職員のアドレスに送ったメールが、宛先不明で戻りました。"
            "異動や打ち間違いがないか、所属と役割を確かめてください。",
            path=reverse("admin:registry_membership_change", args=[member.pk]),
            key=f"bounce:{member.pk}:{timezone.localdate():%Y%m}",
        )


def forget_old_bounces(today: date) -> int:
    """Forget soft bounces after which mail arrived for three months; returns how many."""
    before = today - timedelta(days=SOFT_KEPT_DAYS)
    count, _ = SoftBounce.objects.filter(last_on__lt=before).delete()
    return count
