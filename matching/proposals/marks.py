"""The marks by which towns know candidates."""

import secrets

UNAMBIGUOUS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_blind_id() -> str:
    """A random identifier of a candidate for one need; tells nothing and links to nothing."""
    return "".join(secrets.choice(UNAMBIGUOUS) for _ in range(8))
