"""Mail to a person of the pool."""

from municipalities.registry.notices import tell_address
from talentpool.specialists.models import Specialist


def tell_specialist(
    specialist: Specialist, *, subject: str, first_line: str, path: str, key: str
) -> None:
    """One mail to the person, where there is an account."""
    if specialist.user and specialist.user.is_active:
        tell_address(
            specialist.user.email, subject=subject, first_line=first_line, path=path, key=key
        )
