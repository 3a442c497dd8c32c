"""The cards of the board that come by the hundred, written in one go (D-13)."""

from collections.abc import Sequence
from functools import cache

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from matching.proposals.models import Proposal
from talentpool.pages.templatetags.portal import status_tag, wareki_weekday

RANKING = (
    "<li>{}<p><strong>{}</strong>「{}」<br>"
    '<span class="small">{}まで。過ぎると提示の順で進みます</span></p>'
    '<a class="button button--outline button--s" href="{}{}/change/">内容を見る'
    '<span class="visually-hidden">：{}「{}」</span></a></li>'
)


def ranking(proposals: Sequence[Proposal]) -> SafeString:
    """Those whose towns rank."""
    waits = status_tag("順位待ち", "wait")
    base = reverse("admin:proposals_proposal_changelist")
    day = cache(wareki_weekday)
    return format_html_join(
        "\n",
        RANKING,
        (
            (
                waits,
                *(one.need.municipality.name, one.need.title),
                day(one.rank_due),
                *(base, one.pk),
                *(one.need.municipality.name, one.need.title),
            )
            for one in proposals
        ),
    )
