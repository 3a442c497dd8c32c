"""The tables of this app. A database that holds all of `replaces` goes on from here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("vocabulary", "0001_initial")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="EngagementForm",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=2, primary_key=True, serialize=False, verbose_name="コード"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="形態")),
                ("basis", models.CharField(blank=True, max_length=120, verbose_name="根拠")),
                ("rule", models.TextField(blank=True, verbose_name="留意点")),
                (
                    "grant",
                    models.CharField(default="要確認", max_length=20, verbose_name="特別交付税"),
                ),
                ("is_employment", models.BooleanField(null=True, verbose_name="雇用関係")),
                ("active", models.BooleanField(default=True, verbose_name="使用中")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="出典・注記")),
            ],
            options={
                "verbose_name": "任用等の形態",
                "verbose_name_plural": "任用等の形態",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Level",
            fields=[
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        primary_key=True, serialize=False, verbose_name="レベル"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("description", models.CharField(blank=True, max_length=200, verbose_name="内容")),
                ("itss_from", models.PositiveSmallIntegerField(verbose_name="ITSS下限")),
                ("itss_to", models.PositiveSmallIntegerField(verbose_name="ITSS上限")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="出典・注記")),
            ],
            options={
                "verbose_name": "レベル",
                "verbose_name_plural": "レベル",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Skill",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=6, primary_key=True, serialize=False, verbose_name="コード"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("description", models.CharField(blank=True, max_length=200, verbose_name="内容")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="順")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="出典・注記")),
            ],
            options={
                "verbose_name": "業務分野",
                "verbose_name_plural": "業務分野",
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="GrantRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField(verbose_name="年度(西暦)")),
                ("payer", models.CharField(max_length=12, verbose_name="負担者")),
                ("cost_kind", models.CharField(max_length=20, verbose_name="経費")),
                (
                    "forms",
                    models.CharField(blank=True, max_length=60, verbose_name="対象の形態コード"),
                ),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=2, max_digits=3, null=True, verbose_name="措置率"
                    ),
                ),
                (
                    "cap_yen",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="上限(円)"),
                ),
                (
                    "fiscal_power_adjusted",
                    models.BooleanField(null=True, verbose_name="財政力補正"),
                ),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="出典")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="注記")),
            ],
            options={
                "verbose_name": "特別交付税の措置率",
                "verbose_name_plural": "特別交付税の措置率",
                "ordering": ["fiscal_year", "payer", "cost_kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fiscal_year", "payer", "cost_kind"), name="grant_rule_is_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rate__isnull", True),
                            models.Q(("rate__gte", 0), ("rate__lte", 1)),
                            _connector="OR",
                        ),
                        name="grant_rate_is_a_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("vocabulary", models.CharField(db_index=True, max_length=30, verbose_name="一覧")),
                ("code", models.CharField(max_length=20, verbose_name="コード")),
                ("label", models.CharField(max_length=80, verbose_name="名称")),
                ("description", models.CharField(blank=True, max_length=300, verbose_name="説明")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="順")),
                ("active", models.BooleanField(default=True, verbose_name="使用中")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="出典・注記")),
            ],
            options={
                "verbose_name": "用語",
                "verbose_name_plural": "用語",
                "ordering": ["vocabulary", "order", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("vocabulary", "code"), name="term_is_unique")
                ],
            },
        ),
    ]
