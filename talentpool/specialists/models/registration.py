"""What a registration holds beyond the person's row: where the person comes from, certificates, pay
wishes, documents, and what was typed and not saved yet."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from talentpool.conventions.amounts import yen_label
from talentpool.files.models import StoredFile
from talentpool.specialists.models.person import Specialist
from talentpool.specialists.querysets import OwnPersonQuerySet


class Background(models.Model):
    """What is asked of one kind of person only: retired prefectural staff (Local Public Service Act
    article 38-2), side jobs (the employer's permission), universities and national lists."""

    class Work(models.TextChoices):
        NONE = "none", "勤めていない・個人で働いている"
        COMPANY = "company", "会社などの営利企業等"
        PUBLIC = "public", "国・自治体・大学など"

    class Answer(models.TextChoices):
        YES = "yes", "はい"
        NO = "no", "いいえ"
        NOT_NEEDED = "not_needed", "届出の対象ではない"

    specialist = models.OneToOneField(
        Specialist, on_delete=models.CASCADE, related_name="background"
    )
    retired_on = models.DateField("退職した日", null=True, blank=True)
    last_post = models.CharField("最後の職", max_length=80, blank=True)
    was_manager = models.BooleanField("部課長級以上の職に就いたことがある", null=True, blank=True)
    departments = models.TextField("退職前5年間の所属", max_length=400, blank=True)
    present_work = models.CharField("今の勤め先", max_length=8, choices=Work, blank=True)
    reported = models.CharField("再就職の届出", max_length=10, choices=Answer, blank=True)
    permit_needed = models.BooleanField("勤務先の許可が要る", null=True, blank=True)
    permit_given_on = models.DateField("許可を受けた日", null=True, blank=True)
    post = models.CharField("職名", max_length=80, blank=True)

    objects = OwnPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "経歴の区分ごとの内容"
        verbose_name_plural = "経歴の区分ごとの内容"

    def __str__(self) -> str:
        return f"{self.specialist_id}"


class WorkProfile(models.Model):
    """How the person works, in words of the code lists. Limits are half-days a month."""

    specialist = models.OneToOneField(
        Specialist, on_delete=models.CASCADE, related_name="work_profile"
    )
    talent_types = ArrayField(
        models.CharField(max_length=20), verbose_name="人材類型", default=list, blank=True
    )
    dss_roles = ArrayField(
        models.CharField(max_length=20), verbose_name="役割(DSS-P)", default=list, blank=True
    )
    languages = models.CharField("日本語のほかに使える言語", max_length=100, blank=True)
    most_on_site = models.PositiveSmallIntegerField("来庁の上限(半日/月)", null=True, blank=True)
    most_remote = models.PositiveSmallIntegerField("遠隔の上限(半日/月)", null=True, blank=True)
    travel = models.CharField("移動の手段", max_length=100, blank=True)

    objects = OwnPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "働き方"
        verbose_name_plural = "働き方"

    def __str__(self) -> str:
        return f"{self.specialist_id}"


class Certificate(models.Model):
    """A certificate by the code list, or by its name where the list does not have it."""

    specialist = models.ForeignKey(
        Specialist, on_delete=models.CASCADE, related_name="certificates"
    )
    code = models.CharField("資格", max_length=20, blank=True)
    other_name = models.CharField("一覧にない資格の名称", max_length=80, blank=True)
    number = models.CharField("登録番号・合格証書番号", max_length=40, blank=True)
    expires_on = models.DateField("有効期限", null=True, blank=True)

    objects = OwnPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "資格"
        verbose_name_plural = "資格"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="certificate_is_named_once",
                condition=Q(code="") & ~Q(other_name="") | ~Q(code="") & Q(other_name=""),
            ),
            models.UniqueConstraint(
                name="certificate_is_once_per_person",
                fields=["specialist", "code", "other_name"],
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.other_name


class PayWish(models.Model):
    """Yen that the person wishes for one unit of work; none where only expenses are wished."""

    class Unit(models.TextChoices):
        HOUR = "hour", "時間"
        DAY = "day", "日"
        MONTH = "month", "月"
        YEAR = "year", "年"
        PIECE = "piece", "件"
        NONE = "none", "無報酬(実費だけ)"

    MOST_YEN = 10_000_000  # what the engine takes as the rate of a half-day
    MOST_YEN_A_YEAR = 100_000_000

    specialist = models.ForeignKey(Specialist, on_delete=models.CASCADE, related_name="pay_wishes")
    unit = models.CharField("単位", max_length=6, choices=Unit)
    yen = models.PositiveIntegerField("円")

    objects = OwnPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "報酬の希望"
        verbose_name_plural = "報酬の希望"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="one_pay_wish_per_unit", fields=["specialist", "unit"]),
            models.CheckConstraint(
                name="pay_wish_is_some_yen",
                condition=Q(unit="none", yen=0) | (~Q(unit="none") & Q(yen__gte=1)),
            ),
            models.CheckConstraint(
                name="pay_wish_is_10_million_at_most",
                condition=Q(yen__lte=10_000_000) | Q(unit="year", yen__lte=100_000_000),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_unit_display()} {self.yen}"

    @property
    def words(self) -> str:
        """1日 30,000円, 1か月 …, or 無報酬(実費だけ)."""
        if self.unit == self.Unit.NONE:
            return str(self.Unit.NONE.label)
        unit = "か月" if self.unit == self.Unit.MONTH else self.get_unit_display()
        return f"1{unit} {yen_label(self.yen)}"


class Document(models.Model):
    """An uploaded document of a person. Towns never see one (B-08)."""

    class Kind(models.TextChoices):
        CV = "cv", "職務経歴書"
        ANONYMOUS_CV = "anonymous_cv", "職務経歴書(匿名版)"
        PERMIT = "permit", "勤務先の許可・承諾書の写し"
        CERTIFICATE = "certificate", "資格の証明"
        OTHER = "other", "そのほか"

    specialist = models.ForeignKey(Specialist, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField("書類の種類", max_length=12, choices=Kind)
    file = models.OneToOneField(
        StoredFile,
        on_delete=models.PROTECT,  # bytes are deleted by their own verb, never with a row
        related_name="document",
        verbose_name="ファイル",
    )

    objects = OwnPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "書類"
        verbose_name_plural = "書類"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.get_kind_display()}"


class TopicDraft(models.Model):
    """What a person typed into a topic of the registration and did not save yet (C-08)."""

    specialist = models.ForeignKey(
        Specialist, on_delete=models.CASCADE, related_name="topic_drafts"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=16)
    typed = models.TextField(help_text="as a form sends it")
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "入力の控え"
        verbose_name_plural = "入力の控え"
        constraints = [
            models.UniqueConstraint(
                name="one_topic_draft_per_person", fields=["specialist", "user", "topic"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.topic}"
