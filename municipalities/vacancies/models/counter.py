"""The last number given to a town in a fiscal year."""

from django.db import models
from django.db.models import Q

THOUSANDS = "ABCDEFGHJKLMNPQRSTUV"  # after 9; without I and O, which look like digits


class VacancyCounter(models.Model):
    """The last number given to a municipality in a fiscal year: numbers are never used again."""

    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # with the counter the numbers would start again
        related_name="+",
    )
    fiscal_year = models.PositiveSmallIntegerField()
    last = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_counter_per_town_and_year", fields=["municipality", "fiscal_year"]
            ),
            models.CheckConstraint(name="counter_fits_the_number", condition=Q(last__lte=29_999)),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id}-{self.fiscal_year}: {self.last}"

    @property
    def number(self) -> str:
        """The number last given."""
        return self.numbered(self.last)

    def numbered(self, count: int) -> str:
        """The town's `count`-th number of the year: `{団体コード}-{年度下2桁}-{連番}` of the
        Japanese year.

        sources.md 1.2 gives 342041-08-001 for 令和8年度, and 14 characters for the whole: from the
        thousandth on the number takes the fourteenth, from the ten-thousandth on a letter stands
        for the thousands (A000, the 10,000th)."""
        thousands, rest = divmod(count, 1000)
        digits = f"{count:03}" if thousands < 10 else f"{THOUSANDS[thousands - 10]}{rest:03}"
        return f"{self.municipality_id}-{self.fiscal_year - 2018:02}-{digits}"
