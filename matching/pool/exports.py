"""The list of a search as a file for people."""

from collections.abc import Mapping
from typing import Any

from matching.pool.models import PoolEntry
from matching.pool.search import narrowed, rows_of, shown_months
from talentpool.conventions.cells import Cell, write_csv
from talentpool.conventions.era import format_month_span

MOST_ROWS = 5000
HEADER: list[Cell] = [
    "登録番号",
    "区分",
    "状態",
    "業務分野とレベル",
    "拠点",
    "市町からの距離(km)",
    "来庁できる距離(km)",
    "働き方",
    "受けられる形態",
    "報酬の希望(円/日)",
    "空き",
    "空きを見た月",
    "日程の確かさ",
    "利益相反",
    "稼働可能日の最終確認",
]


class TooManyRows(Exception):
    """More people than one file may hold; says so in Japanese."""

    def __init__(self) -> None:
        super().__init__(
            f"条件に合う人が{MOST_ROWS:,}人を超えるため、書き出せません。条件を足して減らしてください。"
        )


def export_ids(user: Any, conditions: Mapping[str, Any]) -> list[int]:
    """The people of the file, by pool number. Raises TooManyRows."""
    entries = narrowed(PoolEntry.objects.visible_to(user), conditions)
    ids = list(entries.order_by("pool_number", "pk").values_list("pk", flat=True)[: MOST_ROWS + 1])
    if len(ids) > MOST_ROWS:
        raise TooManyRows
    return ids


def csv_of(user: Any, ids: list[int], conditions: Mapping[str, Any]) -> bytes:
    """The file: pool numbers, no names; cells that begin like a formula are guarded (A-33)."""
    months = shown_months(conditions)
    period = format_month_span(months[0], months[-1])
    lines: list[list[Cell]] = [HEADER]
    for row in rows_of(user, ids, conditions):
        person = row.person
        confirmed = person.confirmed_at
        lines.append(
            [
                person.pool_number,
                person.get_kind_display(),
                person.get_status_display(),
                "、".join(f"{skill.skill.name} L{skill.level}" for skill in person.skills.all()),
                person.base.name if person.base else "",
                row.distance,
                person.radius_km,
                person.get_remote_display(),
                "、".join(form.name for form in person.forms.all()),
                person.day_rate_yen,
                row.free,
                period,
                row.confidence,
                row.conflict,
                confirmed.date() if confirmed else None,
            ]
        )
    return write_csv(lines, for_people=True)
