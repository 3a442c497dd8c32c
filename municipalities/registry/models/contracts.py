"""What a municipality buys from whom."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q

from municipalities.registry.models.bodies import Municipality
from municipalities.registry.querysets import OwnTownQuerySet
from talentpool.conventions import corporate_number as numbers


def check_number(number: str) -> None:
    """Raises ValidationError when it is no 法人番号."""
    if not numbers.is_valid(number):
        raise ValidationError(
            "法人番号(13桁)の検査数字が合いません。番号を確かめてください。",
            code="corporate_number",
        )


class VendorContract(models.Model):
    """A contract of a municipality with a vendor: what conflicts of interest are read from."""

    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.CASCADE,
        related_name="vendor_contracts",
        verbose_name="市町",
    )
    corporate_number = models.CharField("法人番号", max_length=13, validators=[check_number])
    vendor_name = models.CharField("契約者", max_length=80)
    subject = models.CharField("件名", max_length=120)
    skill = models.ForeignKey(
        "vocabulary.Skill",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        null=True,
        blank=True,
        verbose_name="業務分野",
    )
    starts = models.DateField("開始日")
    ends = models.DateField("終了日")

    objects = OwnTownQuerySet.as_manager()

    class Meta:
        verbose_name = "契約(ベンダ)"
        verbose_name_plural = "契約(ベンダ)"
        ordering = ["municipality", "-ends"]
        constraints = [
            models.CheckConstraint(
                name="contract_ends_after_start", condition=Q(ends__gte=F("starts"))
            ),
            ExclusionConstraint(
                name="same_contract_is_not_entered_twice",
                expressions=[
                    ("municipality", RangeOperators.EQUAL),
                    ("corporate_number", RangeOperators.EQUAL),
                    ("subject", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts"),
                            F("ends"),
                            models.Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.vendor_name} {self.subject}"
