"""Give and withdraw consent; publish new words of a purpose (B-01, B-02).

Other rooms ask `Specialist.objects.consenting(purpose)` or `agrees(person, purpose)`.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from talentpool.audit import services as audit
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import Consent, Purpose, PurposeText, Specialist
from talentpool.specialists.models.consent import INTRODUCED, PLEDGES, REQUIRED
from talentpool.specialists.services.leaving import prepare_endings
from talentpool.users.models import User
from talentpool.vocabulary.services import read_rows

DATA = Path(__file__).parent.parent / "data"
FIRST_VERSION_FROM = date(2026, 4, 1)


class ConsentRefused(PoolRefused):
    """The message is for the person who asked."""


def texts_in_force(
    purposes: Iterable[str] = Purpose.values, today: date | None = None
) -> list[PurposeText]:
    """The words in force, in the order of `purposes`; a purpose without words is left out."""
    wanted = list(purposes)
    newest = (
        PurposeText.objects.filter(
            purpose__in=wanted, in_force_from__lte=today or timezone.localdate()
        )
        .order_by("purpose", "-version")
        .distinct("purpose")
    )
    found = {text.purpose: text for text in newest}
    return [found[purpose] for purpose in wanted if purpose in found]


@transaction.atomic
def give(
    specialist: Specialist,
    texts: Sequence[PurposeText],
    *,
    method: str = Consent.Method.SCREEN,
    by: User | None,
) -> list[Consent]:
    """Record that the person agrees to the words of `texts`. By the person, or by a coordinator
    who has it on paper.

    A current consent to other words of the purpose ends. Words that are not in force today are
    refused: what the person read was old. Raises ConsentRefused.
    """
    Specialist.objects.select_for_update(of=("self",), no_key=True).get(pk=specialist.pk)
    now = timezone.now()
    if set(texts) - set(texts_in_force({text.purpose for text in texts})):
        raise ConsentRefused("文面が新しくなりました。もう一度読んで、答えてください。")
    rows = Consent.objects.current().filter(specialist=specialist)
    agreed = set(rows.filter(text__in=texts).values_list("text_id", flat=True))
    fresh = [text for text in dict.fromkeys(texts) if text.pk not in agreed]
    rows.filter(purpose__in=[text.purpose for text in fresh]).update(withdrawn_at=now)
    given = []
    for text in fresh:
        consent = Consent.objects.create(
            specialist=specialist,
            purpose=text.purpose,
            text=text,
            text_sha256=text.sha256,
            given_at=now,
            method=method,
            recorded_by=by,
        )
        given.append(consent)
    for consent in given:
        audit.record(
            "give_consent",
            consent,
            by=by,
            detail={"purpose": consent.purpose, "version": consent.text.version, "method": method},
        )
    return given


@transaction.atomic
def withdraw(specialist: Specialist, purpose: str, *, by: User | None) -> None:
    """End the consent to a purpose; use stops at once, and what is being coordinated with the
    person ends where it rests on this consent. By the person, or by a coordinator whom the person
    asked. A pledge cannot be taken back. Raises ConsentRefused."""
    if purpose in PLEDGES:
        raise ConsentRefused(
            "誓約は取り消せません。登録をやめるときは、登録の取りやめへ進んでください。"
        )
    endings = prepare_endings(specialist.pk) if purpose in INTRODUCED else []
    Specialist.objects.select_for_update(of=("self",), no_key=True).get(pk=specialist.pk)
    ended = list(Consent.objects.current().filter(specialist=specialist, purpose=purpose))
    for consent in ended:
        consent.withdrawn_at = timezone.now()
        consent.save(update_fields=["withdrawn_at"])
    for end in endings:
        end(by)
    for consent in ended:  # last: what ends locks more rows
        audit.record("withdraw_consent", consent, by=by, detail={"purpose": purpose})


def agrees(specialist: Specialist, purpose: str) -> bool:
    """Whether the person's data may be used for `purpose` today."""
    return Specialist.objects.filter(pk=specialist.pk).consenting(purpose).exists()


def missing(specialist: Specialist, purposes: Iterable[str] = REQUIRED) -> list[PurposeText]:
    """The words in force to which the person has not agreed yet: what a page asks next. Consent
    under the grace of an older version is asked anew, though it still counts."""
    agreed = set(
        Consent.objects.current()
        .filter(specialist=specialist, purpose__in=list(purposes))
        .values_list("text_id", flat=True)
    )
    wanted = [purpose for purpose in Purpose.values if purpose in set(purposes)]
    return [text for text in texts_in_force(wanted) if text.pk not in agreed]


def why_not_publish(purpose: str, in_force_from: date) -> str | None:
    """Why new words cannot come into force on this day, in words; None when they can."""
    newest = PurposeText.objects.filter(purpose=purpose).order_by("-version").first()
    if newest is not None and in_force_from <= newest.in_force_from:
        return "使い始める日は、前の版より後にしてください。"
    if in_force_from < timezone.localdate():
        return "使い始める日は、今日より前にはできません。"
    return None


def who_drops_out(purpose: str, earlier_until: date | None) -> int:
    """How many registered people could not be introduced to towns any more on the day on which new
    words come into force: all who agree now where the earlier words end at once, else those who
    agree to words still older, under the grace of the last change."""
    if purpose not in INTRODUCED:
        return 0
    people = Specialist.objects.registered()
    if earlier_until is not None:
        newest = PurposeText.objects.filter(purpose=purpose).order_by("-version")[:1]
        given = Consent.objects.current().filter(purpose=purpose, text__in=newest.values("pk"))
        people = people.exclude(pk__in=given.values("specialist_id"))
    return people.count()


@transaction.atomic
def publish_text(*, by: User | None, **fields: Any) -> PurposeText:
    """Put new words of a purpose into force on a day to come or today. By a coordinator.

    `fields` are those of PurposeText without version. Raises ConsentRefused.
    """
    refusal = why_not_publish(fields["purpose"], fields["in_force_from"])
    if refusal:
        raise ConsentRefused(refusal)
    newest = (
        PurposeText.objects.select_for_update()
        .filter(purpose=fields["purpose"])
        .order_by("-version")
        .first()
    )
    version = newest.version + 1 if newest else 1
    text: PurposeText = PurposeText.objects.create(version=version, **fields)
    audit.record("publish_purpose_text", text, by=by, detail={"version": version})
    return text


def load_purpose_texts() -> None:
    """Add the first words of each purpose where there are none."""
    there = set(PurposeText.objects.values_list("purpose", flat=True))
    for row in read_rows(DATA / "purpose_texts.csv"):
        if row["purpose"] not in there:
            PurposeText.objects.create(
                purpose=row["purpose"],
                version=1,
                body=row["body"],
                recipients=row["recipients"],
                retention=row["retention"],
                in_force_from=FIRST_VERSION_FROM,
                confirmed=row["confirmed"] == "true",
            )
