"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("files", "0001_take_uploads")]

    initial = True

    dependencies = [
        ("users", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="鍵"
                    ),
                ),
                ("room", models.CharField(max_length=20, verbose_name="部屋")),
                ("holder", models.CharField(db_index=True, max_length=40, verbose_name="持ち主")),
                ("name", models.CharField(max_length=120, verbose_name="ファイル名")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pdf", "PDF"),
                            ("docx", "Word"),
                            ("xlsx", "Excel"),
                            ("csv", "CSV"),
                            ("png", "PNG"),
                            ("jpg", "JPEG"),
                        ],
                        max_length=5,
                        verbose_name="種類",
                    ),
                ),
                ("size", models.PositiveIntegerField(verbose_name="大きさ(バイト)")),
                ("sha256", models.CharField(max_length=64, verbose_name="指紋")),
                ("anonymous", models.BooleanField(default=False, verbose_name="匿名版")),
                (
                    "storage_name",
                    models.CharField(blank=True, max_length=60, verbose_name="置き場"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "検査待ち"),
                            ("clean", "検査済み"),
                            ("infected", "ウイルスあり"),
                            ("deleted", "削除済み"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("tries", models.PositiveIntegerField(default=0, verbose_name="検査を試みた回数")),
                (
                    "tried_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="最後に試みた日時"),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="アップロードした日時"),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="アップロードした人",
                    ),
                ),
            ],
            options={
                "verbose_name": "書類のファイル",
                "verbose_name_plural": "書類のファイル",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ["waiting", "clean"]),
                                models.Q(("storage_name", ""), _negated=True),
                            ),
                            models.Q(("state__in", ["infected", "deleted"]), ("storage_name", "")),
                            _connector="OR",
                        ),
                        name="file_that_may_be_read_has_a_place",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("storage_name", ""), _negated=True),
                        fields=("storage_name",),
                        name="place_of_file_is_its_own",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__lte", 20971520)),
                        name="file_is_at_most_20_mebibytes",
                    ),
                ],
            },
        ),
    ]
