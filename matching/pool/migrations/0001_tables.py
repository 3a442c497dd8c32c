"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("pool", "0001_search_the_pool"), ("pool", "0006_count_needs_that_ran_out")]

    initial = True

    dependencies = [
        ("registry", "0001_tables"),
        ("specialists", "0001_tables"),
        ("users", "0001_tables"),
        ("vacancies", "0001_tables"),
        ("vocabulary", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="PoolEntry",
            fields=[
                (
                    "specialist",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="pool_entry",
                        serialize=False,
                        to="specialists.specialist",
                        verbose_name="専門人材",
                    ),
                ),
                ("pool_number", models.CharField(max_length=10, verbose_name="登録番号")),
                ("confirmed_at", models.DateTimeField(verbose_name="稼働可能日の最終確認")),
                (
                    "facets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="条件"
                    ),
                ),
                (
                    "free",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), size=None, verbose_name="空き(半日)"
                    ),
                ),
                ("search_text", models.TextField(verbose_name="検索用")),
            ],
            options={
                "verbose_name": "人材を探す",
                "verbose_name_plural": "人材を探す",
                "ordering": ["pool_number"],
                "indexes": [
                    models.Index(
                        models.F("pool_number"), models.F("specialist"), name="pool_by_number"
                    ),
                    models.Index(
                        models.OrderBy(models.F("confirmed_at"), descending=True),
                        models.OrderBy(models.F("specialist"), descending=True),
                        name="pool_by_confirmation",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["facets"], name="pool_facets"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Demand",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.PositiveSmallIntegerField(verbose_name="レベル")),
                ("half_days", models.PositiveSmallIntegerField(verbose_name="量(半日/月)")),
                ("first_month", models.DateField(verbose_name="開始月")),
                ("last_month", models.DateField(verbose_name="終了月")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="補足")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "確認待ち"),
                            ("noted", "募集を検討"),
                            ("met", "見つかった"),
                            ("closed", "対応しない"),
                        ],
                        default="open",
                        max_length=6,
                        verbose_name="状態",
                    ),
                ),
                (
                    "answer",
                    models.CharField(blank=True, max_length=300, verbose_name="県からの連絡"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="記録日時")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="回答日時"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="記録した人",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="demands",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="demands",
                        to="vacancies.need",
                        verbose_name="案件",
                    ),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vocabulary.skill",
                        verbose_name="業務分野",
                    ),
                ),
            ],
            options={
                "verbose_name": "満たせなかった需要",
                "verbose_name_plural": "満たせなかった需要",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("need__isnull", False)),
                        fields=("need", "skill"),
                        name="demand_is_once_per_need_and_skill",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__gte", 1), ("level__lte", 4)),
                        name="demand_level_is_one_to_four",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("half_days__gte", 1), ("half_days__lte", 40)),
                        name="demand_asks_for_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_month__gte", models.F("first_month"))),
                        name="demand_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1), ("last_month__day", 1)),
                        name="demand_months_are_first_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("created_by__isnull", False), ("need__isnull", False), _connector="OR"
                        ),
                        name="demand_comes_from_somebody_or_a_need",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("status", "open")),
                            models.Q(
                                models.Q(("status", "open"), _negated=True),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="answered_demand_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名前")),
                ("query", models.TextField(blank=True, max_length=4000, verbose_name="条件")),
                ("shared", models.BooleanField(default=False, verbose_name="県の担当者で共有する")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="作成日時")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="作成者",
                    ),
                ),
            ],
            options={
                "verbose_name": "保存した条件",
                "verbose_name_plural": "保存した条件",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "name"), name="saved_search_name_is_unique_per_owner"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="saved_search_has_name",
                    ),
                ],
            },
        ),
    ]
