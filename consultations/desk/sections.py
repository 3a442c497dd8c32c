"""Parts that higher apps add to a consultation's page.

The desk knows nothing of articles; `consultations.knowledge` registers what it has to say about a
consultation in `AppConfig.ready()`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from consultations.desk.models import Consultation

Area = Literal["coordinator", "town"]


@dataclass(frozen=True, slots=True)
class Section:
    """A template and what it shows; the template gets `section` (the context) beside the page's."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


SectionSource = Callable[[Consultation, Any], Section | None]
_sources: dict[Area, list[SectionSource]] = {"coordinator": [], "town": []}


def register_section(area: Area, source: SectionSource) -> None:
    """Add a source: it gets the consultation and the user and returns a section or None."""
    _sources[area].append(source)


def sections(area: Area, consultation: Consultation, user: Any) -> list[Section]:
    """What the higher apps add to this consultation's page, in the order of the apps."""
    found = (source(consultation, user) for source in _sources[area])
    return [section for section in found if section is not None]
