"""Prefectures and municipalities with their dated facts."""

from django.conf import settings
from django.db import models

from municipalities.registry.querysets import MunicipalityQuerySet


class Prefecture(models.Model):
    """One of the 47, by its six-digit local-government code (the last digit is a check digit)."""

    code = models.CharField("団体コード", max_length=6, primary_key=True)
    name = models.CharField("名称", max_length=10)
    kana = models.CharField("よみ", max_length=20)

    class Meta:
        verbose_name = "都道府県"
        verbose_name_plural = "都道府県"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """A city, town or village. Always shown in full: 府中市 and 府中町 are two."""

    code = models.CharField("団体コード", max_length=6, primary_key=True)
    prefecture = models.ForeignKey(
        Prefecture,
        verbose_name="都道府県",
        on_delete=models.PROTECT,  # a code that was used stays readable for ever
        related_name="municipalities",
    )
    name = models.CharField("名称", max_length=20)
    kana = models.CharField("よみ", max_length=40)
    latitude = models.DecimalField("緯度", max_digits=6, decimal_places=3, null=True, blank=True)
    longitude = models.DecimalField("経度", max_digits=6, decimal_places=3, null=True, blank=True)
    tile_column = models.PositiveSmallIntegerField("図の列", null=True, blank=True)
    tile_row = models.PositiveSmallIntegerField("図の行", null=True, blank=True)

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = "市町"
        verbose_name_plural = "市町"
        ordering = ["kana", "code"]
        constraints = [
            models.UniqueConstraint(
                name="name_is_unique_in_prefecture", fields=["prefecture", "name"]
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name_anywhere(self) -> str:
        """The name, outside the portal's prefecture with that one's: there are two 府中市."""
        if self.code.startswith(settings.PREFECTURE_CODE):
            return self.name
        return f"{self.prefecture.name}{self.name}"


class Population(models.Model):
    """Population is dated data: value, as-of date, source (sources.md 7.2)."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="populations", verbose_name="市町"
    )
    as_of = models.DateField("基準日")
    value = models.PositiveIntegerField("人口")
    source = models.CharField("出典", max_length=120)
    confirmed = models.BooleanField("確認済み", default=False)

    class Meta:
        verbose_name = "人口"
        verbose_name_plural = "人口"
        ordering = ["-as_of"]
        constraints = [
            models.UniqueConstraint(
                name="one_population_per_date", fields=["municipality", "as_of"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.as_of}: {self.value}"


class SchemeUse(models.Model):
    """Which town used which national scheme or hired by itself (facts of the report)."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="scheme_uses", verbose_name="市町"
    )
    fiscal_year = models.PositiveSmallIntegerField("年度(西暦)", null=True, blank=True)
    scheme = models.CharField("制度", max_length=80)
    source = models.CharField("出典", max_length=200)

    class Meta:
        verbose_name = "国の制度等の利用"
        verbose_name_plural = "国の制度等の利用"
        constraints = [
            models.UniqueConstraint(
                name="scheme_use_is_once",
                fields=["municipality", "fiscal_year", "scheme"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.scheme}"
