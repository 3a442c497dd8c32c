"""What ends when a person can be introduced to towns no more: filled by the rooms above.

A pause, the end of a registration, a consent that is taken back by the person or the firm: all end
the same things by the same step (B-09).
"""

from collections.abc import Callable

from talentpool.users.models import User

Ending = Callable[[User | None], None]
_leavings: list[tuple[Callable[[int], Ending], Callable[[int], list[str]], bool]] = []


def register_leaving(
    prepare: Callable[[int], Ending],
    what_ends: Callable[[int], list[str]],
    *,
    own_matter: bool = False,
) -> None:
    """Say what ends with a person. `prepare(person)` locks it before the person's row is locked and
    returns what ends it; `what_ends(person)` says it in words before. What is the person's
    `own_matter` is not told to the firm that he or she works for."""
    _leavings.append((prepare, what_ends, own_matter))


def what_ends(person: int, *, to_firm: bool = False) -> list[str]:
    """What would end now, in words, for the person and the prefecture or for the firm."""
    shown = (said for _, said, own_matter in _leavings if not (to_firm and own_matter))
    return [words for said in shown for words in said(person)]


def prepare_endings(person: int) -> list[Ending]:
    """Lock what ends, before the person's row; each of the returned verbs ends its part, in the
    same transaction."""
    return [prepare(person) for prepare, *_ in _leavings]
