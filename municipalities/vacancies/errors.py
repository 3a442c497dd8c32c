"""What a verb may refuse, with the words that the page shows."""


class VacanciesError(Exception):
    """A refusal with a Japanese message; views show it and never answer with a 500."""


class NotAllowedNowError(VacanciesError):
    """The row is in a state from which the verb does not start (somebody was quicker)."""


class IncompleteError(VacanciesError):
    """Values are missing or wrong; `problems` maps identifiers to messages."""

    def __init__(self, message: str, problems: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or {}


class TooEarlyError(IncompleteError):
    """The towns may still answer, and it was not said that they are not waited for."""


class EditConflictError(VacanciesError):
    """Somebody saved the row since it was opened (A-23)."""


class NumbersExhaustedError(VacanciesError):
    """A municipality has used all 29,999 numbers of a fiscal year."""


class ExportError(VacanciesError):
    """The month's batch cannot be made, approved or marked as submitted."""
