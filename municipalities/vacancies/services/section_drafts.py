"""What a person typed into a section of a vacancy and has not saved (C-08)."""

from collections.abc import Callable

from django.db import transaction

from municipalities.vacancies.models import SectionDraft, Vacancy
from municipalities.vacancies.services.rows import read_again
from talentpool.users.models import User


@transaction.atomic
def keep_draft(
    vacancy: Vacancy,
    section: str,
    typed: str,
    *,
    version: int,
    says_more: Callable[[Vacancy], bool],
    by: User,
) -> bool:
    """Keep the text of a form as this person's draft of a section; False when the vacancy is not
    being written.

    `says_more` tells of the locked row whether the text holds anything that is not saved there:
    a draft that arrives behind the saving of the same text is none, and ends an older one.
    """
    row = read_again(vacancy)
    if not row.is_writable:
        return False
    if says_more(row):
        SectionDraft.objects.update_or_create(
            vacancy=row, user=by, section=section, defaults={"typed": typed, "version": version}
        )
    else:
        forget_draft(row, section, by=by)
    return True


def forget_draft(vacancy: Vacancy, section: str, *, by: User) -> None:
    """Let go what this person typed into a section."""
    vacancy.section_drafts.filter(user=by, section=section).delete()
