"""働きかけ記録: what retired staff asked of serving staff, and what the law says about it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from municipalities.registry.querysets import OwnTownQuerySet
from talentpool.conventions.folding import search_key
from talentpool.specialists.lobbying_rules import Duty, Post, Verdict, judge
from talentpool.specialists.models.person import Specialist


class LobbyingQuerySet(OwnTownQuerySet):
    def standing(self) -> Self:
        """Those that no later record sets right."""
        return self.filter(corrected_by=None)

    def perhaps_of(self, person: Specialist) -> list["LobbyingRecord"]:
        """Records that name somebody of the person's name and lead to nobody of the pool yet;
        blanks and old forms of characters do not count."""
        name = search_key(person.name)
        rows = self.filter(specialist=None).exclude(requester="").select_related("municipality")
        return [row for row in rows if name and name in search_key(row.requester)]


class LobbyingRecord(models.Model):
    """A request that a retired member of staff made, written down by the one who received it.

    Kept by the prefecture and by the town whose staff was asked; a coordinator sees all. The law's
    verdict is worked out from these facts (`lobbying_rules`), not kept.
    """

    happened_on = models.DateField("働きかけを受けた日")
    municipality = models.ForeignKey(
        "registry.Municipality",
        on_delete=models.PROTECT,  # whose staff was asked is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="受けた団体",
        help_text="空欄は県",
    )
    specialist = models.ForeignKey(
        Specialist,
        on_delete=models.PROTECT,  # a public record; what names the person is emptied instead
        related_name="+",
        null=True,
        blank=True,
        verbose_name="プールの人材",
    )
    requester = models.CharField("働きかけた人", max_length=80)
    company = models.CharField("その人の勤務先", max_length=80, blank=True)
    in_company = models.BooleanField("営利企業等の地位にある", default=True)
    retired_on = models.DateField("退職した日")
    post = models.CharField(
        "退職までの職", max_length=8, choices=[(one.value, one.label) for one in Post]
    )
    duty = models.CharField(
        "求めた内容との関係", max_length=16, choices=[(one.value, one.label) for one in Duty]
    )
    subject = models.CharField("契約・処分の名称", max_length=120)
    content = models.TextField("求められた内容", max_length=1000)
    answer = models.TextField("受けた側の対応", max_length=600, blank=True)
    # A mistake is set right by a new record; what was written down first stays.
    corrects = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,  # what was written first is part of the record
        related_name="corrected_by",
        null=True,
        blank=True,
        verbose_name="訂正する記録",
    )
    reported_on = models.DateField("人事委員会等へ届け出た日", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who wrote it down is part of the record
        related_name="+",
        verbose_name="記録した人",
    )
    recorded_at = models.DateTimeField("記録日時", auto_now_add=True)

    objects = LobbyingQuerySet.as_manager()

    class Meta:
        verbose_name = "働きかけ記録"
        verbose_name_plural = "働きかけ記録"
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="lobbying_comes_after_retirement",
                condition=Q(happened_on__gte=F("retired_on")),
            ),
            models.CheckConstraint(
                name="lobbying_is_reported_after_it_happened",
                condition=Q(reported_on__isnull=True) | Q(reported_on__gte=F("happened_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened_on:%Y-%m-%d} {self.subject}"

    @property
    def verdict(self) -> Verdict:
        """What the law says about it."""
        return judge(
            retired_on=self.retired_on,
            happened_on=self.happened_on,
            post=Post(self.post),
            duty=Duty(self.duty),
            in_company=self.in_company,
        )

    @property
    def is_to_report(self) -> bool:
        """Whether it falls under the law and has not been reported."""
        return self.verdict.barred and self.reported_on is None

    @property
    def correction(self) -> "LobbyingRecord | None":
        """The record that sets this one right, where there is one."""
        found: LobbyingRecord | None = getattr(self, "corrected_by", None)
        return found
