"""A person's whole package, and the erasure of a person."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from talentpool.audit import services as audit
from talentpool.privacy import erasure, tombstones
from talentpool.privacy.inventory import NOBODY
from talentpool.privacy.package import Row, Subject, as_json, reviewed_titles
from talentpool.rights.errors import Refused
from talentpool.specialists.models import EntryTicket, FirmManager, Specialist
from talentpool.specialists.services import people_import
from talentpool.specialists.services.leaving import prepare_endings
from talentpool.users.models import User


def subject_of(person: Specialist) -> Subject:
    """Whom records may be about: the person, the account, its addresses, and those to which the
    prefecture sent the way in, unless they are another account's, or the way was closed: that was
    perhaps a stranger's address, by a mistake in typing."""
    ways = EntryTicket.objects.filter(specialist=person).exclude(status=EntryTicket.Status.ENDED)
    sent_to = set(ways.values_list("email", flat=True))
    others = User.objects.filter(email__in=sent_to).exclude(specialist=person)
    addresses = sent_to - set(others.values_list("email", flat=True))
    if person.user:
        addresses.add(person.user.email)
    if person.user_id:
        addresses |= set(
            EmailAddress.objects.filter(user_id=person.user_id).values_list("email", flat=True)
        )
    return Subject(person.pk, person.user_id, tuple(sorted(addresses)))


def subject_of_account(user: User) -> Subject:
    """Whom records may be about of an account that is nobody's of the pool: one that never began a
    registration, or a firm's manager."""
    own = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return Subject(NOBODY, user.pk, tuple(sorted({user.email, *own})))


def _made() -> Row:
    return {
        "作成日時": timezone.localtime().isoformat(timespec="seconds"),
        "作成者": f"{settings.PREFECTURE_NAME} {settings.PREFECTURE_OFFICE}",
    }


def heading_of_account(user: User) -> Row:
    """What stands above the package of an account without a registration."""
    return {
        **_made(),
        "利用者": user.name,
        "内容": f"{settings.SITE_NAME}が保有する、あなたについての記録のすべて",
    }


def account_json(user: User) -> bytes:
    """Everything that the portal holds about an account without a registration, as JSON."""
    return as_json(subject_of_account(user), heading=heading_of_account(user), to_review=True)


def heading_of(person: Specialist, *, to_review: bool) -> Row:
    """What stands above the package."""
    heading = {
        **_made(),
        "登録番号": person.pool_number,
        "内容": f"{settings.SITE_NAME}が保有する、あなたについての記録のすべて",
    }
    if not to_review:
        titles = "、".join(reviewed_titles())
        heading["県が確かめてから開示する記録"] = f"{titles}。開示の請求をしてください"
    return heading


def package_json(person: Specialist, *, to_review: bool) -> bytes:
    """Everything that the portal holds about the person, as a JSON file; with `to_review` (staff
    only) also what the prefecture looks through before it discloses it."""
    return as_json(
        subject_of(person),
        heading=heading_of(person, to_review=to_review),
        to_review=to_review,
    )


@transaction.atomic
def erase_person(person_id: int, *, by: User | None) -> dict[str, int]:
    """Take the identity out of every table; engagements stay as public records under the number.

    Called by `carry_out` of a decided request, and by the purge (`by=None`). Returns the rows
    touched by table; an erased person erased again gives nothing new. Raises Refused while an
    engagement or an approach is going on; what else is open with the person, such as an offered
    candidate or an application, ends as when somebody leaves the pool.
    """
    people_import.PEOPLE.lock_open()  # the files to give up, before anything is recorded
    endings = prepare_endings(person_id)
    person = (
        Specialist.objects.select_for_update(of=("self",)).select_related("user").get(pk=person_id)
    )
    reasons = erasure.why_not(person.pk)
    if reasons:
        raise Refused(" ".join(reasons))
    subject = subject_of(person)
    if person.user_id is None and person.name == erasure.ERASED_WORD:
        return {}
    Specialist.objects.filter(pk=person.pk).exclude(status__in=Specialist.GONE).update(
        status=Specialist.Status.WITHDRAWN
    )  # what ends asks for it
    with audit.together():  # the tables are locked before the chain
        for end in endings:
            end(by)
        tombstones.bury(subject.addresses, name=person.name, kana=person.kana)
        done = erasure.erase(subject)
        audit.record("erase_person", person, by=by, detail={"rows": done})
    return done


@transaction.atomic
def erase_account(user_id: int, *, by: User | None) -> dict[str, int]:
    """Take the identity out of an account that is nobody's of the pool and speaks for no firm now;
    what it did for a firm stays under its number. Called by the purge (`by=None`). Returns the
    rows touched by table. Raises Refused where the account is in use."""
    user = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    speaks = FirmManager.objects.filter(user=user, until=None).exists()
    if speaks or Specialist.objects.filter(user=user).exists():
        raise Refused("この利用者は、登録に使われています。")
    done = erasure.erase(subject_of_account(user))
    audit.record("erase_account", user, by=by, detail={"rows": done})
    return done
