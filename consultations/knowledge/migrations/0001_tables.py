"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("knowledge", "0001_share_articles")]

    initial = True

    dependencies = [
        ("desk", "0001_tables"),
        ("users", "0001_tables"),
        ("vocabulary", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Article",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="題名")),
                ("question", models.TextField(max_length=2000, verbose_name="相談の内容")),
                ("answer", models.TextField(max_length=4000, verbose_name="回答")),
                ("search_text", models.TextField(editable=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "市町の確認待ち"),
                            ("published", "公開中"),
                            ("refused", "市町が断った"),
                            ("withdrawn", "取下げ"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("approval_due", models.DateField(verbose_name="市町の確認期限")),
                ("proposed_at", models.DateTimeField(verbose_name="提案日時")),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="市町が決めた日時"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取下げ日時"),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("identifiable", "どの市町のことか分かってしまう"),
                            ("incorrect", "内容が事実と違う"),
                            ("outdated", "内容が古くなった"),
                            ("rewrite", "書き直す"),
                            ("policy", "市町の方針で公開しない"),
                            ("other", "その他"),
                        ],
                        max_length=12,
                        verbose_name="理由",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="理由の補足")),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="articles",
                        to="desk.consultation",
                        verbose_name="もとの相談",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="市町で決めた人",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提案した人",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="articles",
                        to="vocabulary.skill",
                        verbose_name="分野",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="取り下げた人",
                    ),
                ),
            ],
            options={
                "verbose_name": "ナレッジ",
                "verbose_name_plural": "ナレッジ",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["proposed", "published"])),
                        fields=("consultation",),
                        name="one_live_article_per_consultation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("question", ""), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                        ),
                        name="article_is_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("status", "proposed"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("status__in", ["published", "refused"]),
                            ),
                            ("status", "withdrawn"),
                            _connector="OR",
                        ),
                        name="published_article_was_approved_by_town",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status", "withdrawn"),
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                            ),
                            models.Q(
                                models.Q(("status", "withdrawn"), _negated=True),
                                ("withdrawn_at__isnull", True),
                                ("withdrawn_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="withdrawn_article_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["refused", "withdrawn"]),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(("reason", ""), ("status__in", ["proposed", "published"])),
                            _connector="OR",
                        ),
                        name="refused_or_withdrawn_article_has_reason",
                    ),
                ],
            },
        ),
    ]
