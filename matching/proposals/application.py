"""A registered person's application to a public vacancy, with the pool's profile."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from matching.proposals.querysets import ApplicationQuerySet
from matching.proposals.states import Moving, Transitions


class Application(Moving):
    """応募: goes straight to the town, which reads name and profile because the person sent them.

    The scheme has towns deal with applicants directly (sources.md 1.1); the prefecture does
    nothing with it.
    """

    class Status(models.TextChoices):
        SENT = "sent", "応募中"
        INVITED = "invited", "面接などへ進む"
        REFUSED = "refused", "見送り"
        WITHDRAWN = "withdrawn", "取下げ"

    OPEN = (Status.SENT, Status.INVITED)

    TRANSITIONS: ClassVar[Transitions] = {
        "invite": ((Status.SENT,), Status.INVITED),
        "refuse": (OPEN, Status.REFUSED),
        "withdraw": (OPEN, Status.WITHDRAWN),
    }

    specialist = models.ForeignKey(
        "specialists.Specialist",
        on_delete=models.PROTECT,  # erasure empties a person's rows, it never tears them out
        related_name="applications",
        verbose_name="専門人材",
    )
    vacancy = models.ForeignKey(
        "vacancies.Vacancy",
        on_delete=models.PROTECT,  # an application belongs to the record of its vacancy
        related_name="applications",
        verbose_name="募集情報",
    )
    message = models.TextField("市町へ伝えたいこと", max_length=1000, blank=True)
    status = models.CharField("状態", max_length=9, choices=Status, default=Status.SENT)
    sent_at = models.DateTimeField("応募日時")
    agreed_at = models.DateTimeField("送ることに同意した日時", null=True, blank=True)
    agreed_words = models.CharField("同意した文面", max_length=200, blank=True)
    answered_at = models.DateTimeField("返事の日時", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who answered is part of the record
        related_name="+",
        null=True,
        blank=True,
    )
    withdrawn_at = models.DateTimeField("取下げ日時", null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "応募"
        verbose_name_plural = "応募"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_application_per_person_and_vacancy",
                fields=["specialist", "vacancy"],
                condition=~Q(status="withdrawn"),
            ),
            models.CheckConstraint(
                name="application_has_the_words_that_were_agreed_to",
                condition=Q(agreed_at__isnull=True, agreed_words="")
                | (Q(agreed_at__isnull=False) & ~Q(agreed_words="")),
            ),
            models.CheckConstraint(
                name="answered_application_has_its_person",
                condition=~Q(status__in=["invited", "refused"])
                | Q(answered_at__isnull=False, answered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="withdrawn_application_has_time",
                condition=Q(status="withdrawn", withdrawn_at__isnull=False)
                | (~Q(status="withdrawn") & Q(withdrawn_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"応募{self.pk}"
