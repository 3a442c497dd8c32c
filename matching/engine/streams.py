"""What the command line reads and writes: JSON in and out, one line for what went wrong."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from .types import ProblemError

STANDARD_INPUT = "-"


def read_json(name: str) -> Any:
    """The JSON in a file, or on standard input for `-`. Raises ProblemError, also for an object
    that gives a key twice: the first value would be lost without a word."""
    place = "(top)" if name == STANDARD_INPUT else name
    try:
        text = (
            sys.stdin.read() if name == STANDARD_INPUT else Path(name).read_text(encoding="utf-8")
        )
        return json.loads(text, object_pairs_hook=_unique)
    except ProblemError:
        raise
    except OSError as error:
        raise ProblemError(name, error.strerror or "cannot be read") from error
    except RecursionError:
        raise ProblemError(place, "is nested too deeply") from None
    except ValueError as error:
        raise ProblemError(place, f"is not JSON in UTF-8: {error}") from None


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ProblemError(twice or '""', "is given twice in one object")
    return found


def in_file(name: str, error: ProblemError) -> ProblemError:
    """The error with the file that the field is in; as it is for standard input."""
    if name == STANDARD_INPUT:
        return error
    return ProblemError(f"{name}: {error.field}", error.message)


def write_json(data: object) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """One line on standard error, with the line breaks that keys and ids may hold made spaces."""
    sys.stderr.write(" ".join(text.splitlines()) + "\n")


def give_up_output() -> None:
    """After standard output failed: nothing is left to be tried again when the process ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
