"""The list of a search as a file for people."""

from collections.abc import Mapping
from typing import Any

from matching.pool.models import PoolEntry
from matching.pool.search import REGISTERED, narrowed, rows_of, shown_months, with_free
from talentpool.conventions.cells import Cell, write_csv
from talentpool.conventions.era import format_month_span

MOST_ROWS = 5000
HEADER: list[Cell] = [
    "登録番号",
    "区分",
    "状態",
    "市町への紹介の同意",
    "業務分野とレベル",
    "拠点",
    "市町からの距離(km)",
    "来庁できる距離(km)",
    "働き方",
    "報酬の希望(円/日)",
    "月額・年額の人の報酬の希望(円/月)",
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


def entries_of(user: Any, conditions: Mapping[str, Any]) -> list[Any]:
    """The entries of the file, by pool number. Raises TooManyRows."""
    found = narrowed(PoolEntry.objects.visible_to(user), conditions)
    entries = list(with_free(found, conditions).order_by("pool_number", "pk")[: MOST_ROWS + 1])
    if len(entries) > MOST_ROWS:
        raise TooManyRows
    return entries


def csv_of(user: Any, entries: list[Any], conditions: Mapping[str, Any]) -> bytes:
    """The file: pool numbers, no names; cells that begin like a formula are guarded (A-33)."""
    months = shown_months(conditions)
    period = format_month_span(months[0], months[-1])
    lines: list[list[Cell]] = [HEADER]
    for row in rows_of(user, entries, conditions):
        lines.append(
            [
                row.pool_number,
                row.kind,
                row.status or REGISTERED.label,
                "あり" if row.agreed else "なし",
                "、".join(row.skills),
                row.base,
                row.distance,
                row.radius_km or None,
                row.place,
                row.day_rate_yen or None,
                row.monthly_yen or None,
                row.free,
                period,
                row.confidence,
                "：".join(row.conflict or ()),
                row.confirmed_on,
            ]
        )
    return write_csv(lines, for_people=True)
