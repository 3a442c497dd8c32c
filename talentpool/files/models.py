"""An uploaded file: what it is, whose it is, what the virus check said. The bytes lie outside the
web root under a random name."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from talentpool.files.querysets import StoredFileQuerySet


class StoredFile(models.Model):
    """`holder` is whom the file counts against, as the room names it (specialist:12); `room` is the
    room that knows who may read it."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        DOCX = "docx", "Word"
        XLSX = "xlsx", "Excel"
        CSV = "csv", "CSV"
        PNG = "png", "PNG"
        JPG = "jpg", "JPEG"

    class State(models.TextChoices):
        WAITING = "waiting", "検査待ち"
        CLEAN = "clean", "検査済み"
        INFECTED = "infected", "ウイルスあり"
        DELETED = "deleted", "削除済み"

    # verb: (states it starts from, state it ends in)
    TRANSITIONS: ClassVar[dict[str, tuple[tuple[State, ...], State]]] = {
        "pass": ((State.WAITING,), State.CLEAN),
        "condemn": ((State.WAITING,), State.INFECTED),
        "delete": ((State.WAITING, State.CLEAN, State.INFECTED), State.DELETED),
    }

    key = models.UUIDField("鍵", default=uuid.uuid4, unique=True, editable=False)
    room = models.CharField("部屋", max_length=20)
    holder = models.CharField("持ち主", max_length=40, db_index=True)
    name = models.CharField("ファイル名", max_length=120)
    kind = models.CharField("種類", max_length=5, choices=Kind)
    size = models.PositiveIntegerField("大きさ(バイト)")
    sha256 = models.CharField("指紋", max_length=64)
    anonymous = models.BooleanField("匿名版", default=False)
    storage_name = models.CharField("置き場", max_length=60, blank=True)
    state = models.CharField("状態", max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveIntegerField("検査を試みた回数", default=0)
    tried_at = models.DateTimeField("最後に試みた日時", null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,  # who brought a file in must stay known
        related_name="+",
        verbose_name="アップロードした人",
    )
    uploaded_at = models.DateTimeField("アップロードした日時", auto_now_add=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = "書類のファイル"
        verbose_name_plural = "書類のファイル"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="file_that_may_be_read_has_a_place",
                condition=Q(state__in=["waiting", "clean"]) & ~Q(storage_name="")
                | Q(state__in=["infected", "deleted"], storage_name=""),
            ),
            models.UniqueConstraint(
                name="place_of_file_is_its_own",
                fields=["storage_name"],
                condition=~Q(storage_name=""),
            ),
            models.CheckConstraint(
                name="file_is_at_most_20_mebibytes", condition=Q(size__lte=20 * 1024 * 1024)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def allows(self, verb: str) -> bool:
        return self.state in self.TRANSITIONS[verb][0]

    @property
    def is_downloadable(self) -> bool:
        return self.state == self.State.CLEAN
