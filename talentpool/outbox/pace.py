"""The moments at which mails of a mass mailing leave: evenly, at a set rate (D-14)."""

import time
from collections.abc import Callable

CAUGHT_UP_SECONDS = 2.0


class Pace:
    """`per_second` moments, evenly spaced. What a slow mail server or a busy machine costs is
    caught up, but never more than two seconds' worth at once. Raises ValueError unless the rate
    is above 0."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        if per_second <= 0:
            raise ValueError("a sending rate is above 0 mails a second")
        self._step = 1 / per_second
        self._clock = clock
        self._next = clock()

    def wait_seconds(self) -> float:
        """Seconds until the next moment; 0 when it is there."""
        return max(0.0, self._next - self._clock())

    def take(self) -> None:
        """One left: the next moment is a step later."""
        self._next = max(self._next, self._clock() - CAUGHT_UP_SECONDS) + self._step
