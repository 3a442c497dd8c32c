"""What people change after the prefecture has vetted them: kept, looked at, never washed off."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.conventions.folding import search_key
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import ProfileChange, Specialist, SpecialistSkill
from talentpool.specialists.services.interests import ties_changed
from talentpool.users.models import User

Kind = ProfileChange.Kind
# What the review looked at, by topic of the registration.
VETTED = {"basics": Kind.NAME, "background": Kind.BACKGROUND, "certificates": Kind.CERTIFICATE}


def keep_skill_changes(person: Specialist, before: dict[str, SpecialistSkill]) -> None:
    """Compare the skills as saved now with those of `before` (by code): keep the prefecture's level
    of what was taken out, give it back to what has come back, and list for the prefecture what a
    person of the pool has added or raised. Inside the transaction that saves them."""
    now = {row.skill_id: row for row in person.skills.all()}
    made = [_removed(row) for code, row in before.items() if code not in now]
    for code, row in now.items():
        earlier = before.get(code) or _taken_out(person, code)
        if code not in before and earlier is not None:
            row.assessed_level = earlier.assessed_level
            row.save(update_fields=["assessed_level"])
        made += _risen(person, row, earlier)
    ProfileChange.objects.bulk_create(made)


def _removed(row: SpecialistSkill) -> ProfileChange:
    return ProfileChange(
        specialist_id=row.specialist_id,
        kind=Kind.REMOVED,
        skill_id=row.skill_id,
        before=row.own_level,
        assessed_level=row.assessed_level,
    )


def _taken_out(person: Specialist, code: str) -> SpecialistSkill | None:
    """The skill as it was when it was taken out the last time."""
    last = person.profile_changes.filter(kind=Kind.REMOVED, skill_id=code).first()
    if last is None:
        return None
    return SpecialistSkill(own_level=last.before, assessed_level=last.assessed_level)


def _risen(
    person: Specialist, row: SpecialistSkill, earlier: SpecialistSkill | None
) -> list[ProfileChange]:
    if not _is_looked_at_afterwards(person):
        return []
    if earlier is not None and row.own_level <= earlier.own_level:
        return []
    return [
        ProfileChange(
            specialist=person,
            kind=Kind.ADDED if earlier is None else Kind.RAISED,
            skill_id=row.skill_id,
            before=earlier.own_level if earlier else None,
            after=row.own_level,
            assessed_level=row.assessed_level,
        )
    ]


def keep_permit_change(person: Specialist, needed_before: bool | None) -> None:
    """List for the prefecture that a person of the pool says now that no permission is needed.
    Inside the transaction that saves it."""
    is_new = needed_before is not False and not person.needs_permit
    if is_new and _is_looked_at_afterwards(person):
        ProfileChange.objects.create(specialist=person, kind=Kind.NO_PERMIT)


def keep_vetted_changes(
    person: Specialist, topic: str, before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    """List for the prefecture what a person of the pool says otherwise now of what was vetted
    (label and words, before and after). Inside the transaction that saves it."""
    if topic not in VETTED or not _is_looked_at_afterwards(person):
        return
    said = [
        f"{label}：{before.get(label) or 'なし'} → {after.get(label) or 'なし'}"
        for label in {**before, **after}
        if before.get(label) != after.get(label)
    ]
    if said:
        ProfileChange.objects.create(
            specialist=person, kind=VETTED[topic], detail="\n".join(said)[:4000]
        )


def keep_employer_change(person: Specialist, before: str) -> None:
    """The person works for somebody else than `before` now: what was declared of ties counts no
    more, nor does an employer that was declared with it; who is at work for a town is looked at
    anew, and the coordinators are told the same day. Inside the transaction that saves it."""
    if search_key(before) == search_key(person.employer):
        return
    if not (before or person.status in Specialist.IN_POOL):
        return  # said for the first time, before anything was declared of it
    person.belonging_changed_at, person.employer_no_company = timezone.now(), ""
    person.save(update_fields=["belonging_changed_at", "employer_no_company"])
    ties_changed(person.pk)
    if _is_looked_at_afterwards(person):
        tell_coordinators(
            subject="登録している人の勤務先が変わりました",
            first_line="登録している人が、勤務先を変えました。利益相反の申告がもう一度済むまで、"
            "この人は要確認になります。働いている市町との関わりを確かめてください。",
            path=reverse("admin:specialists_specialist_review", args=[person.pk]),
            key=f"employer:{person.pk}:{person.belonging_changed_at:%Y%m%d%H%M%S%f}",
        )


def _is_looked_at_afterwards(person: Specialist) -> bool:
    """An application is vetted as a whole, and what staff entered they have seen."""
    return person.status in Specialist.IN_POOL and person.user_id is not None


@transaction.atomic
def note_seen(person: Specialist, shown: Iterable[int] | None = None, *, by: User) -> int:
    """The prefecture has looked at the changes that a page has `shown` (their keys), or, where the
    registration is decided on as a whole, at all; returns at how many. By a coordinator. Raises
    PoolRefused."""
    if not is_coordinator(by):
        raise PoolRefused("確かめたと記録できるのは、県コーディネーターと県決裁者です。")
    rows = person.profile_changes.unseen()
    if shown is not None:
        rows = rows.filter(pk__in=list(shown))
    count: int = rows.update(seen_at=timezone.now(), seen_by=by)
    if count:
        audit.record("look_at_changes", person, by=by, detail={"changes": count})
    return count
