"""Who may read a file is known by the room that it belongs to; rooms say so here.

Filled in `AppConfig.ready()`. A file of a room that says nothing is seen by nobody.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FileRoom:
    """`readable(user)`: keys of the room's files that the user may read, as a queryset of keys.
    `opened(file, user)`: called before a file is sent, to write down who looked (B-07)."""

    name: str
    readable: Callable[[Any], Iterable[int]]
    opened: Callable[[Any, Any], None]


_rooms: dict[str, FileRoom] = {}


def register_file_room(room: FileRoom) -> None:
    """Add a room; the same name registered again replaces the first."""
    _rooms[room.name] = room


def file_rooms() -> list[FileRoom]:
    return list(_rooms.values())


def room_named(name: str) -> FileRoom | None:
    return _rooms.get(name)
