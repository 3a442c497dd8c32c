"""What a person has to do about the own registration, for the home page."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from municipalities.registry.queue import QueueItem
from talentpool.conventions.era import fiscal_year, fiscal_year_label
from talentpool.specialists.models import InterestDeclaration, Specialist

ASK_AFTER = timedelta(days=30)


def for_specialist(user: Any) -> Iterator[QueueItem]:
    """Days that were not confirmed for a month; ties that were not declared this fiscal year."""
    person = Specialist.objects.visible_to(user).registered().filter(user=user).first()
    if person is None:
        return
    if person.confirmed_at is None or timezone.now() - person.confirmed_at > ASK_AFTER:
        yield QueueItem(
            "稼働可能日は、いまも合っていますか",
            "確認が古くなると、打診の順番が下がります",
            reverse("specialist:days"),
            "確かめる",
            label="確認",
            kind="wait",
        )
    year = fiscal_year(timezone.localdate())
    declared = InterestDeclaration.objects.visible_to(user).filter(specialist=person)
    if not declared.filter(fiscal_year__gte=year).exists():
        yield QueueItem(
            f"{fiscal_year_label(year)}の利益相反の申告",
            "会社との関わりを申告してください。申告がないと、候補になったときに「要確認」になります",
            reverse("specialist:interests"),
            "申告する",
            label="申告",
            kind="wait",
        )
