"""Strict reading of JSON: every complaint names the field it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .types import ProblemError

_MISSING = object()
MAX_INTEGER = 10**12


class Record:
    """One JSON object under a path such as `needs[3]`; keys not asked for are refused."""

    def __init__(self, data: object, path: str) -> None:
        if not isinstance(data, dict):
            raise ProblemError(path or "(top)", "must be an object")
        self._data: Mapping[object, object] = data
        self._path = path
        self._seen: set[str] = set()

    def at(self, name: str) -> str:
        """The full path of one field."""
        return f"{self._path}.{name}" if self._path else name

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def _get(self, name: str, default: object) -> object:
        self._seen.add(name)
        value = self._data.get(name, _MISSING)
        if value is _MISSING:
            if default is _MISSING:
                raise ProblemError(self.at(name), "is required")
            return default
        return value

    def raw(self, name: str) -> object:
        """A field that another reader looks into."""
        return self._get(name, _MISSING)

    def text(self, name: str, default: object = _MISSING, *, blank: bool = False) -> str:
        value = self._get(name, default)
        if not isinstance(value, str) or (not value and not blank):
            raise ProblemError(self.at(name), "must be a non-empty text")
        return as_text(value, self.at(name))

    def text_or_none(self, name: str) -> str | None:
        return None if self._get(name, None) is None else self.text(name)

    def integer(
        self, name: str, default: object = _MISSING, *, least: int = 0, most: int = MAX_INTEGER
    ) -> int:
        return as_integer(self._get(name, default), self.at(name), least=least, most=most)

    def integer_or_none(self, name: str, *, least: int = 0) -> int | None:
        return None if self._get(name, None) is None else self.integer(name, least=least)

    def number(self, name: str) -> float:
        value = self._get(name, _MISSING)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
            raise ProblemError(self.at(name), "must be a number ≥ 0")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise ProblemError(self.at(name), "must be true or false")
        return value

    def items(self, name: str, default: object = _MISSING) -> Iterator[tuple[str, object]]:
        """The entries of a list, each with its path."""
        value = self._get(name, default)
        if not isinstance(value, list | tuple):
            raise ProblemError(self.at(name), "must be a list")
        for index, item in enumerate(value):
            yield f"{self.at(name)}[{index}]", item

    def records(self, name: str, default: object = _MISSING) -> Iterator[Record]:
        for path, item in self.items(name, default):
            record = Record(item, path)
            yield record
            record.close()

    def texts(self, name: str, default: object = ()) -> frozenset[str]:
        found = []
        for path, item in self.items(name, default):
            if not isinstance(item, str) or not item:
                raise ProblemError(path, "must be a non-empty text")
            found.append(as_text(item, path))
        return frozenset(found)

    def text_map(self, name: str) -> dict[str, str]:
        value = self._get(name, {})
        if not isinstance(value, dict):
            raise ProblemError(self.at(name), "must be an object of texts")
        for key, item in value.items():
            if not isinstance(key, str) or not isinstance(item, str):
                raise ProblemError(f"{self.at(name)}.{key}", "must be a text")
            as_text(key + item, f"{self.at(name)}.{key}")
        return dict(value)

    def integer_map(self, name: str, *, least: int = 0, most: int = MAX_INTEGER) -> dict[str, int]:
        value = self._get(name, _MISSING)
        if not isinstance(value, dict):
            raise ProblemError(self.at(name), "must be an object of integers")
        return {
            as_text(str(key), f"{self.at(name)}.{key}"): as_integer(
                item, f"{self.at(name)}.{key}", least=least, most=most
            )
            for key, item in value.items()
        }

    def sub(self, name: str) -> Record:
        """A nested object, empty when absent. The caller closes it."""
        return Record(self._get(name, {}), self.at(name))

    def close(self) -> None:
        """Refuse what nobody asked for: a misspelt field would otherwise be ignored."""
        for key in self._data:
            if key not in self._seen:
                raise ProblemError(self.at(str(key)), "is not a known field")


def as_text(value: str, path: str) -> str:
    """`value`, unless it holds half of a surrogate pair: JSON can, UTF-8 cannot."""
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ProblemError(path, "holds half of a character (a lone surrogate)")
    return value


def as_integer(value: object, path: str, *, least: int, most: int = MAX_INTEGER) -> int:
    """`value` as an integer between `least` and `most`; booleans and floats are refused."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        limit = f"an integer ≥ {least}" if most == MAX_INTEGER else f"an integer {least} to {most}"
        raise ProblemError(path, f"must be {limit}")
    return value
