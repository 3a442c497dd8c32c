"""An engagement ends: by itself after its last day, or early, with a document of the prefecture.

What was signed stays as it was signed: the period and the yen of the contract. The days that are
not worked any more are given back, the shares say until when each town has the person.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from matching.engagements.bars import set_bars
from matching.engagements.models import Engagement, Share
from matching.engagements.services import lock_people, release_signed
from municipalities.registry.notices import tell_town
from talentpool.audit import services as audit
from talentpool.conventions.era import format_wareki
from talentpool.conventions.months import add_months, first_of_month
from talentpool.specialists.notices import tell_specialist
from talentpool.users.models import User


class EndingRefused(Exception):
    """The engagement cannot be ended so; says why in Japanese."""


def last_day(engagement: Engagement) -> date:
    """The last day of the period that was signed."""
    return add_months(engagement.last_month, 1) - timedelta(days=1)


def end_past(today: date) -> int:
    """End every engagement whose last day lies before `today`; returns how many. By the calendar,
    each in a transaction of its own; twice changes nothing more."""
    past = Engagement.objects.filter(
        status=Engagement.Status.SIGNED, last_month__lt=first_of_month(today)
    )
    return sum(_end(pk) for pk in list(past.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _end(engagement_id: int) -> bool:
    engagement = _locked(engagement_id)
    if engagement.status != Engagement.Status.SIGNED:  # terminated at the same moment
        return False
    engagement.status = Engagement.Status.ENDED
    engagement.ended_on = last_day(engagement)
    engagement.save(update_fields=["status", "ended_on"])
    audit.record("end_engagement", engagement, by=None)
    return True


@transaction.atomic
def terminate(
    engagement_id: int, *, ended_on: date, reason: str, document_number: str, by: User
) -> Engagement:
    """End an engagement early: `ended_on` is its last day; or move that day, while it has not
    passed, to an earlier one. The months after it are free again, bars on bidding end by it, the
    towns and the person are told. By a coordinator.

    The same again changes nothing. Raises EndingRefused for a day outside the contract, without
    reason or document number, for a later day than the one that is set, and once it has ended.
    """
    document_number = document_number.strip()
    if reason not in Engagement.EndReason.values or not document_number:
        raise EndingRefused("解除の理由と文書番号を入れてください。")
    engagement = _locked(engagement_id)
    if (engagement.ended_on, engagement.end_reason, engagement.end_document) == (
        ended_on,
        reason,
        document_number,
    ):
        return engagement
    if not may_terminate(engagement):
        raise EndingRefused("この契約は、すでに終わっています。")
    refuse_outside(engagement, ended_on)
    moved = {"before": engagement.ended_on.isoformat()} if engagement.ended_on else {}
    shares = list(engagement.shares.select_for_update(of=("self",), no_key=True).order_by("pk"))
    in_force = {str(share.pk): f"{share.last_month:%Y-%m}" for share in shares}
    for share in shares:
        _shorten(engagement.specialist_id, share, first_of_month(ended_on))
    engagement.status = Engagement.Status.TERMINATED
    engagement.ended_on = ended_on
    engagement.end_reason = reason
    engagement.end_document = document_number
    engagement.save(update_fields=["status", "ended_on", "end_reason", "end_document"])
    bars = set_bars(engagement)
    _tell(engagement, shares)
    audit.record(
        "terminate_engagement",
        engagement,
        by=by,
        detail={
            "reason": reason,
            "ended_on": ended_on.isoformat(),
            "signed_until": in_force,
            **moved,
            **bars.detail,
        },
    )
    return engagement


def may_terminate(engagement: Engagement) -> bool:
    """Whether its last day can be set: it runs, or the day that was set has not passed."""
    if engagement.status == Engagement.Status.SIGNED:
        return True
    return (
        engagement.status == Engagement.Status.TERMINATED
        and engagement.ended_on is not None
        and engagement.ended_on >= timezone.localdate()
    )


def refuse_outside(engagement: Engagement, day: date) -> None:
    """Raise EndingRefused for a last day before the signature, or that is not before the contract's
    own or the one that was set."""
    first, last = engagement.signed_on, last_day(engagement)
    if engagement.ended_on is not None and day >= engagement.ended_on:
        raise EndingRefused(
            f"解除日は、いまの解除日の{format_wareki(engagement.ended_on)}より前の日にだけ"
            "変えられます。"
        )
    if not first <= day < last:
        raise EndingRefused(
            f"解除日は、締結日の{format_wareki(first)}から、"
            f"契約の最後の日{format_wareki(last)}の前日までの日にしてください。"
        )


def _locked(engagement_id: int) -> Engagement:
    """The person, then the engagement: the order of all that books days."""
    found = Engagement.objects.filter(pk=engagement_id)
    lock_people(found.values_list("specialist_id", flat=True))
    engagement: Engagement = (
        found.select_for_update(of=("self",), no_key=True).select_related("specialist__user").get()
    )
    return engagement


def _shorten(specialist_id: int, share: Share, month: date) -> None:
    """Give back the share's days after `month`, in which the engagement ends. A share that would
    begin later takes no days any more and is no longer active."""
    if share.last_month <= month or not share.active:
        return
    release_signed(
        specialist_id,
        half_days=share.half_days,
        first_month=max(share.first_month, add_months(month, 1)),
        last_month=share.last_month,
    )
    if share.first_month > month:
        share.active = False
    else:
        share.last_month = month
    share.save(update_fields=["active", "last_month"])


def _tell(engagement: Engagement, shares: Sequence[Share]) -> None:
    words = "シェア契約の最後の日が早まりました。内容を確認してください。"
    occasion = f"engagement:{engagement.pk}:terminated:{engagement.ended_on:%Y%m%d}"
    for share in shares:
        tell_town(
            share.municipality_id,
            subject="契約が中途で解除されました",
            first_line=words,
            path=f"/town/engagements/{engagement.pk}/",
            key=f"{occasion}:{share.municipality_id}",
        )
    tell_specialist(
        engagement.specialist,
        subject="契約が中途で解除されました",
        first_line=words,
        path=f"/specialist/engagements/{engagement.pk}/",
        key=occasion,
    )
