"""What the forms of the registration have in common."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms

from talentpool.pages.fields import DaysInput, HalfDaysField
from talentpool.pages.forms import PortalForm
from talentpool.pages.opened import NAME, differences, fingerprint
from talentpool.specialists.blindness import telling_words
from talentpool.specialists.models import Specialist
from talentpool.vocabulary.models import Term

YES_NO = [("yes", "はい"), ("no", "いいえ")]


class TopicForm(PortalForm):
    """One topic of a person's registration. `start` gives the saved values; `write` saves."""

    # Beginnings of the names of free texts that others read before they may know who it is.
    read_blind: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: Any = None, *, person: Specialist, **kwargs: Any) -> None:
        self.person = person
        kwargs.setdefault("initial", self.start(person))
        super().__init__(data, **kwargs)

    def start(self, person: Specialist) -> dict[str, Any]:
        raise NotImplementedError

    def vetted(self, person: Specialist) -> dict[str, str]:
        """What is saved of what the prefecture vets, by label, in words: it looks again where a
        person of the pool changes it."""
        return {}

    def write(self) -> None:
        """Save the cleaned values; called inside the service's transaction."""
        raise NotImplementedError

    @property
    def opened(self) -> str:
        """What the page was opened on; goes with the form as a hidden input."""
        return str(self.data.get(NAME, "")) if self.is_bound else self.saved

    @property
    def saved(self) -> str:
        """The fingerprint of what is saved now."""
        return fingerprint(self.start(self.person))

    def reopen(self) -> list[tuple[str, str]]:
        """Let the next press save over what somebody else has saved; returns what that is, by
        label, where it differs from what is typed."""
        sent: Any = self.data
        again = sent.copy()
        again[NAME] = self.saved
        self.data = again
        return differences(self)

    def telling(self) -> list[tuple[Any, str]]:
        """Texts changed now that may tell who the person is: the field, and the words found."""
        names = [name for name in self.fields if name.startswith(self.read_blind)]
        found = (
            (self[name], telling_words(self.person, self.cleaned_data.get(name) or ""))
            for name in names
            if self.read_blind and name in self.changed_data
        )
        return [(field, words) for field, words in found if words]

    @property
    def rows(self) -> list[tuple[str, list[Any], bool]]:
        """Groups of fields with their legend, where the topic has numbered rows; the last value
        says whether the group is open, for it is filled or the next to be filled."""
        return []

    def numbered_rows(
        self, legend: str, count: int, names: Sequence[str]
    ) -> list[tuple[str, list[Any], bool]]:
        """The rows made by `numbered`, open as far as they are filled and one or two more."""
        groups = [[self[f"{name}_{number}"] for name in names] for number in range(1, count + 1)]
        filled = [n for n, group in enumerate(groups, 1) if any(map(_has_value, group))]
        last_open = max(2, max(filled, default=0) + 1)
        return [
            (f"{legend} {number}", group, number <= last_open)
            for number, group in enumerate(groups, 1)
        ]


def _has_value(field: Any) -> bool:
    value = field.value()
    return any(value) if isinstance(value, list) else bool(value)


class YesNoField(forms.TypedChoiceField):
    """Yes or no by radio buttons; cleans to a bool, nothing to None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=YES_NO,
            widget=forms.RadioSelect,
            coerce=lambda value: value == "yes",
            empty_value=None,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value)


class YearsInput(DaysInput):
    suffix = "年"


class YearsField(forms.IntegerField):
    """Whole years, 0 to 60."""

    widget = YearsInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=60, **kwargs)


class MonthlyLimitField(HalfDaysField):
    """Half-days a month, at most a whole month; empty for no limit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=62, required=False, **kwargs)


def terms_of(*vocabularies: str) -> dict[str, list[tuple[str, str]]]:
    """Codes and labels in use of several code lists, in one query."""
    found: dict[str, list[tuple[str, str]]] = {vocabulary: [] for vocabulary in vocabularies}
    for row in Term.objects.filter(vocabulary__in=vocabularies, active=True):
        found[row.vocabulary].append((row.code, row.label))
    return found


def terms(vocabulary: str) -> list[tuple[str, str]]:
    """Codes and labels of a code list in use."""
    return terms_of(vocabulary)[vocabulary]


def numbered(count: int, make: Callable[[int], dict[str, forms.Field]]) -> dict[str, forms.Field]:
    """The fields of `count` rows, named with the row's number."""
    return {
        f"{name}_{number}": field
        for number in range(1, count + 1)
        for name, field in make(number).items()
    }
