"""Articles made from answered consultations, shared with all towns once the asking town agrees."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from consultations.knowledge.querysets import ArticleQuerySet
from talentpool.conventions.folding import search_key


class Action(models.TextChoices):
    """What can be done with an article; the first two by the asking town, the last by both."""

    APPROVE = "approve", "公開に同意する"
    REFUSE = "refuse", "公開を断る"
    WITHDRAW = "withdraw", "取り下げる"


class Article(models.Model):
    """A text that the prefecture proposes and the asking town approves or refuses.

    The text never changes after it was proposed: the town approves exactly what it read. A better
    text is a new article. It never names the town that asked.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "市町の確認待ち"
        PUBLISHED = "published", "公開中"
        REFUSED = "refused", "市町が断った"
        WITHDRAWN = "withdrawn", "取下げ"

    LIVE = (Status.PROPOSED, Status.PUBLISHED)
    TRANSITIONS: dict[Action, dict[str, str]] = {
        Action.APPROVE: {Status.PROPOSED: Status.PUBLISHED},
        Action.REFUSE: {Status.PROPOSED: Status.REFUSED},
        Action.WITHDRAW: {
            Status.PROPOSED: Status.WITHDRAWN,
            Status.PUBLISHED: Status.WITHDRAWN,
        },
    }

    class Reason(models.TextChoices):
        IDENTIFIABLE = "identifiable", "どの市町のことか分かってしまう"
        INCORRECT = "incorrect", "内容が事実と違う"
        OUTDATED = "outdated", "内容が古くなった"
        REWRITE = "rewrite", "書き直す"
        POLICY = "policy", "市町の方針で公開しない"
        OTHER = "other", "その他"

    # What each side may give: only the prefecture writes anew, only a town has its own policy.
    TOWN_REASONS = (
        Reason.IDENTIFIABLE,
        Reason.INCORRECT,
        Reason.OUTDATED,
        Reason.POLICY,
        Reason.OTHER,
    )
    PREFECTURE_REASONS = (
        Reason.IDENTIFIABLE,
        Reason.INCORRECT,
        Reason.OUTDATED,
        Reason.REWRITE,
        Reason.OTHER,
    )

    consultation = models.ForeignKey(
        "desk.Consultation",
        on_delete=models.PROTECT,  # where an article comes from is part of the record
        related_name="articles",
        verbose_name="もとの相談",
    )
    topic = models.ForeignKey(
        "vocabulary.Skill",
        on_delete=models.PROTECT,  # a code list row in use is not removed
        related_name="articles",
        verbose_name="分野",
    )
    title = models.CharField("題名", max_length=60)
    question = models.TextField("相談の内容", max_length=2000)
    answer = models.TextField("回答", max_length=4000)
    search_text = models.TextField(editable=False)
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.PROPOSED)
    approval_due = models.DateField("市町の確認期限")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who proposed is part of the record
        related_name="+",
        verbose_name="提案した人",
    )
    proposed_at = models.DateTimeField("提案日時")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who decided for the town is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="市町で決めた人",
    )
    decided_at = models.DateTimeField("市町が決めた日時", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who took it back is part of the record
        related_name="+",
        null=True,
        blank=True,
        verbose_name="取り下げた人",
    )
    withdrawn_at = models.DateTimeField("取下げ日時", null=True, blank=True)
    reason = models.CharField("理由", max_length=12, choices=Reason, blank=True)
    note = models.CharField("理由の補足", max_length=400, blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = "ナレッジ"
        verbose_name_plural = "ナレッジ"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_live_article_per_consultation",
                fields=["consultation"],
                condition=Q(status__in=["proposed", "published"]),
            ),
            models.CheckConstraint(
                name="article_is_not_empty",
                condition=~Q(title="") & ~Q(question="") & ~Q(answer=""),
            ),
            models.CheckConstraint(
                name="published_article_was_approved_by_town",
                condition=Q(status="proposed", decided_at__isnull=True, decided_by__isnull=True)
                | Q(
                    status__in=["published", "refused"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                )
                | Q(status="withdrawn"),
            ),
            models.CheckConstraint(
                name="withdrawn_article_has_time",
                condition=Q(
                    status="withdrawn", withdrawn_at__isnull=False, withdrawn_by__isnull=False
                )
                | (
                    ~Q(status="withdrawn") & Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="refused_or_withdrawn_article_has_reason",
                condition=(Q(status__in=["refused", "withdrawn"]) & ~Q(reason=""))
                | Q(status__in=["proposed", "published"], reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def allows(self, action: Action) -> bool:
        """Whether `action` is possible in the present state."""
        return self.status in self.TRANSITIONS[action]

    def fold(self) -> None:
        """Fill the column that searches read. The parts are kept apart by a line break, which no
        folded word contains: nothing is found across two parts."""
        self.search_text = "\n".join(
            search_key(part) for part in (self.title, self.question, self.answer)
        )
