"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("desk", "0001_take_consultations"), ("desk", "0002_find_what_waits_by_its_turn")]

    initial = True

    dependencies = [
        ("registry", "0001_tables"),
        ("users", "0001_tables"),
        ("vocabulary", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consultation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField(verbose_name="年度(西暦)")),
                (
                    "number",
                    models.PositiveIntegerField(help_text="年度ごとに1から", verbose_name="番号"),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("plan", "企画・検討"),
                            ("rfi", "情報提供依頼(RFI)"),
                            ("budget", "予算要求"),
                            ("specification", "仕様書の作成"),
                            ("before_notice", "公告の前"),
                            ("evaluation", "見積・提案の評価"),
                            ("contract", "契約"),
                            ("change", "契約の変更"),
                            ("operation", "運用"),
                            ("none", "調達には関わらない"),
                        ],
                        max_length=16,
                        verbose_name="調達の段階",
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="件名")),
                ("question", models.TextField(max_length=2000, verbose_name="相談したいこと")),
                (
                    "wanted_by",
                    models.DateField(blank=True, null=True, verbose_name="回答がほしい日"),
                ),
                ("answer_due", models.DateField(verbose_name="回答期限")),
                (
                    "secrecy",
                    models.CharField(
                        choices=[
                            ("shareable", "市町名を伏せて、ほかの市町と共有してよい"),
                            ("prefecture_only", "県の相談窓口の中だけで扱う"),
                        ],
                        max_length=16,
                        verbose_name="共有の範囲",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "受付待ち"),
                            ("in_progress", "対応中"),
                            ("answered", "回答済み"),
                            ("closed", "終了"),
                        ],
                        default="asked",
                        max_length=12,
                        verbose_name="状態",
                    ),
                ),
                (
                    "turn",
                    models.CharField(
                        blank=True,
                        choices=[("prefecture", "県の対応待ち"), ("town", "市町の対応待ち")],
                        default="prefecture",
                        max_length=12,
                        verbose_name="対応待ち",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="相談日時")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="最初の回答日時"),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="終了日時")),
                ("request_key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="相談した人",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="担当者",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consultations",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consultations",
                        to="vocabulary.skill",
                        verbose_name="分野",
                    ),
                ),
            ],
            options={
                "verbose_name": "相談",
                "verbose_name_plural": "相談",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("turn", ""), _negated=True),
                        fields=["turn", "answer_due"],
                        name="open_consultations_by_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fiscal_year", "number"),
                        name="consultation_number_is_unique_in_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)),
                        name="consultation_number_starts_at_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("question", ""), _negated=True),
                        ),
                        name="consultation_has_title_and_question",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("assignee__isnull", True), ("status", "asked")),
                            models.Q(
                                ("assignee__isnull", False),
                                ("status__in", ["in_progress", "answered"]),
                            ),
                            ("status", "closed"),
                            _connector="OR",
                        ),
                        name="consultation_in_hand_has_assignee",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "asked"), ("turn", "prefecture")),
                            models.Q(
                                ("status", "in_progress"), ("turn__in", ["prefecture", "town"])
                            ),
                            models.Q(("status", "answered"), ("turn", "town")),
                            models.Q(("status", "closed"), ("turn", "")),
                            _connector="OR",
                        ),
                        name="turn_fits_consultation_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", False), ("status", "answered")),
                            models.Q(("answered_at__isnull", True), ("status", "asked")),
                            ("status__in", ["in_progress", "closed"]),
                            _connector="OR",
                        ),
                        name="answered_consultation_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("status", "closed")),
                            models.Q(
                                models.Q(("status", "closed"), _negated=True),
                                ("closed_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="closed_consultation_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("town", "市町から"),
                            ("ask_back", "県からの確認"),
                            ("answer", "県の回答"),
                        ],
                        max_length=8,
                        verbose_name="種類",
                    ),
                ),
                ("body", models.TextField(max_length=4000, verbose_name="本文")),
                ("at", models.DateTimeField(verbose_name="日時")),
                ("request_key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="書いた人",
                    ),
                ),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="desk.consultation",
                        verbose_name="相談",
                    ),
                ),
            ],
            options={
                "verbose_name": "やりとり",
                "verbose_name_plural": "やりとり",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("body", ""), _negated=True), name="message_is_not_empty"
                    )
                ],
            },
        ),
    ]
