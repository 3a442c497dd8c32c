"""What a page said that it showed, so that a button decides on nothing else (A-23)."""

from django.http import HttpRequest, QueryDict

from municipalities.vacancies.models import Vacancy, VacancyQuestion
from talentpool.conventions.numbers import number_in


def version_read(request: HttpRequest) -> int:
    """The version of the text that stood on the page; 0, which none is, for what is no number."""
    return number_in(request.POST.get("version", ""))


def read_now(
    posted: QueryDict, shown: Vacancy | VacancyQuestion, key: str = "version"
) -> QueryDict:
    """What was typed beside a text that has changed since, for the page that shows the new one:
    the next press is about that. `key` is the name under which the form sends the version."""
    again = posted.copy()
    again[key] = str(shown.version)
    return again
