"""A vacancy under its lock: read again, in a state that allows the verb, as it was read."""

from django.urls import reverse

from municipalities.registry.notices import tell_town
from municipalities.vacancies.errors import EditConflictError, NotAllowedNowError
from municipalities.vacancies.models import Need, Vacancy, VacancyQuestion
from talentpool.audit.models import Event


def read_again(vacancy: Vacancy) -> Vacancy:
    """The row, locked and read again."""
    row: Vacancy = (
        Vacancy.objects.select_for_update(of=("self",), no_key=True)
        .select_related("form_version", "change_form", "municipality")
        .get(pk=vacancy.pk)
    )
    return row


def refused(row: Vacancy) -> NotAllowedNowError:
    state = row.get_change_display() or row.get_status_display()
    return NotAllowedNowError(
        f"募集情報 {row.vacancy_no} は今「{state}」のため、"
        "この操作はできません。ほかの人が先に進めたか、画面が古くなっています。"
    )


def locked(vacancy: Vacancy, verb: str) -> Vacancy:
    """The row, locked, read again and moved on; raises NotAllowedNowError in a wrong state."""
    row = read_again(vacancy)
    if not row.allows(verb):
        raise refused(row)
    # Whatever the verb is; a return or a recall sets its time anew.
    row.returned_at, row.change_recalled_at = None, None
    if verb in Vacancy.CHANGES:
        row.change = Vacancy.CHANGES[verb][1]
    else:
        row.status = Vacancy.TRANSITIONS[verb][1]
        if row.status != Vacancy.Status.PUBLISHED:  # a change on its way ends with the vacancy
            end_change(row)
    return row


Written = Vacancy | Need | VacancyQuestion


def check_read(row: Written, read: Written, version: int | None) -> None:
    """Raise EditConflictError unless the locked row holds the text that was read.

    `version` is the version that stood on the page; the one of `read` unless given. What is
    decided upon is what was read (A-23): a town may write and submit again in between.
    """
    if row.version != (read.version if version is None else version):
        raise EditConflictError(
            "画面を開いたあとで、内容が変わりました。今の内容を読み直してから、もう一度決めてください。"
        )


def end_change(row: Vacancy) -> None:
    """Take away the change on its way. Does not save."""
    row.change, row.changed_values, row.change_form = "", None, None
    row.change_submitted_at = None


def tell_its_town(vacancy: Vacancy, event: Event, subject: str, first_line: str) -> None:
    tell_town(
        vacancy.municipality_id,
        subject=subject,
        first_line=first_line,
        path=reverse("town:vacancy_detail", args=[vacancy.vacancy_no]),
        key=f"vacancy:{event.pk}",
    )
