"""Days of the week as seven bits: bit 0 is Monday, bit 6 Sunday."""

NAMES = "月火水木金土日"


def bits_of(weekdays: int) -> list[int]:
    """The days that a mask (1 to 127) holds, Monday is 0."""
    return [bit for bit in range(7) if weekdays >> bit & 1]


def names_of(weekdays: int) -> str:
    """月火木 for a mask that holds these three days."""
    return "".join(NAMES[bit] for bit in bits_of(weekdays))
