"""The order of the things to do."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from municipalities.registry import queue
from municipalities.registry.queue import QueueItem, work_queue


def item(title: str, **values: Any) -> QueueItem:
    return QueueItem(title=title, detail="", url="/", action="見る", **values)


def test_what_is_late_comes_first_and_what_is_new_last(monkeypatch: pytest.MonkeyPatch) -> None:
    def source(user: Any) -> Iterator[QueueItem]:
        yield item("新しい")
        yield item("待っている", label="確認", kind="wait")
        yield item("あとの期限", due=date(2027, 2, 1), kind="info")
        yield item("先の期限", due=date(2027, 1, 1), kind="wait")
        yield item("遅れている", label="締切後", kind="late")

    monkeypatch.setitem(queue._queue, "town", [source])
    assert [found.title for found in work_queue("town", None)] == [
        "遅れている",
        "先の期限",
        "あとの期限",
        "待っている",
        "新しい",
    ]
