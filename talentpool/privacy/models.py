"""What is left of an erased person: a mark that nobody can read, and the terms of keeping."""

from django.db import models


class Tombstone(models.Model):
    """A keyed digest of an erased person's address or name: an import that would bring the person
    back is stopped by it, and nobody can read from it who it was (B-05)."""

    digest = models.CharField(max_length=64, primary_key=True)
    erased_on = models.DateField("削除日", auto_now_add=True)

    class Meta:
        verbose_name = "削除した人の目印"
        verbose_name_plural = "削除した人の目印"

    def __str__(self) -> str:
        return self.digest[:8]


class RetentionTerm(models.Model):
    """How long one kind of record is kept (B-06): days since it ended, or whole fiscal years
    counted from the 1 April after it ended, as document rules count them (sources.md 3.7)."""

    code = models.CharField("記号", max_length=30, primary_key=True)
    what = models.CharField("記録", max_length=80)
    days = models.PositiveIntegerField("保存する日数", null=True, blank=True)
    fiscal_years = models.PositiveSmallIntegerField(
        "保存する年数", null=True, blank=True, help_text="終わった次の4月1日から数えます"
    )
    basis = models.CharField("根拠", max_length=120)
    confirmed = models.BooleanField("確認済み", default=False)

    class Meta:
        verbose_name = "保存期間"
        verbose_name_plural = "保存期間"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="retention_is_days_or_fiscal_years",
                condition=models.Q(days__isnull=True, fiscal_years__gte=1)
                | models.Q(days__gte=1, fiscal_years__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def words(self) -> str:
        """365日, or 5年(次の4月1日から)."""
        return f"{self.days}日" if self.days else f"{self.fiscal_years}年（次の4月1日から）"
