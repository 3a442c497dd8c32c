"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import municipalities.registry.models.contracts


class Migration(migrations.Migration):
    replaces = [
        ("specialists", "0001_initial"),
        ("specialists", "0002_registration_has_an_end"),
        ("specialists", "0003_ask_for_consent"),
        ("specialists", "0004_declare_pauses_and_signals"),
        ("specialists", "0005_declare_interests"),
        ("specialists", "0006_register_and_vet"),
        ("specialists", "0007_record_lobbying"),
        ("specialists", "0008_read_lists_by_index"),
        ("specialists", "0009_enter_people_from_files"),
        ("specialists", "0010_count_people_by_status"),
        ("specialists", "0011_settle_term_of_bars"),
        ("specialists", "0012_fit_confidence_anew"),
        ("specialists", "0013_keep_all_problems_of_imports"),
        ("specialists", "0014_forget_what_was_typed_of_people"),
        ("specialists", "0015_invite_managers_of_firms"),
        ("specialists", "0016_keep_ties_of_who_left_a_firm"),
        ("specialists", "0017_note_what_was_decided_on"),
        ("specialists", "0018_set_lobbying_records_right"),
        ("specialists", "0019_ask_whether_employers_are_companies"),
        ("specialists", "0020_keep_changes_after_review"),
        ("specialists", "0021_count_short_lists_by_index"),
        ("specialists", "0022_note_when_belonging_changed"),
    ]

    initial = True

    dependencies = [
        ("files", "0001_tables"),
        ("registry", "0001_tables"),
        ("users", "0001_tables"),
        ("vocabulary", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Firm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                (
                    "corporate_number",
                    models.CharField(max_length=13, unique=True, verbose_name="法人番号"),
                ),
                (
                    "invoice_number",
                    models.CharField(blank=True, max_length=14, verbose_name="インボイス登録番号"),
                ),
            ],
            options={
                "verbose_name": "事業者",
                "verbose_name_plural": "事業者",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="BarTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("in_force_from", models.DateField(unique=True, verbose_name="使い始める日")),
                ("years", models.PositiveSmallIntegerField(verbose_name="契約の終わりからの年数")),
                ("basis", models.CharField(max_length=200, verbose_name="根拠")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
            ],
            options={
                "verbose_name": "入札の制限の期間",
                "verbose_name_plural": "入札の制限の期間",
                "ordering": ["-in_force_from"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("years__lte", 10)), name="bar_term_is_ten_years_at_most"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmRelation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "parent_number",
                    models.CharField(
                        max_length=13,
                        validators=[municipalities.registry.models.contracts.check_number],
                        verbose_name="親会社の法人番号",
                    ),
                ),
                ("parent_name", models.CharField(max_length=80, verbose_name="親会社")),
                (
                    "child_number",
                    models.CharField(
                        max_length=13,
                        validators=[municipalities.registry.models.contracts.check_number],
                        verbose_name="子会社の法人番号",
                    ),
                ),
                ("child_name", models.CharField(max_length=80, verbose_name="子会社")),
                ("since", models.DateField(blank=True, null=True, verbose_name="いつから")),
                ("until", models.DateField(blank=True, null=True, verbose_name="いつまで")),
                ("source", models.CharField(blank=True, max_length=120, verbose_name="出典")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
            ],
            options={
                "verbose_name": "会社の親子関係",
                "verbose_name_plural": "会社の親子関係",
                "ordering": ["parent_name", "child_name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("parent_number", "child_number"), name="relation_is_entered_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent_number", models.F("child_number")), _negated=True
                        ),
                        name="no_firm_is_its_own_parent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since__isnull", True),
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="relation_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PurposeText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("registration", "登録と県による調整"),
                            ("provision", "市町への紹介"),
                            ("news", "お知らせのメール"),
                            ("confidentiality", "秘密を守る誓約"),
                            ("antisocial", "反社会的勢力でないことの誓約"),
                        ],
                        max_length=16,
                        verbose_name="目的",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="版")),
                ("body", models.TextField(max_length=2000, verbose_name="文面")),
                ("recipients", models.CharField(blank=True, max_length=300, verbose_name="提供先")),
                (
                    "retention",
                    models.CharField(blank=True, max_length=300, verbose_name="保存の期間"),
                ),
                ("in_force_from", models.DateField(verbose_name="使い始める日")),
                (
                    "earlier_until",
                    models.DateField(
                        blank=True, null=True, verbose_name="前の版への同意が有効な最後の日"
                    ),
                ),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
                (
                    "sha256",
                    models.CharField(editable=False, max_length=64, verbose_name="文面の指紋"),
                ),
            ],
            options={
                "verbose_name": "同意・誓約の文面",
                "verbose_name_plural": "同意・誓約の文面",
                "ordering": ["purpose", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "version"), name="purpose_text_version_is_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("earlier_until__isnull", True),
                            ("earlier_until__gte", models.F("in_force_from")),
                            _connector="OR",
                        ),
                        name="grace_of_purpose_text_follows_its_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Specialist",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "pool_number",
                    models.CharField(max_length=10, unique=True, verbose_name="登録番号"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("firm", "地場ベンダ等"),
                            ("retired", "県職員OB"),
                            ("side_job", "兼業・副業"),
                            ("other", "大学等・国のリスト"),
                        ],
                        max_length=10,
                        verbose_name="区分",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "入力中"),
                            ("applied", "申請"),
                            ("under_review", "審査中"),
                            ("registered", "登録中"),
                            ("paused", "休止"),
                            ("renewal_due", "更新待ち"),
                            ("withdrawn", "取りやめ"),
                            ("removed", "抹消"),
                        ],
                        default="applied",
                        max_length=12,
                        verbose_name="状態",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="氏名")),
                ("kana", models.CharField(max_length=80, verbose_name="フリガナ")),
                (
                    "firm_agreed_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="事業者が同意した日時"
                    ),
                ),
                (
                    "left_firm_on",
                    models.DateField(blank=True, null=True, verbose_name="事業者を離れた日"),
                ),
                (
                    "belonging_changed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="区分・所属を変えた日時"
                    ),
                ),
                ("employer", models.CharField(blank=True, max_length=80, verbose_name="勤務先")),
                (
                    "employer_no_company",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=80,
                        verbose_name="会社ではないと答えた勤務先",
                    ),
                ),
                (
                    "side_job_permit_until",
                    models.DateField(blank=True, null=True, verbose_name="副業の承諾の期限"),
                ),
                (
                    "radius_km",
                    models.PositiveSmallIntegerField(default=60, verbose_name="来庁できる距離(km)"),
                ),
                (
                    "remote",
                    models.CharField(
                        choices=[
                            ("no", "来庁のみ"),
                            ("partly", "来庁と遠隔"),
                            ("only", "遠隔のみ"),
                        ],
                        default="partly",
                        max_length=8,
                        verbose_name="働き方",
                    ),
                ),
                (
                    "weekdays",
                    models.PositiveSmallIntegerField(default=31, verbose_name="動ける曜日"),
                ),
                (
                    "max_towns",
                    models.PositiveSmallIntegerField(default=3, verbose_name="受け持てる市町の数"),
                ),
                (
                    "least_half_days",
                    models.PositiveSmallIntegerField(default=1, verbose_name="最低の量(半日/月)"),
                ),
                (
                    "half_day_rate_yen",
                    models.PositiveIntegerField(default=0, verbose_name="報酬の希望(円/半日)"),
                ),
                (
                    "monthly_fixed_yen",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="連絡調整など、市町の数によらずかかる費用",
                        verbose_name="月額の共通経費(円)",
                    ),
                ),
                ("years", models.PositiveSmallIntegerField(default=0, verbose_name="経験年数")),
                (
                    "municipal_years",
                    models.PositiveSmallIntegerField(default=0, verbose_name="自治体での経験年数"),
                ),
                (
                    "strengths",
                    models.CharField(
                        blank=True,
                        help_text="市町に見せます。お名前や会社名は書かないでください",
                        max_length=300,
                        verbose_name="得意なこと",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="稼働可能日の最終確認"
                    ),
                ),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="申請日時"),
                ),
                ("registered_on", models.DateField(blank=True, null=True, verbose_name="登録日")),
                (
                    "registered_until",
                    models.DateField(blank=True, null=True, verbose_name="登録の期限"),
                ),
                (
                    "base",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.municipality",
                        verbose_name="拠点の市町",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="specialists",
                        to="specialists.firm",
                        verbose_name="所属事業者",
                    ),
                ),
                (
                    "forms",
                    models.ManyToManyField(
                        blank=True, to="vocabulary.engagementform", verbose_name="受けられる形態"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="specialist",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
            ],
            options={
                "verbose_name": "専門人材",
                "verbose_name_plural": "専門人材",
                "ordering": ["kana", "pk"],
                "indexes": [
                    models.Index(fields=["kana"], name="specialist_kana"),
                    models.Index(fields=["status"], name="specialist_status"),
                    models.Index(
                        condition=models.Q(("firm_agreed_at__isnull", True), ("kind", "firm")),
                        fields=["status"],
                        name="specialist_firm_disagrees",
                    ),
                    models.Index(
                        condition=models.Q(("user__isnull", True)),
                        fields=["registered_until"],
                        name="specialist_without_account",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "firm"), _negated=True),
                            ("firm__isnull", False),
                            _connector="OR",
                        ),
                        name="firm_member_has_firm",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_firm_on__isnull", True),
                            models.Q(("firm_agreed_at__isnull", True), ("kind", "firm")),
                            _connector="OR",
                        ),
                        name="who_left_the_firm_is_not_agreed_for",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "registered"), _negated=True),
                            models.Q(
                                ("registered_on__isnull", False),
                                ("registered_until__gte", models.F("registered_on")),
                                ("registered_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="registered_specialist_has_term",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekdays__gte", 1), ("weekdays__lte", 127)),
                        name="weekdays_are_seven_bits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_towns__gte", 1)), name="max_towns_is_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProfileView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="日時")),
                ("viewer_body", models.CharField(max_length=40, verbose_name="閲覧した団体")),
                ("viewer_role", models.CharField(max_length=40, verbose_name="役割")),
                ("scope", models.CharField(max_length=12, verbose_name="見た範囲")),
                ("purpose", models.CharField(max_length=80, verbose_name="目的")),
                (
                    "viewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="閲覧者",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "閲覧記録",
                "verbose_name_plural": "閲覧記録",
                "ordering": ["-at"],
                "indexes": [
                    models.Index(fields=["specialist", "-at", "-id"], name="views_of_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="ProfileChange",
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
                            ("added", "業務分野を加えた"),
                            ("raised", "自己評価を上げた"),
                            ("removed", "業務分野を外した"),
                            ("no_permit", "副業の許可は要らない、に変えた"),
                        ],
                        max_length=10,
                        verbose_name="変更",
                    ),
                ),
                (
                    "before",
                    models.PositiveSmallIntegerField(null=True, verbose_name="前の自己評価"),
                ),
                ("after", models.PositiveSmallIntegerField(null=True, verbose_name="後の自己評価")),
                (
                    "assessed_level",
                    models.PositiveSmallIntegerField(null=True, verbose_name="県の評価"),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="日時")),
                ("seen_at", models.DateTimeField(null=True, verbose_name="県が確かめた日時")),
                (
                    "seen_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="確かめた人",
                    ),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="vocabulary.skill",
                        verbose_name="業務分野",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profile_changes",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "登録のあとの変更",
                "verbose_name_plural": "登録のあとの変更",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("seen_at__isnull", True), models.Q(("kind", "removed"), _negated=True)
                        ),
                        fields=["specialist"],
                        name="profile_change_unseen",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "no_permit"), ("skill__isnull", True)),
                            models.Q(
                                models.Q(("kind", "no_permit"), _negated=True),
                                ("skill__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="change_of_a_skill_names_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("seen_at__isnull", True), ("seen_by__isnull", True)),
                            models.Q(("seen_at__isnull", False), ("seen_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="change_is_seen_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayWish",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "unit",
                    models.CharField(
                        choices=[("hour", "時間"), ("day", "日"), ("month", "月"), ("piece", "件")],
                        max_length=6,
                        verbose_name="単位",
                    ),
                ),
                ("yen", models.PositiveIntegerField(verbose_name="円")),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pay_wishes",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "報酬の希望",
                "verbose_name_plural": "報酬の希望",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("specialist", "unit"), name="one_pay_wish_per_unit"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("yen__gte", 1)), name="pay_wish_is_some_yen"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_month", models.DateField(verbose_name="休む最初の月")),
                ("last_month", models.DateField(verbose_name="休む最後の月")),
                ("declared_at", models.DateTimeField(auto_now_add=True, verbose_name="申告日時")),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pauses",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "休止期間",
                "verbose_name_plural": "休止期間",
                "ordering": ["first_month"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1), ("last_month__day", 1)),
                        name="pause_is_in_whole_months",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_month__gte", models.F("first_month"))),
                        name="pause_ends_after_start",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("specialist", "="),
                            (
                                models.Func(
                                    models.F("first_month"),
                                    models.F("last_month"),
                                    models.Value("[]"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="pauses_of_a_person_do_not_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LobbyingRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("happened_on", models.DateField(verbose_name="働きかけを受けた日")),
                ("requester", models.CharField(max_length=80, verbose_name="働きかけた人")),
                (
                    "company",
                    models.CharField(blank=True, max_length=80, verbose_name="その人の勤務先"),
                ),
                (
                    "in_company",
                    models.BooleanField(default=True, verbose_name="営利企業等の地位にある"),
                ),
                ("retired_on", models.DateField(verbose_name="退職した日")),
                (
                    "post",
                    models.CharField(
                        choices=[
                            ("staff", "一般の職員"),
                            ("manager", "部課長級"),
                            ("head", "長の直近下位の組織の長等"),
                        ],
                        max_length=8,
                        verbose_name="退職までの職",
                    ),
                ),
                (
                    "duty",
                    models.CharField(
                        choices=[
                            ("own_decision", "自ら決定した契約・処分"),
                            ("last_five_years", "離職前5年間の職務"),
                            ("earlier", "それより前の職務"),
                            ("never", "担当したことのない職務"),
                        ],
                        max_length=16,
                        verbose_name="求めた内容との関係",
                    ),
                ),
                ("subject", models.CharField(max_length=120, verbose_name="契約・処分の名称")),
                ("content", models.TextField(max_length=1000, verbose_name="求められた内容")),
                (
                    "answer",
                    models.TextField(blank=True, max_length=600, verbose_name="受けた側の対応"),
                ),
                (
                    "reported_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="人事委員会等へ届け出た日"
                    ),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="記録日時")),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="specialists.lobbyingrecord",
                        verbose_name="訂正する記録",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        blank=True,
                        help_text="空欄は県",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.municipality",
                        verbose_name="受けた団体",
                    ),
                ),
                (
                    "recorded_by",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="specialists.specialist",
                        verbose_name="プールの人材",
                    ),
                ),
            ],
            options={
                "verbose_name": "働きかけ記録",
                "verbose_name_plural": "働きかけ記録",
                "ordering": ["-happened_on", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("happened_on__gte", models.F("retired_on"))),
                        name="lobbying_comes_after_retirement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reported_on__isnull", True),
                            ("reported_on__gte", models.F("happened_on")),
                            _connector="OR",
                        ),
                        name="lobbying_is_reported_after_it_happened",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterviewNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_on", models.DateField(verbose_name="面談の日")),
                ("text", models.TextField(max_length=4000, verbose_name="面談の記録")),
                ("written_at", models.DateTimeField(auto_now_add=True, verbose_name="書いた日時")),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="書いた人",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interview_notes",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "面談の記録",
                "verbose_name_plural": "面談の記録",
                "ordering": ["-held_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="InterestDeclaration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField(verbose_name="年度(西暦)")),
                ("declared_at", models.DateTimeField(auto_now_add=True, verbose_name="申告日時")),
                ("content", models.JSONField(default=list, verbose_name="申告の内容")),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interest_declarations",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "利益相反の申告",
                "verbose_name_plural": "利益相反の申告",
                "ordering": ["-declared_at"],
                "indexes": [
                    models.Index(fields=["specialist", "fiscal_year"], name="declaration_of_a_year")
                ],
            },
        ),
        migrations.CreateModel(
            name="Interest",
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
                            ("employer", "勤務先・所属先"),
                            ("officer", "役員を務める会社"),
                            ("shares", "株式を持つ会社"),
                            ("product", "製品を扱う会社"),
                            ("client", "取引先・顧客"),
                            ("relative", "親族の勤務先"),
                        ],
                        max_length=10,
                        verbose_name="関わり",
                    ),
                ),
                (
                    "corporate_number",
                    models.CharField(
                        max_length=13,
                        validators=[municipalities.registry.models.contracts.check_number],
                        verbose_name="法人番号",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="会社名")),
                ("since", models.DateField(blank=True, null=True, verbose_name="いつから")),
                ("until", models.DateField(blank=True, null=True, verbose_name="いつまで")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="補足")),
                (
                    "from_registration",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="登録の所属だった会社"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="申告日時")),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interests",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "利害関係",
                "verbose_name_plural": "利害関係",
                "ordering": ["kind", "name", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since__isnull", True),
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="interest_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("corporate_number__regex", "^[0-9]{13}$")),
                        name="interest_has_corporate_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_registration", False),
                            models.Q(("kind", "employer"), ("until__isnull", False)),
                            _connector="OR",
                        ),
                        name="tie_kept_from_registration_is_past_employer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntryTicket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("self", "自分で登録"),
                            ("firm", "事業者の登録"),
                            ("member", "事業者からの招待"),
                            ("claim", "県の登録の引き継ぎ"),
                            ("manager", "事業者の担当者の案内"),
                        ],
                        max_length=8,
                        verbose_name="入口",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="メールアドレス")),
                ("token_sha256", models.CharField(max_length=64, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("sent", "送信済み"),
                            ("used", "使用済み"),
                            ("ended", "取消し・送り直し"),
                        ],
                        default="sent",
                        max_length=6,
                        verbose_name="状態",
                    ),
                ),
                (
                    "sent_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="送信日時"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="期限")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="終わった日時")),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="送った人",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tickets",
                        to="specialists.firm",
                        verbose_name="招待した事業者",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tickets",
                        to="specialists.specialist",
                        verbose_name="引き継ぐ登録",
                    ),
                ),
            ],
            options={
                "verbose_name": "登録の案内",
                "verbose_name_plural": "登録の案内",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "sent")),
                        fields=("email", "way"),
                        name="one_open_ticket_per_address_and_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="ticket_email_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("firm", None), ("specialist", None), ("way__in", ["self", "firm"])
                            ),
                            models.Q(
                                ("firm__isnull", False),
                                ("specialist", None),
                                ("way__in", ["member", "manager"]),
                            ),
                            models.Q(
                                ("firm", None), ("specialist__isnull", False), ("way", "claim")
                            ),
                            _connector="OR",
                        ),
                        name="ticket_leads_where_its_way_says",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("sent_at"))),
                        name="ticket_expires_after_it_was_sent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("status", "sent")),
                            models.Q(
                                models.Q(("status", "sent"), _negated=True),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ended_ticket_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Document",
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
                            ("cv", "職務経歴書"),
                            ("anonymous_cv", "職務経歴書(匿名版)"),
                            ("permit", "勤務先の許可・承諾書の写し"),
                            ("certificate", "資格の証明"),
                            ("other", "そのほか"),
                        ],
                        max_length=12,
                        verbose_name="書類の種類",
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="document",
                        to="files.storedfile",
                        verbose_name="ファイル",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "書類",
                "verbose_name_plural": "書類",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("registration", "登録と県による調整"),
                            ("provision", "市町への紹介"),
                            ("news", "お知らせのメール"),
                            ("confidentiality", "秘密を守る誓約"),
                            ("antisocial", "反社会的勢力でないことの誓約"),
                        ],
                        max_length=16,
                        verbose_name="目的",
                    ),
                ),
                ("text_sha256", models.CharField(max_length=64, verbose_name="文面の指紋")),
                (
                    "given_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="同意した日時"
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[("screen", "本人が画面で"), ("paper", "本人の書面を県が記録")],
                        default="screen",
                        max_length=8,
                        verbose_name="方法",
                    ),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="取り消した日時"),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="記録した人",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="specialists.purposetext",
                        verbose_name="文面",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "同意・誓約",
                "verbose_name_plural": "同意・誓約",
                "ordering": ["-given_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("specialist", "purpose"),
                        name="one_current_consent_per_purpose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_at__isnull", True),
                            ("withdrawn_at__gte", models.F("given_at")),
                            _connector="OR",
                        ),
                        name="consent_is_withdrawn_after_it_was_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConflictCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120, verbose_name="しるし")),
                ("rule", models.CharField(max_length=4, verbose_name="規則")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("none", "該当なし"),
                            ("measures", "回避措置付き可"),
                            ("check", "要確認"),
                            ("no", "不可"),
                        ],
                        max_length=8,
                        verbose_name="判定",
                    ),
                ),
                ("evidence", models.CharField(max_length=600, verbose_name="根拠")),
                (
                    "deal_ends",
                    models.DateField(blank=True, null=True, verbose_name="契約・調達の終わり"),
                ),
                ("found_on", models.DateField(verbose_name="見つかった日")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "確認待ち"),
                            ("known", "契約のときに把握済み"),
                            ("decided", "判断済み"),
                        ],
                        default="open",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "相反なし"),
                            ("measures", "回避措置を付けて可"),
                            ("no", "不可"),
                        ],
                        max_length=8,
                        verbose_name="判断",
                    ),
                ),
                (
                    "measures",
                    models.CharField(blank=True, max_length=300, verbose_name="回避措置・理由"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="判断日時"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="判断した人",
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
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conflict_cases",
                        to="specialists.specialist",
                        verbose_name="専門人材",
                    ),
                ),
            ],
            options={
                "verbose_name": "利益相反の確認",
                "verbose_name_plural": "利益相反の確認",
                "ordering": ["state", "-found_on", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("specialist", "municipality", "key"), name="conflict_is_one_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("state", "decided"),
                                models.Q(("decision", ""), _negated=True),
                                models.Q(("measures", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "decided"), _negated=True),
                                ("decided_by__isnull", True),
                                ("decision", ""),
                            ),
                            _connector="OR",
                        ),
                        name="decided_case_says_who_and_what",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=20, verbose_name="資格")),
                (
                    "other_name",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="一覧にない資格の名称"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="登録番号・合格証書番号"
                    ),
                ),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="有効期限")),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="certificates",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "資格",
                "verbose_name_plural": "資格",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", ""), models.Q(("other_name", ""), _negated=True)),
                            models.Q(models.Q(("code", ""), _negated=True), ("other_name", "")),
                            _connector="OR",
                        ),
                        name="certificate_is_named_once",
                    ),
                    models.UniqueConstraint(
                        fields=("specialist", "code", "other_name"),
                        name="certificate_is_once_per_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Background",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("retired_on", models.DateField(blank=True, null=True, verbose_name="退職した日")),
                ("last_post", models.CharField(blank=True, max_length=80, verbose_name="最後の職")),
                (
                    "was_manager",
                    models.BooleanField(
                        blank=True, null=True, verbose_name="部課長級以上の職に就いたことがある"
                    ),
                ),
                (
                    "departments",
                    models.TextField(blank=True, max_length=400, verbose_name="退職前5年間の所属"),
                ),
                (
                    "present_work",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "勤めていない・個人で働いている"),
                            ("company", "会社などの営利企業等"),
                            ("public", "国・自治体・大学など"),
                        ],
                        max_length=8,
                        verbose_name="今の勤め先",
                    ),
                ),
                (
                    "reported",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("yes", "はい"),
                            ("no", "いいえ"),
                            ("not_needed", "届出の対象ではない"),
                        ],
                        max_length=10,
                        verbose_name="再就職の届出",
                    ),
                ),
                (
                    "permit_needed",
                    models.BooleanField(blank=True, null=True, verbose_name="勤務先の許可が要る"),
                ),
                (
                    "permit_given_on",
                    models.DateField(blank=True, null=True, verbose_name="許可を受けた日"),
                ),
                ("post", models.CharField(blank=True, max_length=80, verbose_name="職名")),
                (
                    "specialist",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="background",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "経歴の区分ごとの内容",
                "verbose_name_plural": "経歴の区分ごとの内容",
            },
        ),
        migrations.CreateModel(
            name="AvailabilitySignal",
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
                            ("accepted", "打診を引き受けた"),
                            ("replied", "日程のほかの理由で断った"),
                            ("declined", "日程が合わず断った"),
                            ("unanswered", "打診に返事がなかった"),
                        ],
                        max_length=10,
                        verbose_name="種類",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="日時"),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "稼働の手がかり",
                "verbose_name_plural": "稼働の手がかり",
                "ordering": ["-at"],
                "indexes": [
                    models.Index(
                        fields=["specialist", "kind", "-at"], name="latest_signal_of_a_kind"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Availability",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(help_text="その月の1日", verbose_name="月")),
                ("half_days", models.PositiveSmallIntegerField(verbose_name="半日数")),
                ("declared_at", models.DateTimeField(auto_now=True, verbose_name="申告日時")),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="availability",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "稼働可能日",
                "verbose_name_plural": "稼働可能日",
                "ordering": ["month"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("specialist", "month"), name="one_declaration_per_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="availability_month_is_first_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("half_days__lte", 62)), name="half_days_fit_in_a_month"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpecialistSkill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("own_level", models.PositiveSmallIntegerField(verbose_name="自己評価")),
                (
                    "assessed_level",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="県の評価"
                    ),
                ),
                ("evidence", models.CharField(blank=True, max_length=200, verbose_name="根拠")),
                (
                    "projects",
                    models.PositiveSmallIntegerField(default=0, verbose_name="担当した案件の数"),
                ),
                (
                    "years",
                    models.PositiveSmallIntegerField(default=0, verbose_name="この分野の年数"),
                ),
                (
                    "with_municipalities",
                    models.BooleanField(default=False, verbose_name="自治体での経験"),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="vocabulary.skill",
                        verbose_name="業務分野",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skills",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "スキル",
                "verbose_name_plural": "スキル",
                "ordering": ["skill"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("specialist", "skill"), name="skill_is_once_per_person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("own_level__gte", 1),
                            ("own_level__lte", 4),
                            models.Q(
                                ("assessed_level__isnull", True),
                                models.Q(("assessed_level__gte", 1), ("assessed_level__lte", 4)),
                                _connector="OR",
                            ),
                        ),
                        name="levels_are_one_to_four",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatusChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verb", models.CharField(max_length=12, verbose_name="操作")),
                ("before", models.CharField(max_length=12, verbose_name="前の状態")),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("draft", "入力中"),
                            ("applied", "申請"),
                            ("under_review", "審査中"),
                            ("registered", "登録中"),
                            ("paused", "休止"),
                            ("renewal_due", "更新待ち"),
                            ("withdrawn", "取りやめ"),
                            ("removed", "抹消"),
                        ],
                        max_length=12,
                        verbose_name="後の状態",
                    ),
                ),
                ("reason", models.TextField(blank=True, max_length=1000, verbose_name="理由")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="日時")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作した人",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="status_changes",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "登録の経過",
                "verbose_name_plural": "登録の経過",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("verb__in", ["send_back", "refuse", "remove"]), _negated=True
                            ),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="decision_against_a_person_has_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TopicDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.CharField(max_length=16)),
                ("typed", models.TextField(help_text="as a form sends it")),
                ("saved_at", models.DateTimeField(auto_now=True)),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="topic_drafts",
                        to="specialists.specialist",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "入力の控え",
                "verbose_name_plural": "入力の控え",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("specialist", "user", "topic"), name="one_topic_draft_per_person"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "talent_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="人材類型",
                    ),
                ),
                (
                    "dss_roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="役割(DSS-P)",
                    ),
                ),
                (
                    "languages",
                    models.CharField(
                        blank=True, max_length=100, verbose_name="日本語のほかに使える言語"
                    ),
                ),
                (
                    "most_on_site",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="来庁の上限(半日/月)"
                    ),
                ),
                (
                    "most_remote",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="遠隔の上限(半日/月)"
                    ),
                ),
                ("travel", models.CharField(blank=True, max_length=100, verbose_name="移動の手段")),
                (
                    "specialist",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="work_profile",
                        to="specialists.specialist",
                    ),
                ),
            ],
            options={
                "verbose_name": "働き方",
                "verbose_name_plural": "働き方",
            },
        ),
        migrations.CreateModel(
            name="ConfidenceFit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="計算した日時")),
                ("answers", models.PositiveIntegerField(verbose_name="使った回答の数")),
                ("held_back", models.PositiveIntegerField(verbose_name="確かめに使った回答の数")),
                ("parameters", models.JSONField(verbose_name="新しい値")),
                ("brier", models.FloatField(verbose_name="新しい値の外れ方")),
                ("brier_now", models.FloatField(verbose_name="いまの値の外れ方")),
                ("brier_no_decay", models.FloatField(verbose_name="薄れないとしたときの外れ方")),
                (
                    "worst_points",
                    models.FloatField(verbose_name="10区分でいちばん大きなずれ(ポイント)"),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="使い始めた日時"),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="使うと決めた人",
                    ),
                ),
            ],
            options={
                "verbose_name": "確かさの計算の見直し",
                "verbose_name_plural": "確かさの計算の見直し",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", True), ("confirmed_by__isnull", True)
                            ),
                            models.Q(
                                ("confirmed_at__isnull", False), ("confirmed_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="confirmed_fit_says_who_and_when",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmManager",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField(verbose_name="開始日")),
                ("until", models.DateField(blank=True, null=True, verbose_name="終了日")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="managers",
                        to="specialists.firm",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firm_managers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
            ],
            options={
                "verbose_name": "事業者の担当者",
                "verbose_name_plural": "事業者の担当者",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("user",),
                        name="one_current_firm_per_manager",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until", None), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="firm_manager_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PeopleImport",
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
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="取り込んだ人",
                    ),
                ),
            ],
            options={
                "verbose_name": "人材の取込み",
                "verbose_name_plural": "人材の取込み",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("total"))),
                        name="people_import_progress_is_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content__isnull", True), ("status__in", ["applied", "discarded"])
                            ),
                            models.Q(("status__in", ["applied", "discarded"]), _negated=True),
                            _connector="OR",
                        ),
                        name="ended_people_import_keeps_no_file",
                    ),
                ],
            },
        ),
    ]
