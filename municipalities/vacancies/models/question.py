"""What the public asks about a vacancy, and what its town answers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from municipalities.vacancies.models.vacancy import Vacancy
from municipalities.vacancies.querysets import QuestionQuerySet


class VacancyQuestion(models.Model):
    """A question from the public, without a name; shown with its answer."""

    vacancy = models.ForeignKey(Vacancy, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField("質問", max_length=400)
    asked_at = models.DateTimeField("質問日時", auto_now_add=True)
    answer = models.TextField("回答", max_length=800, blank=True)
    answered_at = models.DateTimeField("回答日時", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who answered is part of the record
        related_name="+",
        null=True,
        blank=True,
    )
    version = models.PositiveIntegerField("回答の版", default=1, db_default=1)
    # Two holds that know nothing of each other: the town's, and the prefecture's with its reason.
    hidden = models.BooleanField("市町が公開しない", default=False)
    hidden_reason = models.CharField(
        "県が公開しない理由",
        max_length=200,
        blank=True,
        help_text="県が公開を止めたときの理由。市町は公開に戻せません",
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "質問"
        verbose_name_plural = "質問"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="answered_question_has_time_and_words",
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy_id}: {self.text[:20]}"

    @property
    def is_kept_back(self) -> bool:
        """Whether the town or the prefecture keeps it from the public."""
        return self.hidden or bool(self.hidden_reason)

    @property
    def is_public(self) -> bool:
        """Whether the public reads it (the rule of `QuestionQuerySet.public`)."""
        return self.answered_at is not None and not self.is_kept_back
