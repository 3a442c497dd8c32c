"""The bars and the table of the timeline, written in one go: by the template, bar by bar, five
hundred engagements cost more than all the rest of the page (D-13)."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from matching.engagements.timeline import Bar, Lane, Timeline
from talentpool.conventions.amounts import half_days_label, yen_label
from talentpool.conventions.era import format_month_span
from talentpool.pages.templatetags.portal import status_tag

BAR = (
    '<g class="{}"><title>{} {} {} {}</title><rect x="{}" y="{}" width="{}" height="26" rx="4"/>'
    '<text x="{}" y="{}">{} {}半日</text></g>'
)
ROW = (
    '<tr><th scope="row">{} <span class="small">{}</span></th><td>{}</td><td>{}</td><td>{}</td>'
    '<td class="num">{}</td><td>{}</td></tr>'
)


def svg(timeline: Timeline) -> SafeString:
    """The lanes of the picture: name and bars."""
    return format_html_join(
        "\n",
        '<text x="4" y="{}">{} {}</text>{}',
        (
            (lane.name_y, lane.pool_number, lane.kind, format_html_join("", BAR, _bars(lane)))
            for lane in timeline.people
        ),
    )


def _bars(lane: Lane) -> Iterator[tuple[Any, ...]]:
    words = cache(half_days_label)
    for bar in lane.bars:
        yield (
            "sure" if bar.sure else "maybe",
            *(lane.pool_number, bar.town, words(bar.half_days), bar.word),
            *(bar.x, bar.y, bar.width, bar.text_x, bar.text_y),
            *(bar.town, bar.half_days),
        )


def rows(timeline: Timeline) -> SafeString:
    """The same bars as rows of the table."""
    return format_html_join("\n", ROW, _rows(timeline))


def _rows(timeline: Timeline) -> Iterator[tuple[Any, ...]]:
    days, span, yen = cache(half_days_label), cache(format_month_span), cache(yen_label)
    sure, maybe = status_tag("確定", "ok"), status_tag("仮押さえ", "wait")
    base = reverse("admin:engagements_engagement_changelist")

    def state(bar: Bar) -> SafeString:
        if not bar.sure:
            return maybe
        return format_html(
            '{} <a href="{}{}/change/">{}</a>', sure, base, bar.engagement_id, bar.number
        )

    for lane in timeline.people:
        for bar in lane.bars:
            yield (
                *(lane.pool_number, lane.kind, bar.town),
                span(bar.first_month, bar.last_month),
                days(bar.half_days),
                "—" if bar.cost_yen is None else yen(bar.cost_yen),
                state(bar),
            )
