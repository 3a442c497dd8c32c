"""Find the parameters of the confidence from the portal's own answers, and put them into force.

An answer is a signal that came of an approach: a yes, a no for want of time, a silence. What was
known when it was asked for, the last confirmation and the latest signal of each kind, predicts it:
who says yes has signed in to say so, and that must not look like a sign that came before. People,
not answers, are divided into those who fit and those held back: nobody is predicted from himself.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from math import inf

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.audit.models import Event
from talentpool.outbox.alone import alone
from talentpool.specialists.calibration import Answer, brier, deciles, fit, predict
from talentpool.specialists.confidence import (
    ACCEPTED,
    ASSUMED,
    DAY_SECONDS,
    DECLINED,
    SIGN_IN,
    UNANSWERED,
    Parameters,
)
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import AvailabilitySignal, ConfidenceFit, Specialist
from talentpool.users.models import User

FIT_LOCK = 0xF17
LEAST_ANSWERS = 200  # with fewer, a fit says more of chance than of people
ANSWERS = {ACCEPTED: True, DECLINED: False, UNANSWERED: False}
CONFIRMING = ("confirm_availability", "declare_days")
# An answer knows of sign-ins when they were kept for so long before it was asked for: an older one
# would hardly count (two half-lives of a signal and more).
SIGN_INS_KEPT = timedelta(days=90)
Times = dict[int, list[datetime]]


def parameters_in_force() -> Parameters:
    """What the confidence is worked out with: the confirmed fit, or the assumed values."""
    row = ConfidenceFit.objects.in_force()
    return row.values if row is not None else ASSUMED


def own_answers() -> list[tuple[int, Answer]]:
    """The answers to approaches with what was known when they were asked for, by person; of an
    approach the last answer counts. Declining for another reason than time says nothing of the
    days: it is known before later answers and is none itself.

    Sign-ins are known of those asked for long enough after their days began to be kept. While these
    are too few to fit, all answers are taken, none knows of any, and a fitted function gives
    sign-ins no weight (`calibration.fit`).
    """
    confirmed, signals = _confirmations(), _signals()
    asked = [
        (person, moment, ANSWERS[kind])
        for person, known in signals.items()
        for moment, kind in _last_answers(known).items()
        if kind in ANSWERS
    ]
    since = _sign_ins_known_since()
    recent = [row for row in asked if since is not None and row[1] >= since]
    with_sign_ins = len(recent) >= LEAST_ANSWERS
    found = []
    for person, moment, yes in recent if with_sign_ins else asked:
        known = [(at, kind) for at, kind, _ in signals[person] if at < moment]
        if not with_sign_ins:
            known = [(at, kind) for at, kind in known if kind != SIGN_IN]
        found.append((person, _answer(moment, yes, confirmed.get(person, []), known)))
    return found


Known = list[tuple[datetime, str, datetime | None]]


def _signals() -> dict[int, Known]:
    """Time, kind and time of asking of all that is known of those who were ever asked, in the order
    of time."""
    asked = AvailabilitySignal.objects.exclude(kind=SIGN_IN).values("specialist_id")
    rows = AvailabilitySignal.objects.filter(specialist_id__in=asked)
    found: dict[int, Known] = defaultdict(list)
    rows = rows.order_by("specialist_id", "at", "pk")
    for person, at, kind, asked_at in rows.values_list("specialist_id", "at", "kind", "asked_at"):
        found[person].append((at, kind, asked_at))
    return found


def _last_answers(known: Known) -> dict[datetime, str]:
    """What was answered last, by the time of asking; answers of before that was kept stand under
    their own time."""
    return {asked_at or at: kind for at, kind, asked_at in known if kind != SIGN_IN}


def _sign_ins_known_since() -> datetime | None:
    """From when on an answer knows of the sign-ins before it; None while no day is kept."""
    days = AvailabilitySignal.objects.filter(kind=SIGN_IN)
    first = days.order_by("at").values_list("at", flat=True).first()
    return first + SIGN_INS_KEPT if first is not None else None


def _confirmations() -> Times:
    times: Times = defaultdict(list)
    events = Event.objects.filter(action__in=CONFIRMING, object_type=Specialist._meta.label)
    for person, at in events.order_by("at").values_list("object_id", "at"):
        times[int(person)].append(at)
    return times


def _answer(
    at: datetime, yes: bool, confirmed: list[datetime], earlier: list[tuple[datetime, str]]
) -> Answer:
    place = bisect_left(confirmed, at)
    last = confirmed[place - 1] if place else None
    ages = {
        kind: _days(when, at) for when, kind in earlier if last is None or when > last
    }  # the latest of a kind stands last
    return Answer(age=inf if last is None else _days(last, at), signal_ages=ages, yes=yes)


def _days(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds() / DAY_SECONDS)


def _is_held_back(person: int) -> bool:
    """One half of the people, the same at each run."""
    return sha256(str(person).encode()).digest()[0] % 2 == 0


def refit() -> ConfidenceFit:
    """Fit on one half of the people, check on the other, and keep the result for a coordinator to
    confirm; nothing changes before. Raises PoolRefused with too few answers."""
    answers = own_answers()
    known = [answer for person, answer in answers if not _is_held_back(person)]
    held = [answer for person, answer in answers if _is_held_back(person)]
    both = all(len({answer.yes for answer in part}) == 2 for part in (known, held))
    if len(answers) < LEAST_ANSWERS or not both:
        raise PoolRefused(
            f"回答がまだ足りません（いま{len(answers)}件、必要なのは{LEAST_ANSWERS}件で、"
            "承諾と辞退の両方がある場合です）。"
        )
    fitted = fit(known)
    predicted = predict(held, fitted)
    row: ConfidenceFit = ConfidenceFit.objects.create(
        answers=len(known),
        held_back=len(held),
        parameters={**asdict(fitted), "ratios": dict(fitted.ratios)},
        brier=brier(predicted, held),
        brier_now=brier(predict(held, parameters_in_force()), held),
        brier_no_decay=brier(predict(held, fit(known, decay=False)), held),
        worst_points=max(abs(tenth.points) for tenth in deciles(predicted, held)),
    )
    return row


def refit_when_due() -> ConfidenceFit | None:
    """Fit anew when as many answers have come since the last fit as one needs, and tell the
    coordinators, who decide on its page; what counts stays as it is until then. By the calendar;
    one process at a time, and twice does nothing more. None when there is nothing to do."""
    with alone(FIT_LOCK, 1) as free:
        if not free or _new_answers() < LEAST_ANSWERS:
            return None
        try:
            with transaction.atomic():
                row = refit()
                _tell(row)
        except PoolRefused:  # all of them yes, or all of them no: nothing can be learnt yet
            return None
    return row


def _new_answers() -> int:
    """Answers since the last fit; of all times where there is none."""
    last = ConfidenceFit.objects.order_by("-made_at").first()
    answers = AvailabilitySignal.objects.filter(kind__in=ANSWERS)
    return (answers.filter(at__gt=last.made_at) if last else answers).count()


def _tell(row: ConfidenceFit) -> None:
    better = (
        "新しい値のほうが、よく当たります。使うかどうかを決めてください。"
        "決めるまで、いまの値を使います。"
    )
    worse = "いまの値のほうが、よく当たります。変える必要はありません。"
    tell_coordinators(
        subject="稼働情報の確かさを見直しました",
        first_line=f"打診への回答から計算し直しました。{better if row.is_better else worse}",
        path=reverse("admin:specialists_confidencefit_change", args=[row.pk]),
        key=f"confidence-fit:{row.pk}",
    )


@transaction.atomic
def confirm_fit(fit_id: int, *, by: User) -> ConfidenceFit:
    """Use a fit from now on. By a coordinator. Raises PoolRefused for one that predicted worse
    than what counts now, or that is in use."""
    row: ConfidenceFit = ConfidenceFit.objects.select_for_update(of=("self",)).get(pk=fit_id)
    if not is_coordinator(by):
        raise PoolRefused("決められるのは、県コーディネーターと県決裁者です。")
    if row.confirmed_at is not None:
        raise PoolRefused("この値は、もう使い始めています。")
    if not row.is_better:
        raise PoolRefused("いまの値のほうがよく当たるため、使えません。")
    row.confirmed_at = timezone.now()
    row.confirmed_by = by
    row.save(update_fields=["confirmed_at", "confirmed_by"])
    audit.record("confirm_confidence_fit", row, by=by, detail={"answers": row.answers})
    return row
