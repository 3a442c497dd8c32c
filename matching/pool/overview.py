"""人材の概況: how much of which skill at which level is free when, for towns that may not browse.

A cell tells of at least three people or tells nothing (B-08): fewer could be recognised. What is
hidden must not follow from a total either, so where the hidden cells of a row together stand for
fewer than three people, more is hidden with them (complementary suppression). A person counts in
each of his or her skills, once a row, so rows have no totals among each other.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from matching.pool.models import KeptOverview, PoolEntry, month_number
from matching.pool.querysets import FreeThroughout, LeastFree
from talentpool.conventions.era import format_month_span
from talentpool.conventions.months import add_months, first_of_month
from talentpool.conventions.numbers import number_in
from talentpool.specialists.models import Specialist, SpecialistSkill
from talentpool.specialists.services import confidence_by_person
from talentpool.vocabulary.models import Level, Skill

LEAST_PEOPLE = 3
LEAST_HALF_DAYS = 2  # who has less than a day a month in the whole quarter does not count as free
DAYS_STEP = 5  # days are told in steps: a change of one person's days does not show
QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Amount:
    """People who are free, and the half-days a month that can be expected of them together."""

    people: int = 0
    half_days: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.people + other.people, self.half_days + other.half_days)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a town reads: an amount, or nothing but that it is hidden."""

    amount: Amount | None

    @property
    def is_hidden(self) -> bool:
        return self.amount is None

    @property
    def days(self) -> int:
        """Days a month to be expected, in steps of five, rounded down; 0 stands for fewer."""
        return self.amount.half_days // 2 // DAYS_STEP * DAYS_STEP if self.amount else 0


@dataclass(frozen=True, slots=True)
class Line:
    """A skill with a cell for each level and the total of the row."""

    skill: Skill
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months that the overview can show; `number` counts from the present one."""

    number: int
    first: date
    last: date

    @property
    def words(self) -> str:
        return format_month_span(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Overview:
    """What a town reads of a quarter. `as_of` is the day on which it was counted; None before."""

    quarter: Quarter
    levels: list[Level]
    lines: list[Line]
    as_of: date | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read in it."""
        return all(line.total.amount == Amount() for line in self.lines)


def hide(amounts: Sequence[Amount]) -> tuple[list[Cell], Cell]:
    """The cells of a row and its total, with nothing left to work out about fewer than three.

    Cells of one or two people are hidden. When the hidden ones together stand for fewer than
    three people, or one stands alone, the smallest cell that is left joins them; what a reader
    can then get by subtraction is a sum over at least three people in at least two cells. Where
    that cannot be had, the total is hidden as well. Nobody is shown as nobody.
    """
    total = sum(amounts, Amount())
    hidden = {place for place, amount in enumerate(amounts) if 0 < amount.people < LEAST_PEOPLE}
    while hidden and not _is_covered(amounts, hidden):
        shown = [
            (amount.people, place)
            for place, amount in enumerate(amounts)
            if place not in hidden and amount.people
        ]
        if not shown:
            break
        hidden.add(min(shown)[1])
    cells = [Cell(None if place in hidden else amount) for place, amount in enumerate(amounts)]
    if hidden and not _is_covered(amounts, hidden):
        return cells, Cell(None)
    return cells, Cell(total)


def _is_covered(amounts: Sequence[Amount], hidden: set[int]) -> bool:
    people = sum(amounts[place].people for place in hidden)
    return len(hidden) > 1 and people >= LEAST_PEOPLE


def quarters(today: date) -> list[Quarter]:
    """The present calendar quarter and the next three: those of the fiscal year."""
    month = first_of_month(today)
    start = add_months(month, -((month.month - 1) % 3))
    return [
        Quarter(number, add_months(start, 3 * number), add_months(start, 3 * number + 2))
        for number in range(QUARTERS)
    ]


def overview(number: int) -> Overview:
    """The overview of one of `quarters`, as it was counted last; without lines where that has not
    been done yet, or not for this quarter."""
    quarter = quarters(timezone.localdate())[number]
    kept = KeptOverview.objects.first()
    counts = kept.counts.get(_key(quarter)) if kept is not None else None
    if kept is None or counts is None:
        return Overview(quarter, [], [], None)
    amounts = {(skill, level): (people, days) for skill, level, people, days in counts}
    return _laid_out(quarter, amounts, kept.as_of)


def _key(quarter: Quarter) -> str:
    return f"{quarter.first:%Y-%m}"


def renew_overview(today: date) -> KeptOverview:
    """Count the overview of `today` and keep it in the place of earlier ones. Run by the calendar;
    what was counted on a day stays: two looks at the same day do not tell what one person has
    changed in between."""
    kept = KeptOverview.objects.filter(as_of=today).first()
    if kept is not None:
        return kept
    month = first_of_month(today)
    counts = {
        _key(quarter): [
            [*place, *amount]
            for place, amount in sorted(_amounts(max(quarter.first, month), quarter.last).items())
        ]
        for quarter in quarters(today)
    }
    facts = {"counts": counts, "counted_at": timezone.now()}
    with transaction.atomic():
        kept, _ = KeptOverview.objects.get_or_create(as_of=today, defaults=facts)
        KeptOverview.objects.filter(as_of__lt=today).delete()
    return kept


def _laid_out(
    quarter: Quarter, amounts: Mapping[tuple[str, int], tuple[int, int]], as_of: date
) -> Overview:
    levels = list(Level.objects.all())
    lines = []
    for skill in Skill.objects.all():
        row = [Amount(*amounts.get((skill.pk, level.number), (0, 0))) for level in levels]
        cells, total = hide(row)
        lines.append(Line(skill, cells, total))
    return Overview(quarter, levels, lines, as_of)


def _amounts(first: date, last: date) -> dict[tuple[str, int], tuple[int, int]]:
    """People and half-days a month by skill and level: who is registered and has at least a day
    free in every month counts with the least of the months. The half-days are those that can be
    expected: each person's are weighed with the confidence, as in the prefecture's outlook."""
    span = month_number(first), month_number(last)
    free = dict(
        PoolEntry.objects.filter(specialist__in=Specialist.objects.registered())
        .filter(FreeThroughout("free", *span, LEAST_HALF_DAYS))
        .annotate(least=LeastFree("free", *span))
        .values_list("specialist_id", "least")
    )
    sure = confidence_by_person(free)
    skills = (
        SpecialistSkill.objects.filter(specialist__in=Specialist.objects.registered())
        .filter(FreeThroughout("specialist__pool_entry__free", *span, LEAST_HALF_DAYS))
        .order_by()
        .values_list("specialist_id", "skill_id", Coalesce("assessed_level", "own_level"))
    )
    people: Counter[tuple[str, int]] = Counter()
    expected: Counter[tuple[str, int]] = Counter()  # half-days in permille
    for person, skill, level in skills:
        people[skill, level] += 1
        expected[skill, level] += free.get(person, 0) * sure.get(person, 0)
    return {key: (count, expected[key] // 1000) for key, count in people.items()}


def quarter_of(text: str) -> int:
    """The number of a quarter as it stands in the address; the present one when it is none."""
    number = number_in(text)
    return number if number < QUARTERS else 0
