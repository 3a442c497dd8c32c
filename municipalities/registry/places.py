"""Where towns lie, and how far apart: good to a few kilometres within one prefecture and to its
neighbours, to a few per cent across the country."""

from decimal import Decimal
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


def towns_within(town: Municipality, km: int) -> list[str]:
    """Codes of the municipalities at most `km` kilometres away, whatever their prefecture, the town
    itself among them; none where its place is not known."""
    if town.latitude is None or town.longitude is None:
        return []
    high = Decimal(1000 * (km + 1)) / METRES_PER_DEGREE
    wide = high / Decimal(cos(radians(MIDDLE_LATITUDE)))
    around = Municipality.objects.filter(
        latitude__range=(town.latitude - high, town.latitude + high),
        longitude__range=(town.longitude - wide, town.longitude + wide),
    ).only("latitude", "longitude")
    return [
        other.pk
        for other in around
        if (distance := kilometres(town, other)) is not None and distance <= km
    ]
