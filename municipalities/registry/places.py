"""Where towns lie, and how far apart: good to a few kilometres within one prefecture."""

from math import cos, hypot, radians

from municipalities.registry.models import Municipality

METRES_PER_DEGREE = 111_320
MIDDLE_LATITUDE = 34.5  # a degree of longitude is as long as here, everywhere in the prefecture


def metres(town: Municipality | None) -> tuple[int, int] | None:
    """The town's point on a flat grid in metres, or None where it is not known."""
    if town is None or town.latitude is None or town.longitude is None:
        return None
    latitude, longitude = float(town.latitude), float(town.longitude)
    return (
        round(longitude * METRES_PER_DEGREE * cos(radians(MIDDLE_LATITUDE))),
        round(latitude * METRES_PER_DEGREE),
    )


def kilometres(one: Municipality | None, other: Municipality | None) -> int | None:
    """Whole kilometres between the offices of two towns; None where a place is not known."""
    here, there = metres(one), metres(other)
    if here is None or there is None:
        return None
    return round(hypot(here[0] - there[0], here[1] - there[1]) / 1000)
