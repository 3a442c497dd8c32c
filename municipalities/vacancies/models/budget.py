"""What a town can spend on its needs together in a fiscal year."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from municipalities.vacancies.querysets import TownBudgetQuerySet
from talentpool.conventions.era import fiscal_year_label


class TownBudget(models.Model):
    """市町の年度の予算: for all its work by people of the pool in one fiscal year, what is signed
    already included. A year without a row has no limit of the town's own."""

    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # runs were limited by it
        related_name="pool_budgets",
        verbose_name="市町",
    )
    fiscal_year = models.PositiveSmallIntegerField("年度")  # by its first calendar year
    yen = models.PositiveBigIntegerField("予算(円)")
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who stated it is part of the record
        related_name="+",
        verbose_name="入力した人",
    )
    stated_at = models.DateTimeField("入力日時", auto_now=True)

    objects = TownBudgetQuerySet.as_manager()

    class Meta:
        verbose_name = "市町の年度の予算"
        verbose_name_plural = "市町の年度の予算"
        ordering = ["municipality", "fiscal_year"]
        constraints = [
            models.UniqueConstraint(
                name="one_budget_per_town_and_fiscal_year", fields=["municipality", "fiscal_year"]
            ),
            models.CheckConstraint(
                name="budget_is_of_a_fiscal_year",
                condition=Q(fiscal_year__gte=2000, fiscal_year__lte=2100),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {fiscal_year_label(self.fiscal_year)}"
