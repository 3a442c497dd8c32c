"""What a person can do."""

from django.db import models
from django.db.models import Q

from talentpool.specialists.models.person import Specialist


class SpecialistSkill(models.Model):
    """A field of work with the level the person says and the level the prefecture assessed."""

    specialist = models.ForeignKey(Specialist, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(
        "vocabulary.Skill",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        verbose_name="業務分野",
    )
    own_level = models.PositiveSmallIntegerField("自己評価")
    assessed_level = models.PositiveSmallIntegerField("県の評価", null=True, blank=True)
    evidence = models.CharField("根拠", max_length=200, blank=True)
    projects = models.PositiveSmallIntegerField("担当した案件の数", default=0)
    years = models.PositiveSmallIntegerField("この分野の年数", default=0)
    with_municipalities = models.BooleanField("自治体での経験", default=False)

    class Meta:
        verbose_name = "スキル"
        verbose_name_plural = "スキル"
        ordering = ["skill"]
        constraints = [
            models.UniqueConstraint(
                name="skill_is_once_per_person", fields=["specialist", "skill"]
            ),
            models.CheckConstraint(
                name="levels_are_one_to_four",
                condition=Q(own_level__gte=1, own_level__lte=4)
                & (
                    Q(assessed_level__isnull=True) | Q(assessed_level__gte=1, assessed_level__lte=4)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill_id} L{self.level}"

    @property
    def level(self) -> int:
        """The level that counts: the prefecture's assessment, else the person's own."""
        return self.assessed_level or self.own_level
