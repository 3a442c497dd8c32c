"""The rows of the list of people, written in one go: by the template, cell by cell, fifty of them
cost more than the search."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from matching.pool.search import Row
from talentpool.pages.templatetags.portal import status_tag, wareki

NOT_AGREED = "紹介の同意なし"
BREAK = mark_safe("<br>")  # a literal of our own, nothing of a user in it
ROW = (
    '<tr><th scope="row"><a class="cell-link" href="{}{}/change/">{}</a>'
    '<br><span class="small">{}</span>{}</th>'
    "<td>{}</td>"
    '<td>{}<br><span class="small">{}</span></td>{}'
    "<td>{}</td>"
    '<td>{}<br><span class="small">{}</span></td></tr>'
)


def written(rows: Sequence[Row], *, with_distance: bool, people_url: str) -> SafeString:
    """`<tr>` elements; `people_url` is what a person's address begins with."""
    return format_html_join(
        "\n",
        ROW,
        (
            (
                people_url,
                row.pk,
                row.pool_number,
                row.kind,
                _tags(row) if row.status or row.conflict or not row.agreed else "",
                format_html_join(BREAK, "{}", ((skill,) for skill in row.skills)),
                row.base or "—",
                f"{row.place}、{row.radius_km}kmまで来庁" if row.radius_km else row.place,
                _distance(row.distance) if with_distance else "",
                row.free,
                row.confidence,
                wareki(row.confirmed_on) or "まだ確認なし",
            )
            for row in rows
        ),
    )


def _tags(row: Row) -> SafeString:
    """A state other than registered, that nobody may be told, and the conflict with the chosen
    town."""
    state = format_html("<br>{}", status_tag(row.status, "off")) if row.status else ""
    if not row.agreed:
        state = format_html("{}<br>{}", state, status_tag(NOT_AGREED, "off"))
    if row.conflict is None:
        return format_html("{}", state)
    result, evidence = row.conflict
    tag = status_tag(result, "late")
    return format_html('{}<br>{}<br><span class="small">{}</span>', state, tag, evidence)


def _distance(kilometres: int | None) -> SafeString:
    words = "—" if kilometres is None else f"{kilometres}km"
    return format_html('<td class="num">{}</td>', words)
