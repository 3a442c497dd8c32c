"""A mixed integer program as plain lists of columns and sparse rows, ready for HiGHS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

INFINITY = float("inf")


class Rows:
    """Columns are numbered as they are added; all coefficients are whole numbers."""

    def __init__(self) -> None:
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.integer: list[bool] = []
        self.row_lower: list[float] = []
        self.row_upper: list[float] = []
        self.starts: list[int] = [0]
        self.columns: list[int] = []
        self.values: list[float] = []

    def column(self, lower: int, upper: int, *, integer: bool = True) -> int:
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.lower) - 1

    def row(
        self,
        coefficients: Mapping[int, int],
        *,
        least: int | None = None,
        most: int | None = None,
    ) -> None:
        """least ≤ sum of coefficient × column ≤ most."""
        self.row_lower.append(-INFINITY if least is None else least)
        self.row_upper.append(INFINITY if most is None else most)
        for column in sorted(coefficients):
            if coefficients[column]:
                self.columns.append(column)
                self.values.append(coefficients[column])
        self.starts.append(len(self.columns))

    def copy(self) -> Rows:
        """The same program, to be changed without touching this one."""
        other = Rows()
        for name, values in vars(self).items():
            setattr(other, name, list(values))
        return other

    def close(self, columns: Iterable[int]) -> None:
        """Hold the columns at zero."""
        for column in columns:
            self.upper[column] = 0
