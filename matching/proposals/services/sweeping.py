"""One row of a sweep never keeps the others waiting."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

Row = TypeVar("Row")


def each_alone(verb: Callable[[Row], Any], rows: Iterable[Row]) -> int:
    """Do `verb`, a transaction of its own, to each row (or its key); returns how many said that
    something was done. An unexpected error of one row is logged and the others go on; the next
    sweep tries it again. The log names the verb, the key and the kind of the error, not its words,
    in which a database may repeat what a row says of a person."""
    done = 0
    for row in rows:
        try:
            done += bool(verb(row))
        except Exception as error:
            kind = type(error).__name__
            logger.error("sweep: %s of %s: %s", verb.__name__, getattr(row, "pk", row), kind)
    return done
