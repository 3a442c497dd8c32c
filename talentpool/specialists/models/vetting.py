"""How the prefecture came to its decisions about a person."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from talentpool.specialists.models.person import Specialist
from talentpool.specialists.querysets import OwnPersonQuerySet


class StatusChange(models.Model):
    """One step of a registration: the verb, the reason in words that the person may read, who and
    when."""

    specialist = models.ForeignKey(
        Specialist, on_delete=models.CASCADE, related_name="status_changes"
    )
    verb = models.CharField("操作", max_length=12)
    before = models.CharField("前の状態", max_length=12)
    after = models.CharField("後の状態", max_length=12, choices=Specialist.Status)
    reason = models.TextField("理由", max_length=1000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who decided must stay known
        related_name="+",
        null=True,
        verbose_name="操作した人",
    )
    at = models.DateTimeField("日時", auto_now_add=True)

    objects = OwnPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "登録の経過"
        verbose_name_plural = "登録の経過"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="decision_against_a_person_has_reason",
                condition=~Q(verb__in=["send_back", "refuse", "remove"]) | ~Q(reason=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.verb}"


class InterviewNote(models.Model):
    """What was said in an interview. The person may ask to read it (disclosure request). What was
    written first stays: a mistake is set right by another note that names it (`corrects`)."""

    specialist = models.ForeignKey(
        Specialist, on_delete=models.CASCADE, related_name="interview_notes"
    )
    held_on = models.DateField("面談の日")
    text = models.TextField("面談の記録", max_length=4000)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who wrote about somebody must stay known
        related_name="+",
        verbose_name="書いた人",
    )
    written_at = models.DateTimeField("書いた日時", auto_now_add=True)
    corrects = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,  # both go with the person
        related_name="corrections",
        null=True,
        verbose_name="訂正する記録",
    )

    objects = OwnPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "面談の記録"
        verbose_name_plural = "面談の記録"
        ordering = ["-held_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.held_on}"
