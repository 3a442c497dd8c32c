"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("engagements", "0001_initial"),
        ("engagements", "0003_name_towns_of_holds_and_keep_outlook"),
        ("engagements", "0004_bar_firms_from_bidding"),
        ("engagements", "0005_read_lists_by_index"),
        ("engagements", "0006_end_engagements_early"),
        ("engagements", "0007_settle_short_months"),
    ]

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
            name="Outlook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField(unique=True, verbose_name="基準日")),
                ("rows", models.JSONField(verbose_name="月ごとの量(半日)")),
                ("counted_at", models.DateTimeField(verbose_name="集計日時")),
            ],
            options={
                "verbose_name": "稼働の見込み",
                "verbose_name_plural": "稼働の見込み",
                "ordering": ["-as_of"],
            },
        ),
        migrations.CreateModel(
            name="Engagement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=12, unique=True, verbose_name="契約番号")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("signed", "締結済み"),
                            ("ended", "終了"),
                            ("terminated", "中途解除"),
                        ],
                        default="signed",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("first_month", models.DateField(verbose_name="開始月")),
                ("last_month", models.DateField(verbose_name="終了月")),
                ("half_day_rate_yen", models.PositiveIntegerField(verbose_name="単価(円/半日)")),
                (
                    "monthly_fixed_yen",
                    models.PositiveIntegerField(default=0, verbose_name="月額の共通経費(円)"),
                ),
                ("total_yen", models.PositiveBigIntegerField(verbose_name="契約額(円)")),
                ("signed_on", models.DateField(verbose_name="締結日")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="作成日時")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="終了日")),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("person", "専門人材の都合"),
                            ("town", "市町の都合"),
                            ("conflict", "利益相反"),
                            ("breach", "契約の条件が守られない"),
                            ("other", "その他"),
                        ],
                        max_length=10,
                        verbose_name="解除の理由",
                    ),
                ),
                (
                    "end_document",
                    models.CharField(blank=True, max_length=40, verbose_name="解除の文書番号"),
                ),
                (
                    "form",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="vocabulary.engagementform",
                        verbose_name="形態",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="締結の担当",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="specialists.specialist",
                        verbose_name="専門人材",
                    ),
                ),
            ],
            options={
                "verbose_name": "シェア契約",
                "verbose_name_plural": "シェア契約",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_month__gte", models.F("first_month"))),
                        name="engagement_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on__isnull", True), ("status", "signed")),
                            models.Q(
                                ("ended_on__isnull", False), ("status__in", ["ended", "terminated"])
                            ),
                            _connector="OR",
                        ),
                        name="ended_engagement_has_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "terminated"), _negated=True),
                            models.Q(
                                models.Q(("end_reason", ""), _negated=True),
                                models.Q(("end_document", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="terminated_engagement_has_reason_and_document",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BiddingBar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("corporate_number", models.CharField(max_length=13, verbose_name="法人番号")),
                ("name", models.CharField(max_length=80, verbose_name="事業者")),
                ("since", models.DateField(verbose_name="いつから")),
                ("until", models.DateField(verbose_name="いつまで")),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bidding_bars",
                        to="engagements.engagement",
                        verbose_name="シェア契約",
                    ),
                ),
            ],
            options={
                "verbose_name": "入札の制限",
                "verbose_name_plural": "入札の制限",
                "ordering": ["until", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("engagement", "municipality", "corporate_number"),
                        name="firm_is_barred_once_per_engagement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gte", models.F("since"))),
                        name="bar_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("half_days", models.PositiveSmallIntegerField(verbose_name="量(半日/月)")),
                ("first_month", models.DateField(verbose_name="開始月")),
                ("last_month", models.DateField(verbose_name="終了月")),
                ("until", models.DateField(verbose_name="期限")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "仮押さえ中"),
                            ("released", "解除"),
                            ("signed", "契約へ移行"),
                        ],
                        default="active",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "仮押さえ",
                "verbose_name_plural": "仮押さえ",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_month__gte", models.F("first_month"))),
                        name="hold_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("half_days__gte", 1)), name="hold_takes_something"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SettledMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="月")),
                ("declared", models.PositiveSmallIntegerField(verbose_name="申告(半日)")),
                ("booked", models.PositiveSmallIntegerField(verbose_name="契約・仮押さえ(半日)")),
                ("note", models.CharField(max_length=300, verbose_name="市町と決めたこと")),
                ("settled_at", models.DateTimeField(auto_now_add=True, verbose_name="記録日時")),
                (
                    "settled_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="記録した人",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settled_months",
                        to="specialists.specialist",
                        verbose_name="専門人材",
                    ),
                ),
            ],
            options={
                "verbose_name": "日数の不足の調整",
                "verbose_name_plural": "日数の不足の調整",
                "ordering": ["specialist", "month", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("specialist", "month", "declared", "booked"),
                        name="month_is_settled_once_for_its_numbers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("booked__gt", models.F("declared"))),
                        name="settled_month_was_short",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("note", ""), _negated=True),
                        name="settled_month_says_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="settled_month_is_first_day"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("half_days", models.PositiveSmallIntegerField(verbose_name="量(半日/月)")),
                ("first_month", models.DateField(verbose_name="開始月")),
                ("last_month", models.DateField(verbose_name="終了月")),
                ("cost_yen", models.PositiveBigIntegerField(verbose_name="負担額(円)")),
                ("document_number", models.CharField(max_length=40, verbose_name="文書番号")),
                ("decided_on", models.DateField(verbose_name="決裁日")),
                ("active", models.BooleanField(default=True, verbose_name="有効")),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="engagements.engagement",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="vacancies.need",
                        verbose_name="案件",
                    ),
                ),
            ],
            options={
                "verbose_name": "負担・配分",
                "verbose_name_plural": "負担・配分",
                "ordering": ["engagement", "municipality__kana"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("active", True)),
                        fields=("need",),
                        name="one_active_share_per_need",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("document_number", ""), _negated=True),
                        name="share_has_document_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("half_days__gte", 1)), name="share_takes_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_month__gte", models.F("first_month"))),
                        name="share_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CapacityMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="月")),
                (
                    "signed",
                    models.PositiveSmallIntegerField(default=0, verbose_name="契約済み(半日)"),
                ),
                (
                    "held",
                    models.PositiveSmallIntegerField(default=0, verbose_name="仮押さえ(半日)"),
                ),
                ("limit", models.PositiveSmallIntegerField(verbose_name="上限(半日)")),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="capacity_months",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "月の稼働枠",
                "verbose_name_plural": "月の稼働枠",
                "ordering": ["specialist", "month"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            (
                                "limit",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("signed"), "+", models.F("held")
                                ),
                            ),
                            ("limit__gt", 0),
                        ),
                        fields=["month"],
                        name="months_that_are_full",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("specialist", "month"), name="one_capacity_row_per_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "limit__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("signed"), "+", models.F("held")
                                ),
                            )
                        ),
                        name="booked_half_days_fit_in_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="capacity_month_is_first_day"
                    ),
                ],
            },
        ),
    ]
