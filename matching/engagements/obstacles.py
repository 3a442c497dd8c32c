"""Why a person cannot be erased yet."""

from collections.abc import Iterator

from django.utils import timezone

from matching.engagements.models import Engagement
from talentpool.conventions.months import first_of_month


def running_engagements(person: int) -> Iterator[str]:
    """Engagements that have not run out, by their period or by an earlier last day."""
    today = timezone.localdate()
    running = (
        Engagement.objects.filter(specialist_id=person, last_month__gte=first_of_month(today))
        .exclude(ended_on__lt=today)
        .count()
    )
    if running:
        yield f"続いているシェア契約が{running}件あります。契約が終わってから削除してください。"
