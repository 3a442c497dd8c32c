"""What higher apps add to a need and a vacancy: parts of their pages, and what must happen when a
need is withdrawn or a vacancy ends.

Filled in `AppConfig.ready()`, because imports point down only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from municipalities.vacancies.models import Need, Vacancy


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the need's page: a template and what it needs.

    `step` moves the row of steps on (a number of `STEPS` in views/needs.py), 0 leaves it.
    `sentence` says where the need stands, in the place of the words for its state.
    """

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    step: int = 0
    sentence: str = ""


# Gets the need and the user who looks; None when there is nothing to show.
SectionSource = Callable[[Need, Any], Section | None]
# Gets the vacancy and who looks, signed in or not; None when there is nothing to show.
VacancySectionSource = Callable[[Vacancy, Any], Section | None]
# Runs inside the transaction of `withdraw_need`; may raise VacanciesError to refuse.
WithdrawalHook = Callable[[Need, Any], None]
# Runs inside the transaction of the verb that ends a vacancy.
EndHook = Callable[[Vacancy], None]

# Says in Japanese why a need cannot be returned to its town now; empty when it can.
ReturnObstacle = Callable[[Need], str]

_sections: list[SectionSource] = []
_vacancy_sections: list[VacancySectionSource] = []
_withdrawal: list[WithdrawalHook] = []
_ends: list[EndHook] = []
_return_obstacles: list[ReturnObstacle] = []


def register_need_section(source: SectionSource) -> None:
    """Add a part to the page of a need, for the town and for the prefecture."""
    _sections.append(source)


def need_sections(need: Need, user: Any) -> list[Section]:
    """The parts that higher apps show for this need, in the order of the apps."""
    return [section for source in _sections if (section := source(need, user)) is not None]


def register_vacancy_section(source: VacancySectionSource) -> None:
    """Add a part to the page of a vacancy, the public one and its town's."""
    _vacancy_sections.append(source)


def vacancy_sections(vacancy: Vacancy, user: Any) -> list[Section]:
    """The parts that higher apps show for this vacancy, in the order of the apps."""
    found = (source(vacancy, user) for source in _vacancy_sections)
    return [section for section in found if section is not None]


def register_withdrawal(hook: WithdrawalHook) -> None:
    """Add what has to be ended or refused when a need is withdrawn."""
    _withdrawal.append(hook)


def register_return_obstacle(obstacle: ReturnObstacle) -> None:
    """Add what keeps an accepted need from being returned to be mended."""
    _return_obstacles.append(obstacle)


def return_obstacle(need: Need) -> str:
    """Why the need cannot be returned now; empty when nothing keeps it."""
    return next((words for obstacle in _return_obstacles if (words := obstacle(need))), "")


def run_withdrawal_hooks(need: Need, by: Any) -> None:
    """Called by the service before the need changes its state."""
    for hook in _withdrawal:
        hook(need, by)


def register_vacancy_end(hook: EndHook) -> None:
    """Add what has to happen when a vacancy is closed or withdrawn."""
    _ends.append(hook)


def run_end_hooks(vacancy: Vacancy) -> None:
    """Called by the service after the vacancy has ended."""
    for hook in _ends:
        hook(vacancy)
