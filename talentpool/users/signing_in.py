"""Who wants to know that somebody has signed in: filled by the rooms above."""

from collections.abc import Callable

from talentpool.users.models import User

_watchers: list[Callable[[User], None]] = []


def register_sign_in(watcher: Callable[[User], None]) -> None:
    """Call `watcher` with the account after each sign-in, second factor included."""
    _watchers.append(watcher)


def note_sign_in(user: User) -> None:
    """Tell the rooms above. Called by the one way to sign in (`adapter`)."""
    for watcher in _watchers:
        watcher(user)
