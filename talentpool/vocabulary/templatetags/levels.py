"""What the levels stand for, beside where they are shown or chosen."""

from typing import Any

from django import template

from talentpool.vocabulary.models import Level

register = template.Library()


@register.inclusion_tag("vocabulary/level_legend.html")
def level_legend(levels: list[Level] | None = None) -> dict[str, Any]:
    """凡例: L1 to L4, what they mean, their ITSS levels. One query, unless the page has them."""
    return {"levels": list(Level.objects.all()) if levels is None else levels}
