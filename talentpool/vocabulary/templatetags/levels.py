"""What the levels stand for, beside where they are shown or chosen."""

from typing import Any

from django import template

from talentpool.vocabulary.models import Level

register = template.Library()


@register.inclusion_tag("vocabulary/level_legend.html")
def level_legend() -> dict[str, Any]:
    """凡例: L1 to L4 with what they mean and the ITSS levels. One query."""
    return {"levels": list(Level.objects.all())}
