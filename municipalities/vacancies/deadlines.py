"""Days that must lie ahead when a vacancy is handed on: pure, the day is given."""

from datetime import date

from municipalities.vacancies.definition import Values

LAST_DAYS = ("close_date", "publish_until")


def past_days(values: Values, today: date) -> list[tuple[str, str]]:
    """The last days of the recruiting that are over on `today`, as (identifier, message). What is
    published so would be over at once, and nobody could apply.

    Values that cannot be read as ISO dates are passed over: they are reported by themselves.
    """
    found = []
    for identifier in LAST_DAYS:
        try:
            day = date.fromisoformat(values.get(identifier, ""))
        except ValueError:
            continue
        if day < today:
            found.append((identifier, "過ぎた日です。今日以後の日を入れてください。"))
    return found
