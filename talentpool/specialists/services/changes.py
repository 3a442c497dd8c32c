"""What people change after the prefecture has vetted them: kept, looked at, never washed off."""

from django.db import transaction
from django.utils import timezone

from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import ProfileChange, Specialist, SpecialistSkill
from talentpool.users.models import User

Kind = ProfileChange.Kind


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


def _is_looked_at_afterwards(person: Specialist) -> bool:
    """An application is vetted as a whole, and what staff entered they have seen."""
    return person.status in Specialist.IN_POOL and person.user_id is not None


@transaction.atomic
def note_seen(person: Specialist, *, by: User) -> int:
    """The prefecture has looked at the changes; returns at how many. By a coordinator. Raises
    PoolRefused."""
    if not is_coordinator(by):
        raise PoolRefused("確かめたと記録できるのは、県コーディネーターと県決裁者です。")
    count: int = person.profile_changes.unseen().update(seen_at=timezone.now(), seen_by=by)
    if count:
        audit.record("look_at_changes", person, by=by, detail={"changes": count})
    return count
