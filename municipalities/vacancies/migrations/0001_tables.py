"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import datetime

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("vacancies", "0001_hold_needs_vacancies_and_exports"),
        ("vacancies", "0003_revise_published_vacancies"),
        ("vacancies", "0004_bring_vacancies_in_from_files"),
        ("vacancies", "0005_ask_towns_each_month"),
        ("vacancies", "0006_search_vacancies"),
        ("vacancies", "0007_mail_news_of_vacancies"),
        ("vacancies", "0008_search_by_the_shared_function"),
        ("vacancies", "0009_share_the_table_of_imports"),
        ("vacancies", "0010_post_vacancies_together"),
        ("vacancies", "0011_fill_joint_codes_and_forms_of_changes"),
        ("vacancies", "0012_a_change_has_its_form"),
        ("vacancies", "0013_count_soft_bounces"),
        ("vacancies", "0014_read_lists_by_index"),
        ("vacancies", "0015_number_vacancies_beyond_999"),
        ("vacancies", "0016_remember_when_a_town_was_reminded"),
        ("vacancies", "0017_say_what_a_town_answered"),
        ("vacancies", "0018_answers_so_far_were_unchanged"),
        ("vacancies", "0019_a_round_answer_says_what_it_is"),
        ("vacancies", "0020_number_beyond_9999_and_keep_all_problems"),
        ("vacancies", "0021_say_which_fields_are_public"),
        ("vacancies", "0022_hold_the_agreement_to_what_is_published"),
        ("vacancies", "0023_agreements_so_far_are_held"),
        ("vacancies", "0024_end_needs_whose_months_are_over"),
        ("vacancies", "0025_say_why_vacancies_were_held_back"),
        ("vacancies", "0026_note_the_drafts_of_a_file"),
        ("vacancies", "0027_take_back_a_form_before_its_day"),
        ("vacancies", "0028_note_the_digests"),
        ("vacancies", "0029_go_on_though_the_need_has_ended"),
        ("vacancies", "0030_keep_what_was_held_back"),
    ]

    initial = True

    dependencies = [
        ("registry", "0001_tables"),
        ("users", "0001_tables"),
        ("vocabulary", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("since", models.DateField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "配信停止のアドレス",
                "verbose_name_plural": "配信停止のアドレス",
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("at_once", "公表のつど"),
                            ("daily", "1日1回"),
                            ("weekly", "週1回(月曜)"),
                        ],
                        max_length=8,
                        verbose_name="頻度",
                    ),
                ),
                ("until", models.DateField(verbose_name="この日の前まで")),
                ("sent_at", models.DateTimeField(verbose_name="作成日時")),
            ],
            options={
                "verbose_name": "まとめて送った配信",
                "verbose_name_plural": "まとめて送った配信",
                "constraints": [
                    models.UniqueConstraint(fields=("rhythm", "until"), name="digest_is_sent_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="FormVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=16, unique=True, verbose_name="様式版")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                (
                    "in_force_from",
                    models.DateField(blank=True, null=True, verbose_name="適用開始日"),
                ),
                ("note", models.TextField(blank=True, verbose_name="説明")),
            ],
            options={
                "verbose_name": "標準募集様式の版",
                "verbose_name_plural": "標準募集様式の版",
                "ordering": ["-in_force_from", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("in_force_from",), name="one_form_version_starts_on_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthlyRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "month",
                    models.DateField(help_text="その月の1日", unique=True, verbose_name="月"),
                ),
                ("opens_on", models.DateField(verbose_name="開始日")),
                ("cut_off", models.DateField(verbose_name="締切日")),
            ],
            options={
                "verbose_name": "毎月の確認",
                "verbose_name_plural": "毎月の確認",
                "ordering": ["-month"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="round_month_is_first_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cut_off__gte", models.F("opens_on"))),
                        name="round_closes_after_opening",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Need",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="件名")),
                (
                    "problem",
                    models.CharField(
                        choices=[
                            ("renewal", "大規模システムの更改"),
                            ("security", "セキュリティ対策の徹底"),
                            ("network", "ネットワークの検討"),
                            ("adviser", "CIO補佐官"),
                            ("other", "その他"),
                        ],
                        max_length=10,
                        verbose_name="課題の種類",
                    ),
                ),
                ("description", models.TextField(max_length=1000, verbose_name="解決したいこと")),
                ("half_days", models.PositiveSmallIntegerField(verbose_name="量(半日/月)")),
                (
                    "least_half_days",
                    models.PositiveSmallIntegerField(verbose_name="最低の量(半日/月)"),
                ),
                ("first_month", models.DateField(help_text="その月の1日", verbose_name="開始月")),
                ("last_month", models.DateField(help_text="その月の1日", verbose_name="終了月")),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("on_site", "来庁のみ"),
                            ("mixed", "来庁と遠隔"),
                            ("remote", "遠隔のみ"),
                        ],
                        default="mixed",
                        max_length=8,
                        verbose_name="働き方",
                    ),
                ),
                (
                    "on_site_half_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="来庁(半日/月)"),
                ),
                ("weekdays", models.PositiveSmallIntegerField(default=31, verbose_name="曜日")),
                (
                    "budget_yen",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="予算(円)"),
                ),
                (
                    "involves_procurement",
                    models.BooleanField(default=False, verbose_name="仕様や見積の確認を含む"),
                ),
                ("priority", models.PositiveSmallIntegerField(default=1, verbose_name="優先度")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "下書き"),
                            ("submitted", "県の確認待ち"),
                            ("accepted", "受付済み"),
                            ("filled", "契約済み"),
                            ("unfilled", "該当者なし"),
                            ("lapsed", "期間終了"),
                            ("withdrawn", "取下げ"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                (
                    "remark",
                    models.CharField(blank=True, max_length=400, verbose_name="県からの連絡"),
                ),
                (
                    "closing_note",
                    models.CharField(blank=True, max_length=200, verbose_name="終了の理由"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="作成日時")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新日時")),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="提出日時"),
                ),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="受付日時"),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="終了日時")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="作成者",
                    ),
                ),
                (
                    "forms",
                    models.ManyToManyField(
                        blank=True, to="vocabulary.engagementform", verbose_name="任用等の形態"
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
            ],
            options={
                "verbose_name": "案件",
                "verbose_name_plural": "案件",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["status"], name="needs_by_status")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_month__gte", models.F("first_month"))),
                        name="need_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1), ("last_month__day", 1)),
                        name="need_months_are_first_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("half_days__gte", models.F("least_half_days")),
                            ("half_days__lte", 40),
                            ("least_half_days__gte", 1),
                        ),
                        name="need_amount_is_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("on_site_half_days__lte", models.F("half_days"))),
                        name="on_site_part_fits_in_need",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekdays__gte", 1), ("weekdays__lte", 127)),
                        name="need_weekdays_are_seven_bits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 3)),
                        name="need_priority_is_one_to_three",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "withdrawn"]),
                            ("submitted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="submitted_need_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["accepted", "filled", "unfilled", "lapsed"]),
                                _negated=True,
                            ),
                            ("accepted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="accepted_need_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("status__in", ["filled", "unfilled", "lapsed", "withdrawn"]),
                            ),
                            models.Q(
                                ("closed_at__isnull", True),
                                ("status__in", ["draft", "submitted", "accepted"]),
                            ),
                            _connector="OR",
                        ),
                        name="closed_need_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedSkill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.PositiveSmallIntegerField(verbose_name="レベル")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skills",
                        to="vacancies.need",
                    ),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="vocabulary.skill",
                        verbose_name="業務分野",
                    ),
                ),
            ],
            options={
                "verbose_name": "求めるスキル",
                "verbose_name_plural": "求めるスキル",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("need", "skill"), name="skill_is_once_per_need"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__gte", 1), ("level__lte", 4)),
                        name="need_level_is_one_to_four",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoundAnswer",
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
                        blank=True,
                        choices=[
                            ("unchanged", "変更なし"),
                            ("changed", "変更した"),
                            ("closed", "終了した"),
                        ],
                        max_length=9,
                        verbose_name="回答",
                    ),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="回答日時"),
                ),
                (
                    "reminders",
                    models.PositiveSmallIntegerField(default=0, verbose_name="催促した回数"),
                ),
                (
                    "reminded_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="前に催促した日時"),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="vacancies.monthlyround",
                    ),
                ),
            ],
            options={
                "verbose_name": "毎月の確認への回答",
                "verbose_name_plural": "毎月の確認への回答",
                "ordering": ["round", "municipality__kana"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "municipality"), name="town_is_asked_once_a_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(
                                ("answered_at__isnull", False), ("answered_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="round_answer_has_its_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("kind", "")),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("kind__in", ["unchanged", "changed", "closed"]),
                            ),
                            _connector="OR",
                        ),
                        name="round_answer_says_what_it_is",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SoftBounce",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("count", models.PositiveSmallIntegerField(default=0, verbose_name="回数")),
                ("last_on", models.DateField(verbose_name="最後の日")),
            ],
            options={
                "verbose_name": "一時的な不達",
                "verbose_name_plural": "一時的な不達",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("count__gte", 1)), name="soft_bounce_is_counted"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "email",
                    models.EmailField(max_length=254, unique=True, verbose_name="メールアドレス"),
                ),
                ("token", models.CharField(max_length=48, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="申込み")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="確認")),
                (
                    "areas",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="市町",
                    ),
                ),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="業務分野",
                    ),
                ),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("at_once", "公表のつど"),
                            ("daily", "1日1回"),
                            ("weekly", "週1回(月曜)"),
                        ],
                        default="at_once",
                        max_length=8,
                        verbose_name="頻度",
                    ),
                ),
                ("consent", models.CharField(max_length=20, verbose_name="同意した文面")),
            ],
            options={
                "verbose_name": "配信の申込み",
                "verbose_name_plural": "配信の申込み",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="subscriber_email_is_lower_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Vacancy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "vacancy_no",
                    models.CharField(max_length=14, unique=True, verbose_name="募集管理番号"),
                ),
                ("values", models.JSONField(default=dict, verbose_name="様式の値")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "下書き"),
                            ("submitted", "県の確認待ち"),
                            ("published", "募集中"),
                            ("closed", "募集終了"),
                            ("withdrawn", "取下げ"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("filled", "採用・契約した"),
                            ("nobody", "応募・該当者がなかった"),
                            ("stopped", "募集をやめた"),
                        ],
                        max_length=8,
                        verbose_name="結果",
                    ),
                ),
                (
                    "closing_note",
                    models.CharField(blank=True, max_length=200, verbose_name="終了・取下げの理由"),
                ),
                (
                    "remark",
                    models.CharField(blank=True, max_length=400, verbose_name="県からの連絡"),
                ),
                (
                    "field_remarks",
                    models.JSONField(blank=True, default=dict, verbose_name="項目ごとの指摘"),
                ),
                (
                    "leftover",
                    models.JSONField(
                        blank=True, default=dict, verbose_name="新しい様式に移せなかった値"
                    ),
                ),
                (
                    "change",
                    models.CharField(
                        blank=True,
                        choices=[("draft", "変更を作成中"), ("submitted", "変更の確認待ち")],
                        max_length=10,
                        verbose_name="公表後の変更",
                    ),
                ),
                (
                    "changed_values",
                    models.JSONField(blank=True, null=True, verbose_name="変更中の値"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版")),
                (
                    "joint_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="共同の団体",
                    ),
                ),
                (
                    "position_title",
                    models.CharField(blank=True, max_length=60, verbose_name="募集役職名"),
                ),
                (
                    "talent_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="人材類型",
                    ),
                ),
                (
                    "work_fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="業務分野",
                    ),
                ),
                (
                    "engagement_form",
                    models.CharField(blank=True, max_length=2, verbose_name="任用等の形態"),
                ),
                (
                    "headcount",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="募集人数"
                    ),
                ),
                ("start_date", models.DateField(blank=True, null=True, verbose_name="開始予定日")),
                ("end_date", models.DateField(blank=True, null=True, verbose_name="終了予定日")),
                (
                    "frequency_unit",
                    models.CharField(blank=True, max_length=1, verbose_name="勤務頻度"),
                ),
                (
                    "freq_min",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        verbose_name="頻度の下限",
                    ),
                ),
                (
                    "freq_max",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        verbose_name="頻度の上限",
                    ),
                ),
                (
                    "remote",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="リモート勤務"
                    ),
                ),
                (
                    "side_job",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="副業・兼業"
                    ),
                ),
                ("pay_unit", models.CharField(blank=True, max_length=1, verbose_name="報酬区分")),
                (
                    "pay_min",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="報酬額下限(円)"
                    ),
                ),
                (
                    "pay_max",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="報酬額上限(円)"
                    ),
                ),
                ("open_date", models.DateField(blank=True, null=True, verbose_name="募集開始日")),
                ("close_date", models.DateField(blank=True, null=True, verbose_name="募集締切日")),
                ("close_type", models.CharField(blank=True, max_length=1, verbose_name="締切区分")),
                ("publish_ok", models.BooleanField(default=False, verbose_name="公表可")),
                (
                    "publish_until",
                    models.DateField(blank=True, null=True, verbose_name="公表終了希望日"),
                ),
                (
                    "search_text",
                    models.TextField(blank=True, editable=False, verbose_name="検索用"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="作成日時")),
                (
                    "changed_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="内容の更新日時"),
                ),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="提出日時"),
                ),
                (
                    "published_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="公表日時"),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="終了日時")),
                (
                    "kept_on_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="案件の終了後も続けると決めた日時"
                    ),
                ),
                (
                    "change_form",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vacancies.formversion",
                        verbose_name="変更の様式版",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="作成者",
                    ),
                ),
                (
                    "form_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vacancies.formversion",
                        verbose_name="様式版",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vacancies",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
                (
                    "need",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vacancy",
                        to="vacancies.need",
                        verbose_name="もとの案件",
                    ),
                ),
            ],
            options={
                "verbose_name": "募集情報",
                "verbose_name_plural": "募集情報",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        models.OrderBy(
                            django.db.models.functions.comparison.Coalesce(
                                "published_at",
                                models.Value(
                                    datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.UTC)
                                ),
                            ),
                            descending=True,
                        ),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("status", "published")),
                        name="published_vacancies",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["work_fields"], name="vacancy_work_fields"
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["joint_codes"], name="vacancy_joint_codes"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "withdrawn"]),
                            ("submitted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="submitted_vacancy_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["published", "closed"]), _negated=True),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="published_vacancy_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("status__in", ["closed", "withdrawn"]),
                            ),
                            models.Q(
                                ("closed_at__isnull", True),
                                ("status__in", ["draft", "submitted", "published"]),
                            ),
                            _connector="OR",
                        ),
                        name="closed_vacancy_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome__in", ["filled", "nobody", "stopped"]),
                                ("status", "closed"),
                            ),
                            models.Q(
                                models.Q(("status", "closed"), _negated=True), ("outcome", "")
                            ),
                            _connector="OR",
                        ),
                        name="closed_vacancy_has_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "withdrawn"]),
                            models.Q(
                                models.Q(("position_title", ""), _negated=True),
                                models.Q(("engagement_form", ""), _negated=True),
                                ("talent_types__len__gt", 0),
                                ("work_fields__len__gt", 0),
                                ("end_date__isnull", False),
                                ("start_date__isnull", False),
                                ("open_date__isnull", False),
                                ("remote__isnull", False),
                                ("side_job__isnull", False),
                                models.Q(("close_type", ""), _negated=True),
                                models.Q(("pay_unit", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="submitted_vacancy_has_its_core",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("close_type", "1"),
                                ("status__in", ["submitted", "published"]),
                                _negated=True,
                            ),
                            ("close_date__isnull", False),
                            _connector="OR",
                        ),
                        name="vacancy_with_deadline_has_its_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "draft"),
                            ("end_date__isnull", True),
                            ("end_date__gte", models.F("start_date")),
                            _connector="OR",
                        ),
                        name="vacancy_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("change", ""),
                                ("change_form__isnull", True),
                                ("changed_values__isnull", True),
                            ),
                            models.Q(
                                ("change__in", ["draft", "submitted"]),
                                ("change_form__isnull", False),
                                ("changed_values__isnull", False),
                                ("status", "published"),
                            ),
                            _connector="OR",
                        ),
                        name="only_published_vacancy_has_change",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "draft"),
                            ("pay_max__isnull", True),
                            ("pay_min__isnull", True),
                            ("pay_max__gte", models.F("pay_min")),
                            _connector="OR",
                        ),
                        name="vacancy_pay_is_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SectionDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("section", models.CharField(max_length=16)),
                ("typed", models.TextField(help_text="as a form sends it")),
                (
                    "version",
                    models.PositiveIntegerField(help_text="版 of the vacancy it was typed over"),
                ),
                ("saved_at", models.DateTimeField(auto_now=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="section_drafts",
                        to="vacancies.vacancy",
                    ),
                ),
            ],
            options={
                "verbose_name": "入力の控え",
                "verbose_name_plural": "入力の控え",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vacancy", "user", "section"), name="one_section_draft_per_person"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="JointTown",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("asked", "回答待ち"), ("agreed", "同意"), ("declined", "不同意")],
                        default="asked",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="依頼日時")),
                (
                    "agreed_version",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="同意した版"),
                ),
                ("remark", models.CharField(blank=True, max_length=400, verbose_name="連絡")),
                (
                    "document_number",
                    models.CharField(blank=True, max_length=40, verbose_name="文書番号"),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="回答日時"),
                ),
                (
                    "held_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="公表の内容に同意した日時"
                    ),
                ),
                (
                    "held_document",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="公表の内容への同意の文書番号"
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="回答した人",
                    ),
                ),
                (
                    "held_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="公表の内容に同意した人",
                    ),
                ),
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
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="joint_towns",
                        to="vacancies.vacancy",
                    ),
                ),
            ],
            options={
                "verbose_name": "共同で募集する市町",
                "verbose_name_plural": "共同で募集する市町",
                "ordering": ["municipality__kana", "municipality_id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vacancy", "municipality"), name="town_joins_a_vacancy_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_version__isnull", False), ("status", "agreed")),
                            models.Q(
                                models.Q(("status", "agreed"), _negated=True),
                                ("agreed_version__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="agreed_town_agreed_to_a_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                                ("status", "asked"),
                            ),
                            models.Q(
                                models.Q(("status", "asked"), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="answer_of_joint_town_has_its_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("held_at__isnull", True),
                                ("held_by__isnull", True),
                                ("held_document", ""),
                            ),
                            models.Q(("held_at__isnull", False), ("held_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="held_agreement_has_its_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VacancyCounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveSmallIntegerField(default=0)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.municipality",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "fiscal_year"), name="one_counter_per_town_and_year"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last__lte", 29999)), name="counter_fits_the_number"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VacancyImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=120, verbose_name="ファイル名")),
                ("content", models.BinaryField(null=True, verbose_name="ファイル")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("checking", "確認中"),
                            ("checked", "確認済み"),
                            ("applying", "取込み中"),
                            ("applied", "取込み済み"),
                            ("refused", "読めないファイル"),
                            ("discarded", "取りやめ"),
                        ],
                        default="checking",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("all", "1件でも問題があれば、何も取り込まない"),
                            ("valid", "問題のないものだけ取り込む"),
                        ],
                        max_length=5,
                        verbose_name="取込み方",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="済んだ行")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="全部の行")),
                ("valid", models.PositiveIntegerField(default=0, verbose_name="問題のない件数")),
                ("invalid", models.PositiveIntegerField(default=0, verbose_name="問題のある件数")),
                ("written", models.PositiveIntegerField(default=0, verbose_name="取り込んだ件数")),
                ("problem_count", models.PositiveIntegerField(default=0, verbose_name="問題の数")),
                (
                    "problems",
                    models.JSONField(
                        default=list, help_text="the first ones, for the page", verbose_name="問題"
                    ),
                ),
                (
                    "problem_file",
                    models.BinaryField(help_text="CSV, gzip", null=True, verbose_name="問題の全部"),
                ),
                ("message", models.CharField(blank=True, max_length=300, verbose_name="知らせ")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="開始日時")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="終了日時"),
                ),
                (
                    "draft_versions",
                    models.JSONField(
                        default=dict,
                        help_text="確かめたときの版。番号ごと",
                        verbose_name="下書きの版",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="取り込んだ人",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
            ],
            options={
                "verbose_name": "募集情報の取込み",
                "verbose_name_plural": "募集情報の取込み",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("total"))),
                        name="import_progress_is_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content__isnull", True), ("status__in", ["applied", "discarded"])
                            ),
                            models.Q(("status__in", ["applied", "discarded"]), _negated=True),
                            _connector="OR",
                        ),
                        name="ended_import_keeps_no_file",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VacancyQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(max_length=400, verbose_name="質問")),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="質問日時")),
                ("answer", models.TextField(blank=True, max_length=800, verbose_name="回答")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="回答日時"),
                ),
                ("hidden", models.BooleanField(default=False, verbose_name="公開しない")),
                (
                    "hidden_reason",
                    models.CharField(
                        blank=True,
                        help_text="県が公開を止めたときの理由。市町は公開に戻せません",
                        max_length=200,
                        verbose_name="公開しない理由",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="vacancies.vacancy",
                    ),
                ),
            ],
            options={
                "verbose_name": "質問",
                "verbose_name_plural": "質問",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True)),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="answered_question_has_time_and_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hidden_reason", ""), ("hidden", True), _connector="OR"
                        ),
                        name="question_hidden_for_a_reason_is_hidden",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VacancyRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="版")),
                ("values", models.JSONField(verbose_name="様式の値")),
                (
                    "changed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        default=list,
                        size=None,
                        verbose_name="変わった項目",
                    ),
                ),
                ("published_at", models.DateTimeField(verbose_name="公表日時")),
                (
                    "form_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vacancies.formversion",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="vacancies.vacancy",
                    ),
                ),
            ],
            options={
                "verbose_name": "公表した版",
                "verbose_name_plural": "公表した版",
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vacancy", "number"), name="revision_number_is_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormField",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(verbose_name="順")),
                ("identifier", models.SlugField(max_length=40, verbose_name="識別子")),
                ("header", models.CharField(max_length=60, verbose_name="項目名")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("str", "文字(1行)"),
                            ("text", "文章"),
                            ("int", "整数"),
                            ("decimal", "小数"),
                            ("date", "日付"),
                            ("month", "年月"),
                            ("code", "コード(1つ)"),
                            ("codes", "コード(複数)"),
                            ("code_text", "コードと説明"),
                            ("lg_code", "団体コード"),
                            ("lg_codes", "団体コード(複数)"),
                            ("url", "URL"),
                            ("tel", "電話番号"),
                            ("mail", "メールアドレス"),
                        ],
                        max_length=12,
                        verbose_name="型",
                    ),
                ),
                (
                    "requirement",
                    models.CharField(
                        choices=[
                            ("required", "必須"),
                            ("conditional", "条件により必須"),
                            ("optional", "任意"),
                        ],
                        max_length=12,
                        verbose_name="必須",
                    ),
                ),
                (
                    "condition",
                    models.CharField(
                        blank=True,
                        help_text="例：joint_type=1|3 (joint_type が1か3のとき必須)",
                        max_length=120,
                        verbose_name="条件",
                    ),
                ),
                (
                    "allowed",
                    models.TextField(
                        blank=True, help_text="例：0=なし;1=あり", verbose_name="選択肢"
                    ),
                ),
                (
                    "minimum",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=12, null=True, verbose_name="最小"
                    ),
                ),
                (
                    "maximum",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=12, null=True, verbose_name="最大"
                    ),
                ),
                (
                    "max_length",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="最大文字数"
                    ),
                ),
                (
                    "section",
                    models.CharField(
                        choices=[
                            ("system", "自動で入る項目"),
                            ("municipality", "市町の状況"),
                            ("work", "役職と業務"),
                            ("terms", "任用等の形態と期間"),
                            ("place", "勤務の頻度と場所"),
                            ("pay", "報酬"),
                            ("qualification", "応募資格"),
                            ("selection", "選考と応募"),
                            ("contact", "問い合わせ先と公表"),
                        ],
                        max_length=16,
                        verbose_name="区分",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="記入の仕方")),
                (
                    "public",
                    models.BooleanField(
                        default=False,
                        help_text="公開のページとオープンデータに載せる項目。担当者の氏名は載せない",
                        verbose_name="公開",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fields",
                        to="vacancies.formversion",
                        verbose_name="版",
                    ),
                ),
            ],
            options={
                "verbose_name": "様式の項目",
                "verbose_name_plural": "様式の項目",
                "ordering": ["version", "order"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "identifier"), name="identifier_is_once_in_form_version"
                    ),
                    models.UniqueConstraint(
                        fields=("version", "header"), name="header_is_once_in_form_version"
                    ),
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("version", "order"),
                        name="order_is_once_in_form_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("requirement", "conditional"), _negated=True),
                            models.Q(("condition", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="conditional_field_has_condition",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MinistryExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(help_text="その月の1日", verbose_name="提出年月")),
                ("version", models.PositiveSmallIntegerField(verbose_name="版")),
                (
                    "reason",
                    models.CharField(
                        blank=True, max_length=1000, verbose_name="作り直し・見送りの理由"
                    ),
                ),
                ("rows", models.JSONField(verbose_name="行")),
                ("counts", models.JSONField(verbose_name="更新区分ごとの件数")),
                (
                    "held_back",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=14),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="見送った募集情報",
                    ),
                ),
                ("content", models.BinaryField(verbose_name="CSVファイル")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("previous_hash", models.CharField(max_length=64, verbose_name="前の鎖")),
                ("chain_hash", models.CharField(max_length=64, unique=True, verbose_name="鎖")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "確定(決裁前)"),
                            ("approved", "決裁済み"),
                            ("submitted", "提出済み"),
                            ("discarded", "破棄"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                (
                    "document_number",
                    models.CharField(blank=True, max_length=40, verbose_name="文書番号"),
                ),
                ("document_date", models.DateField(blank=True, null=True, verbose_name="決裁日")),
                (
                    "approver",
                    models.CharField(blank=True, max_length=60, verbose_name="決裁者(職名)"),
                ),
                ("frozen_at", models.DateTimeField(verbose_name="確定日時")),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="提出日時"),
                ),
                (
                    "base",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vacancies.ministryexport",
                        verbose_name="比較した提出分",
                    ),
                ),
                (
                    "form_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="vacancies.formversion",
                        verbose_name="様式版",
                    ),
                ),
                (
                    "frozen_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="空欄は自動処理",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="確定した人",
                    ),
                ),
            ],
            options={
                "verbose_name": "月次提出",
                "verbose_name_plural": "月次提出",
                "ordering": ["-month", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "version"), name="version_of_month_is_written_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["draft", "approved"])),
                        fields=("month",),
                        name="one_batch_of_month_is_on_its_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="export_month_is_first_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("version", 1), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="corrected_month_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "discarded"]),
                            models.Q(
                                models.Q(("document_number", ""), _negated=True),
                                models.Q(("approver", ""), _negated=True),
                                ("document_date__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="approved_export_has_document_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "submitted"), ("submitted_at__isnull", False)),
                            models.Q(
                                models.Q(("status", "submitted"), _negated=True),
                                ("submitted_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="submitted_export_has_time",
                    ),
                ],
            },
        ),
    ]
