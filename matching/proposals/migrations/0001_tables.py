"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import matching.proposals.marks
import talentpool.specialists.conflicts.rules


class Migration(migrations.Migration):
    replaces = [
        ("proposals", "0001_initial"),
        ("proposals", "0002_keep_agreed_rates_and_request_keys"),
        ("proposals", "0003_fill_agreed_rates_and_request_keys"),
        ("proposals", "0004_one_person_at_a_time_per_proposal"),
        ("proposals", "0005_say_results_of_conflicts"),
        ("proposals", "0006_call_old_conflicts_to_check"),
        ("proposals", "0007_apply_to_vacancies"),
        ("proposals", "0008_ask_what_would_happen"),
        ("proposals", "0009_parts_of_runs"),
        ("proposals", "0010_tell_less_and_leave"),
        ("proposals", "0011_set_candidates_aside"),
        ("proposals", "0012_say_who_is_off_the_list"),
        ("proposals", "0013_ask_about_needs_and_people"),
        ("proposals", "0014_close_proposals_by_period"),
        ("proposals", "0015_keep_the_audit_pack"),
        ("proposals", "0016_ask_about_declines_and_time"),
    ]

    initial = True

    dependencies = [
        ("engagements", "0001_tables"),
        ("specialists", "0001_tables"),
        ("users", "0001_tables"),
        ("vacancies", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bundle",
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
                        choices=[
                            ("approached", "意向確認中"),
                            ("accepted", "本人承諾"),
                            ("agreed", "全員合意"),
                            ("signed", "締結済み"),
                            ("declined", "辞退"),
                            ("expired", "期限切れ"),
                            ("dissolved", "不成立"),
                        ],
                        default="approached",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("answer_due", models.DateField(verbose_name="回答期限")),
                (
                    "decide_due",
                    models.DateField(blank=True, null=True, verbose_name="市町の決定期限"),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="回答日時"),
                ),
                (
                    "decline_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("schedule", "日程が合わない"),
                            ("content", "内容が専門と合わない"),
                            ("terms", "報酬や形態が合わない"),
                            ("conflict", "利益相反のおそれがある"),
                            ("employer", "勤務先の承諾が得られない"),
                            ("other", "その他"),
                        ],
                        max_length=10,
                        verbose_name="辞退の理由",
                    ),
                ),
                (
                    "terms_version",
                    models.PositiveSmallIntegerField(default=1, verbose_name="条件の版"),
                ),
                (
                    "confirmed_version",
                    models.PositiveSmallIntegerField(default=0, verbose_name="本人が確認した版"),
                ),
                (
                    "half_day_rate_yen",
                    models.PositiveIntegerField(default=0, verbose_name="単価(円/半日)"),
                ),
                (
                    "monthly_fixed_yen",
                    models.PositiveIntegerField(default=0, verbose_name="月額の共通経費(円)"),
                ),
                ("total_yen", models.PositiveBigIntegerField(verbose_name="契約額(円)")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="打診日時")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="終了日時")),
                (
                    "engagement",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bundle",
                        to="engagements.engagement",
                        verbose_name="シェア契約",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bundles",
                        to="specialists.specialist",
                        verbose_name="専門人材",
                    ),
                ),
            ],
            options={
                "verbose_name": "打診",
                "verbose_name_plural": "打診",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["accepted", "agreed", "signed"]), _negated=True
                            ),
                            models.Q(("answered_at__isnull", False), ("decide_due__isnull", False)),
                            _connector="OR",
                        ),
                        name="answered_bundle_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "declined"), _negated=True),
                            models.Q(("decline_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="declined_bundle_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("engagement__isnull", False), ("status", "signed")),
                            models.Q(
                                models.Q(("status", "signed"), _negated=True),
                                ("engagement__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="signed_bundle_has_engagement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", True),
                                ("status__in", ["approached", "accepted", "agreed"]),
                            ),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("status__in", ["signed", "declined", "expired", "dissolved"]),
                            ),
                            _connector="OR",
                        ),
                        name="closed_bundle_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_version__lte", models.F("terms_version"))),
                        name="person_confirms_terms_that_exist",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["agreed", "signed"]), _negated=True),
                            ("confirmed_version", models.F("terms_version")),
                            _connector="OR",
                        ),
                        name="agreed_bundle_has_person_confirmation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="回")),
                ("title", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "request_key",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="送信の鍵"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "計算待ち"),
                            ("running", "計算中"),
                            ("finished", "計算済み"),
                            ("failed", "計算できず"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                (
                    "wall_seconds",
                    models.PositiveSmallIntegerField(default=60, verbose_name="計算時間の上限(秒)"),
                ),
                (
                    "policy",
                    models.CharField(
                        choices=[
                            ("towns_first", "届く市町の数を先に(標準)"),
                            ("leximin", "充足率の低い市町から"),
                            ("total", "適合の得点の合計だけ"),
                        ],
                        default="towns_first",
                        max_length=12,
                        verbose_name="決め方",
                    ),
                ),
                ("problem", models.JSONField(null=True, verbose_name="凍結した入力")),
                (
                    "input_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="入力のハッシュ"),
                ),
                ("greedy_plan", models.JSONField(null=True, verbose_name="速い方法の案")),
                ("plan", models.JSONField(null=True, verbose_name="案")),
                ("pack", models.JSONField(null=True, verbose_name="監査パック(入力と案のほか)")),
                (
                    "plan_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="案のハッシュ"),
                ),
                (
                    "pack_sha256",
                    models.CharField(
                        blank=True, max_length=64, verbose_name="監査パックのハッシュ"
                    ),
                ),
                ("stage", models.CharField(blank=True, max_length=60, verbose_name="段階")),
                (
                    "stages_done",
                    models.PositiveSmallIntegerField(default=0, verbose_name="終わった段階"),
                ),
                ("stages_of", models.PositiveSmallIntegerField(default=0, verbose_name="段階の数")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="試行回数")),
                (
                    "failure",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="計算できなかった理由"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="開始")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="終了")),
                (
                    "needs",
                    models.ManyToManyField(
                        related_name="runs", to="vacancies.need", verbose_name="案件"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="開始した人",
                    ),
                ),
            ],
            options={
                "verbose_name": "マッチング実行",
                "verbose_name_plural": "マッチング",
                "ordering": ["-number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "finished"), _negated=True),
                            models.Q(
                                ("finished_at__isnull", False),
                                ("plan__isnull", False),
                                ("problem__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="finished_run_has_plan_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "failed"), _negated=True),
                            models.Q(("failure", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="failed_run_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
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
                        choices=[
                            ("offered", "市町の順位付け待ち"),
                            ("ranked", "打診の準備"),
                            ("approached", "本人の意向確認中"),
                            ("accepted", "本人承諾・開示と面接"),
                            ("decided", "市町が決定"),
                            ("signed", "契約締結"),
                            ("closed", "終了(不成立)"),
                        ],
                        default="offered",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("rank_due", models.DateField(verbose_name="順位付けの期限")),
                (
                    "ranked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="順位付け日時"),
                ),
                (
                    "ranked_by_default",
                    models.BooleanField(default=False, verbose_name="期限により提示順"),
                ),
                ("interview_on", models.DateField(blank=True, null=True, verbose_name="面接日")),
                (
                    "wants_assessor",
                    models.BooleanField(default=False, verbose_name="評価者の派遣を希望"),
                ),
                (
                    "document_number",
                    models.CharField(blank=True, max_length=40, verbose_name="文書番号"),
                ),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="決裁日")),
                (
                    "confirmed_version",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="市町が確認した条件の版"
                    ),
                ),
                (
                    "close_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("nobody_wanted", "市町が候補を希望しなかった"),
                            ("nobody_left", "候補がいなくなった"),
                            ("need_changed", "案件の内容が変わった"),
                            ("budget", "予算が確保できなかった"),
                            ("interview", "面接の結果"),
                            ("overdue", "決定の期限が過ぎた"),
                            ("withdrawn", "案件の取下げ"),
                            ("period", "案件の期間が終わった"),
                            ("no_prospect", "候補の方に受けてもらえる見込みがない"),
                            ("replan", "マッチングをやり直す"),
                        ],
                        max_length=14,
                        verbose_name="終了の理由",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="提示日時")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="終了日時")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="vacancies.need",
                        verbose_name="案件",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="proposals.run",
                        verbose_name="マッチング実行",
                    ),
                ),
            ],
            options={
                "verbose_name": "候補提示",
                "verbose_name_plural": "候補提示",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["offered", "ranked", "approached", "accepted", "decided"],
                            )
                        ),
                        fields=("need",),
                        name="one_open_proposal_per_need",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["offered", "closed"]),
                            ("ranked_at__isnull", False),
                            _connector="OR",
                        ),
                        name="ranked_proposal_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["decided", "signed"]), _negated=True),
                            models.Q(
                                models.Q(("document_number", ""), _negated=True),
                                ("decided_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="decided_proposal_has_document_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("status", "closed"),
                                models.Q(("close_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("status", "closed"), _negated=True), ("close_reason", "")
                            ),
                            _connector="OR",
                        ),
                        name="closed_proposal_has_reason_and_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Candidate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "blind_id",
                    models.CharField(
                        default=matching.proposals.marks.new_blind_id,
                        max_length=8,
                        unique=True,
                        verbose_name="候補の記号",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="提示の順")),
                ("planned", models.BooleanField(default=False, verbose_name="案で割り当てた人")),
                ("half_days", models.PositiveSmallIntegerField(verbose_name="量(半日/月)")),
                ("score", models.IntegerField(verbose_name="適合点")),
                ("terms", models.JSONField(default=list, verbose_name="適合点の内訳")),
                (
                    "conflict_result",
                    models.CharField(
                        choices=[
                            ("none", "該当なし"),
                            ("measures", "回避措置付き可"),
                            ("check", "要確認"),
                            ("no", "不可"),
                        ],
                        default=talentpool.specialists.conflicts.rules.Result["NONE"],
                        max_length=8,
                        verbose_name="利益相反の判定",
                    ),
                ),
                (
                    "conflict",
                    models.CharField(blank=True, max_length=600, verbose_name="利益相反の根拠"),
                ),
                (
                    "conflict_measures",
                    models.CharField(blank=True, max_length=300, verbose_name="回避措置"),
                ),
                (
                    "told_less",
                    models.JSONField(
                        blank=True, default=list, verbose_name="見せ方を大まかにした項目"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("offered", "提示中"),
                            ("unwanted", "市町が希望せず"),
                            ("approached", "打診中"),
                            ("accepted", "本人承諾"),
                            ("declined", "本人辞退"),
                            ("expired", "回答期限切れ"),
                            ("dropped", "市町が見送り"),
                            ("unavailable", "稼働枠なし"),
                            ("left", "候補から外れた"),
                            ("aside", "県が見送り"),
                            ("signed", "契約締結"),
                        ],
                        default="offered",
                        max_length=12,
                        verbose_name="状態",
                    ),
                ),
                (
                    "aside_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("days", "稼働枠が足りない"),
                            ("towns", "受け持てる市町の数を超える"),
                            ("conflict", "利益相反のおそれがある"),
                            ("renewal", "登録の更新が済んでいない"),
                            ("consent", "お名前の開示の同意がない"),
                            ("other", "その他"),
                        ],
                        max_length=10,
                        verbose_name="県が見送った理由",
                    ),
                ),
                (
                    "rank",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="市町の順位"
                    ),
                ),
                (
                    "agreed_half_days",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="条件の量(半日/月)"
                    ),
                ),
                (
                    "cost_yen",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="負担額(円)"
                    ),
                ),
                (
                    "fixed_yen",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="うち共通経費(円)"
                    ),
                ),
                (
                    "town_asked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="市町の開示希望"),
                ),
                (
                    "person_agreed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="本人の開示同意"),
                ),
                (
                    "bundle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates",
                        to="proposals.bundle",
                        verbose_name="打診",
                    ),
                ),
                (
                    "hold",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidate",
                        to="engagements.hold",
                        verbose_name="仮押さえ",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidacies",
                        to="specialists.specialist",
                        verbose_name="専門人材",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="candidates",
                        to="proposals.proposal",
                    ),
                ),
            ],
            options={
                "verbose_name": "候補",
                "verbose_name_plural": "候補",
                "ordering": ["proposal", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("proposal", "specialist"), name="person_is_once_per_proposal"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("rank__isnull", False)),
                        fields=("proposal", "rank"),
                        name="rank_is_once_per_proposal",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["approached", "accepted", "signed"])),
                        fields=("proposal",),
                        name="one_person_at_a_time_per_proposal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["approached", "accepted", "signed"]), _negated=True
                            ),
                            models.Q(
                                ("agreed_half_days__isnull", False),
                                ("bundle__isnull", False),
                                ("cost_yen__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="approached_candidate_has_bundle",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fixed_yen__isnull", True),
                            ("cost_yen__gte", models.F("fixed_yen")),
                            _connector="OR",
                        ),
                        name="fixed_cost_is_part_of_cost",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "aside"), _negated=True),
                            models.Q(("aside_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="candidate_set_aside_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person_agreed_at__isnull", True),
                            ("status__in", ["accepted", "signed"]),
                            _connector="OR",
                        ),
                        name="person_agrees_only_after_approach",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="順番")),
                ("problem", models.JSONField(verbose_name="凍結した入力")),
                ("plan", models.JSONField(null=True, verbose_name="案")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="試行回数")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="終了")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="proposals.run",
                    ),
                ),
            ],
            options={
                "verbose_name": "部分計算",
                "verbose_name_plural": "部分計算",
                "ordering": ["run", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "position"), name="one_part_at_a_position"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("plan__isnull", True)),
                            models.Q(("finished_at__isnull", False), ("plan__isnull", False)),
                            _connector="OR",
                        ),
                        name="solved_part_has_plan_and_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Study",
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
                            ("person_leaves", "専門人材が1人抜けたら"),
                            ("person_joins", "専門人材が1人加わったら"),
                            ("forced", "この人にすると"),
                            ("declined", "担当を辞退されたら(ほかはそのまま)"),
                            ("less_time", "空きが減ったら(ほかはそのまま)"),
                            ("need_added", "案件が1つ増えたら"),
                            ("need_removed", "案件を1つ取り下げたら"),
                            ("budget", "市町の予算を変えたら"),
                            ("rule", "条件を1つ問わないことにしたら"),
                            ("policies", "決め方を変えたら(公平さの代償)"),
                            ("shortages", "どんな人が足りないか"),
                            ("replan", "いまの登録と調整の状況で組み直したら"),
                        ],
                        max_length=16,
                        verbose_name="問い",
                    ),
                ),
                ("asked", models.JSONField(default=dict, verbose_name="問いの中身")),
                ("words", models.CharField(max_length=200, verbose_name="問いの言葉")),
                (
                    "request_key",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="送信の鍵"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "計算待ち"),
                            ("running", "計算中"),
                            ("finished", "計算済み"),
                            ("failed", "計算できず"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                ("answer", models.JSONField(null=True, verbose_name="答え")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="試行回数")),
                (
                    "failure",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="計算できなかった理由"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="開始")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="終了")),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="尋ねた人",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="studies",
                        to="proposals.run",
                        verbose_name="マッチング実行",
                    ),
                ),
            ],
            options={
                "verbose_name": "検討",
                "verbose_name_plural": "検討",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "finished"), _negated=True),
                            models.Q(("answer__isnull", False), ("finished_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="finished_study_has_answer_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "failed"), _negated=True),
                            models.Q(("failure", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="failed_study_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "message",
                    models.TextField(
                        blank=True, max_length=1000, verbose_name="市町へ伝えたいこと"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("sent", "応募中"),
                            ("invited", "面接などへ進む"),
                            ("refused", "見送り"),
                            ("withdrawn", "取下げ"),
                        ],
                        default="sent",
                        max_length=9,
                        verbose_name="状態",
                    ),
                ),
                ("sent_at", models.DateTimeField(verbose_name="応募日時")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="返事の日時"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取下げ日時"),
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
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="specialists.specialist",
                        verbose_name="専門人材",
                    ),
                ),
                (
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="vacancies.vacancy",
                        verbose_name="募集情報",
                    ),
                ),
            ],
            options={
                "verbose_name": "応募",
                "verbose_name_plural": "応募",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "withdrawn"), _negated=True),
                        fields=("specialist", "vacancy"),
                        name="one_open_application_per_person_and_vacancy",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["invited", "refused"]), _negated=True),
                            models.Q(
                                ("answered_at__isnull", False), ("answered_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="answered_application_has_its_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "withdrawn"), ("withdrawn_at__isnull", False)),
                            models.Q(
                                models.Q(("status", "withdrawn"), _negated=True),
                                ("withdrawn_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="withdrawn_application_has_time",
                    ),
                ],
            },
        ),
    ]
