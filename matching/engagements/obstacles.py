"""Why a person cannot be erased yet."""

from collections.abc import Iterator

from django.utils import timezone

from matching.engagements.models import Engagement
from talentpool.conventions.months import first_of_month


def running_engagements(person: int) -> Iterator[str]:
    """Engagements that are signed and have not run out."""
    this_month = first_of_month(timezone.localdate())
    running = Engagement.objects.filter(
        specialist_id=person, status=Engagement.Status.SIGNED, last_month__gte=this_month
    ).count()
    if running:
        yield f"続いているシェア契約が{running}件あります。契約が終わってから削除してください。"
