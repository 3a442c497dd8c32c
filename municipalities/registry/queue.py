"""What a home page shows: things to do, by date, facts beside them, further parts below.

Higher apps fill the three registries in `AppConfig.ready()`; the home pages of the coordinators,
the towns and the specialists read them. A source gets the user and starts from `visible_to`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, TypedDict

from django.db.models import QuerySet

from talentpool.pages.counting import CAP, MORE, count_together

Area = Literal["coordinator", "town", "specialist"]


class Tag(TypedDict):
    """Word and shape of an item's tag."""

    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One thing to do. `due` is the day by which; `detail` says also what happens when it passes.

    `label` and `kind` are the word and the shape of its tag (late, wait, info, ok). `people` are
    the numbers of the people whose pool numbers the item shows: who reads it has seen them.
    """

    title: str
    detail: str
    url: str
    action: str
    due: date | None = None
    label: str = "新着"
    kind: str = "info"
    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A fact beside the queue: what it is, its value, its unit.

    Instead of a value a source gives the rows whose number it is: `panels` counts all of an area
    in one query. `url_of_none` is False where the link leads nowhere while there is nothing.
    """

    label: str
    value: str = ""
    unit: str = ""
    url: str = ""
    rows: QuerySet[Any] | None = None
    url_of_none: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a home page below the queue: a template and its `section` context."""

    template: str
    context: dict[str, Any]


QueueSource = Callable[[Any], Iterable[QueueItem]]
PanelSource = Callable[[Any], Iterable[Panel]]
SectionSource = Callable[[Any], Section | None]
ViewLog = Callable[[set[int], Any], None]
_queue: dict[Area, list[QueueSource]] = {"coordinator": [], "town": [], "specialist": []}
_panels: dict[Area, list[PanelSource]] = {"coordinator": [], "town": [], "specialist": []}

_sections: dict[Area, list[SectionSource]] = {"coordinator": [], "town": [], "specialist": []}


_view_logs: list[ViewLog] = []


def register_view_log(log: ViewLog) -> None:
    """Say how it is recorded that a user sees people on a home page (B-07)."""
    _view_logs.append(log)


def log_people_shown(items: Iterable[QueueItem], user: Any) -> None:
    """Record whom a home page shows; to be called before the page is sent."""
    people = {person for item in items for person in item.people}
    for log in _view_logs if people else []:
        log(people, user)


def register_queue(area: Area, source: QueueSource) -> None:
    """Add a source of things to do."""
    _queue[area].append(source)


def register_panels(area: Area, source: PanelSource) -> None:
    """Add a source of facts."""
    _panels[area].append(source)


def register_section(area: Area, source: SectionSource) -> None:
    """Add a part of the home page."""
    _sections[area].append(source)


def work_queue(area: Area, user: Any) -> list[QueueItem]:
    """All sources together: what is late without a date, then by date, then what waits, and what
    is new last."""
    items = [item for source in _queue[area] for item in source(user)]
    return sorted(items, key=_urgency)


def _urgency(item: QueueItem) -> tuple[int, date]:
    if item.due is not None:
        return 1, item.due
    return {"late": 0, "wait": 2}.get(item.kind, 3), date.max


def panels(area: Area, user: Any) -> list[Panel]:
    """All facts of an area, in the order of the apps."""
    return counted(panel for source in _panels[area] for panel in source(user))


def counted(panels: Iterable[Panel]) -> list[Panel]:
    """The panels with their values, those that give rows counted in one query."""
    found = list(panels)
    counts = count_together({panel.label: panel.rows for panel in found if panel.rows is not None})
    return [_with_count(panel, counts) for panel in found]


def _with_count(panel: Panel, counts: dict[str, int]) -> Panel:
    if panel.rows is None:
        return panel
    count = counts[panel.label]
    url = panel.url if count or panel.url_of_none else ""
    more = MORE if count > CAP else ""
    return replace(panel, value=f"{min(count, CAP):,}", unit=f"{panel.unit}{more}", url=url)


def sections(area: Area, user: Any) -> list[Section]:
    """All parts that have something to show, in the order of the apps."""
    return [section for source in _sections[area] if (section := source(user)) is not None]


def due_tag(due: date, today: date) -> Tag:
    """Word and shape of the tag for a date to act by: today or past is late."""
    days = (due - today).days
    if days <= 0:
        return {"label": "今日まで" if days == 0 else "期限超過", "kind": "late"}
    return {"label": "明日まで" if days == 1 else f"あと{days}日", "kind": "wait"}
