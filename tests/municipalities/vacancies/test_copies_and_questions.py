"""What a copy carries, and until when the public may ask."""

from datetime import UTC, date, datetime

import pytest

from municipalities.registry.models import Municipality
from municipalities.vacancies import services
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.services.changes import questions_until
from tests.municipalities.vacancies.objects import make_vacancy

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 11, 5, 20, tzinfo=UTC)  # the 6th in Japan


def test_a_copy_has_todays_names() -> None:
    vacancy = make_vacancy("closed")
    Municipality.objects.filter(pk=vacancy.municipality_id).update(name="新江田島市")
    vacancy = Vacancy.objects.get()
    values = services.copy_vacancy(vacancy, by=vacancy.created_by).values
    assert values["municipality_name"] == "新江田島市"
    assert (values["prefecture_name"], values["lg_code"]) == ("広島県", "342157")


@pytest.mark.parametrize(
    ("opens", "published", "closes", "until"),
    [
        (date(2026, 11, 1), None, date(2026, 11, 30), date(2026, 11, 23)),
        (date(2026, 11, 1), None, date(2026, 11, 6), date(2026, 11, 3)),
        (date(2026, 11, 1), None, date(2026, 11, 1), date(2026, 11, 1)),
        (date(2026, 11, 1), EVENING, date(2026, 11, 8), date(2026, 11, 7)),
        (None, None, date(2026, 11, 8), date(2026, 11, 8)),
        (date(2026, 11, 1), None, None, None),
    ],
)
def test_the_last_day_for_questions_lies_in_the_recruiting(
    opens: date | None, published: datetime | None, closes: date | None, until: date | None
) -> None:
    """Also when there is less than a week: it once lay before the first day."""
    vacancy = Vacancy(open_date=opens, published_at=published, close_date=closes)
    assert questions_until(vacancy) == until
