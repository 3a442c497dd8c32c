"""The sample's past: its verbs are carried out as on an earlier day, in the order of the days."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from django.utils import timezone

OFFICE_OPENS = time(9)


@contextmanager
def on(day: date) -> Iterator[None]:
    """Inside, the portal's clock shows this day; it goes on by a second at each look, so that what
    happens later is later. For the sample only: nothing else runs in its process."""
    real = timezone.now
    start = timezone.make_aware(datetime.combine(day, OFFICE_OPENS))
    looks = iter(range(1_000_000))
    timezone.now = lambda: start + timedelta(seconds=next(looks))
    try:
        yield
    finally:
        timezone.now = real
