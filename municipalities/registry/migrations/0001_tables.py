"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import municipalities.registry.models.contracts


class Migration(migrations.Migration):
    replaces = [
        ("registry", "0001_initial"),
        ("registry", "0002_invite_staff"),
        ("registry", "0003_plan_procurements"),
        ("registry", "0004_bring_deals_in_from_files"),
        ("registry", "0005_keep_all_problems_of_imports"),
    ]

    initial = True

    dependencies = [
        ("users", "0001_tables"),
        ("vocabulary", "0001_tables"),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
        django.contrib.postgres.operations.TrigramExtension(),
        migrations.CreateModel(
            name="Group",
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
                        choices=[("joint_use", "共同利用グループ"), ("sphere", "圏域")],
                        max_length=10,
                        verbose_name="種類",
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="出典")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
            ],
            options={
                "verbose_name": "共同利用・圏域",
                "verbose_name_plural": "共同利用・圏域",
                "ordering": ["kind", "name"],
            },
        ),
        migrations.CreateModel(
            name="Prefecture",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=6, primary_key=True, serialize=False, verbose_name="団体コード"
                    ),
                ),
                ("name", models.CharField(max_length=10, verbose_name="名称")),
                ("kana", models.CharField(max_length=20, verbose_name="よみ")),
            ],
            options={
                "verbose_name": "都道府県",
                "verbose_name_plural": "都道府県",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Municipality",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=6, primary_key=True, serialize=False, verbose_name="団体コード"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                ("kana", models.CharField(max_length=40, verbose_name="よみ")),
                (
                    "latitude",
                    models.DecimalField(
                        blank=True, decimal_places=3, max_digits=6, null=True, verbose_name="緯度"
                    ),
                ),
                (
                    "longitude",
                    models.DecimalField(
                        blank=True, decimal_places=3, max_digits=6, null=True, verbose_name="経度"
                    ),
                ),
                (
                    "tile_column",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="図の列"),
                ),
                (
                    "tile_row",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="図の行"),
                ),
                (
                    "prefecture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="municipalities",
                        to="registry.prefecture",
                        verbose_name="都道府県",
                    ),
                ),
            ],
            options={
                "verbose_name": "市町",
                "verbose_name_plural": "市町",
                "ordering": ["kana", "code"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("prefecture", "name"), name="name_is_unique_in_prefecture"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlannedProcurement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=120, verbose_name="件名")),
                ("prepared_from", models.DateField(verbose_name="準備を始める日")),
                (
                    "announced_on",
                    models.DateField(blank=True, null=True, verbose_name="公告・募集の予定日"),
                ),
                ("decided_on", models.DateField(verbose_name="決定の予定日")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "準備中"),
                            ("announced", "公告・募集中"),
                            ("decided", "決定済み"),
                            ("cancelled", "取りやめ"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="メモ")),
                (
                    "updated_at",
                    models.DateTimeField(auto_now=True, verbose_name="最後に直した日時"),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="planned_procurements",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="vocabulary.skill",
                        verbose_name="業務分野",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="最後に直した人",
                    ),
                ),
            ],
            options={
                "verbose_name": "調達の予定",
                "verbose_name_plural": "調達の予定",
                "ordering": ["decided_on", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decided_on__gte", models.F("prepared_from"))),
                        name="procurement_is_decided_after_its_preparation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("announced_on__isnull", True),
                            models.Q(
                                ("announced_on__gte", models.F("prepared_from")),
                                ("announced_on__lte", models.F("decided_on")),
                            ),
                            _connector="OR",
                        ),
                        name="procurement_is_announced_in_its_term",
                    ),
                    models.UniqueConstraint(
                        fields=("municipality", "subject", "decided_on"),
                        name="same_procurement_is_not_entered_twice",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Population",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateField(verbose_name="基準日")),
                ("value", models.PositiveIntegerField(verbose_name="人口")),
                ("source", models.CharField(max_length=120, verbose_name="出典")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="populations",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
            ],
            options={
                "verbose_name": "人口",
                "verbose_name_plural": "人口",
                "ordering": ["-as_of"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "as_of"), name="one_population_per_date"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcurementParty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                ("name", models.CharField(max_length=80, verbose_name="事業者名")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("expected", "参加が見込まれる"),
                            ("estimate", "見積を出した"),
                            ("bidder", "応札・応募した"),
                            ("winner", "選ばれた"),
                        ],
                        default="expected",
                        max_length=10,
                        verbose_name="立場",
                    ),
                ),
                (
                    "procurement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="registry.plannedprocurement",
                        verbose_name="調達の予定",
                    ),
                ),
            ],
            options={
                "verbose_name": "調達に加わる事業者",
                "verbose_name_plural": "調達に加わる事業者",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("procurement", "corporate_number"),
                        name="firm_is_once_per_procurement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("corporate_number__regex", "^[0-9]{13}$")),
                        name="party_has_corporate_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SchemeUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "fiscal_year",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="年度(西暦)"
                    ),
                ),
                ("scheme", models.CharField(max_length=80, verbose_name="制度")),
                ("source", models.CharField(max_length=200, verbose_name="出典")),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scheme_uses",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
            ],
            options={
                "verbose_name": "国の制度等の利用",
                "verbose_name_plural": "国の制度等の利用",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "fiscal_year", "scheme"),
                        name="scheme_use_is_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VendorContract",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                ("vendor_name", models.CharField(max_length=80, verbose_name="契約者")),
                ("subject", models.CharField(max_length=120, verbose_name="件名")),
                ("starts", models.DateField(verbose_name="開始日")),
                ("ends", models.DateField(verbose_name="終了日")),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vendor_contracts",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="vocabulary.skill",
                        verbose_name="業務分野",
                    ),
                ),
            ],
            options={
                "verbose_name": "契約(ベンダ)",
                "verbose_name_plural": "契約(ベンダ)",
                "ordering": ["municipality", "-ends"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gte", models.F("starts"))),
                        name="contract_ends_after_start",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("municipality", "="),
                            ("corporate_number", "="),
                            ("subject", "="),
                            (
                                models.Func(
                                    models.F("starts"),
                                    models.F("ends"),
                                    models.Value("[]"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="same_contract_is_not_entered_twice",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("coordinator", "県コーディネーター"),
                            ("prefectural_approver", "県決裁者"),
                            ("auditor", "監査"),
                            ("editor", "市町担当"),
                            ("approver", "市町決裁者"),
                        ],
                        max_length=24,
                        verbose_name="役割",
                    ),
                ),
                ("section", models.CharField(blank=True, max_length=60, verbose_name="所属")),
                ("since", models.DateField(verbose_name="開始日")),
                ("until", models.DateField(blank=True, null=True, verbose_name="終了日")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
            ],
            options={
                "verbose_name": "所属と役割",
                "verbose_name_plural": "所属と役割",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("user",),
                        name="one_current_membership_per_user",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("municipality__isnull", False),
                                ("role__in", ["editor", "approver"]),
                            ),
                            models.Q(
                                ("municipality__isnull", True),
                                ("role__in", ["coordinator", "prefectural_approver", "auditor"]),
                            ),
                            _connector="OR",
                        ),
                        name="municipal_role_has_municipality",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="membership_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="メールアドレス")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("coordinator", "県コーディネーター"),
                            ("prefectural_approver", "県決裁者"),
                            ("auditor", "監査"),
                            ("editor", "市町担当"),
                            ("approver", "市町決裁者"),
                        ],
                        max_length=24,
                        verbose_name="役割",
                    ),
                ),
                ("section", models.CharField(blank=True, max_length=60, verbose_name="所属")),
                ("token_sha256", models.CharField(max_length=64, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("sent", "招待中"),
                            ("accepted", "登録済み"),
                            ("revoked", "取消し"),
                            ("replaced", "送り直し済み"),
                        ],
                        default="sent",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                (
                    "invited_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="招待日時"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="期限")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="登録・取消しの日時")),
                (
                    "account",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitation",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登録した利用者",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        help_text="空欄は、最初のコーディネーターの招待",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="招待した人",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
            ],
            options={
                "verbose_name": "招待",
                "verbose_name_plural": "招待",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "sent")),
                        fields=("email",),
                        name="one_open_invitation_per_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="invitation_email_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("municipality__isnull", False),
                                ("role__in", ["editor", "approver"]),
                            ),
                            models.Q(
                                ("municipality__isnull", True),
                                ("role__in", ["coordinator", "prefectural_approver", "auditor"]),
                            ),
                            _connector="OR",
                        ),
                        name="municipal_invitation_has_municipality",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("account__isnull", False), ("status", "accepted")),
                            models.Q(
                                models.Q(("status", "accepted"), _negated=True),
                                ("account__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="accepted_invitation_has_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("status", "sent")),
                            models.Q(
                                models.Q(("status", "sent"), _negated=True),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ended_invitation_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("invited_at"))),
                        name="invitation_expires_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="注記")),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="registry.group",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="group_members",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
            ],
            options={
                "verbose_name": "構成団体",
                "verbose_name_plural": "構成団体",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("municipality__isnull", False)),
                        fields=("group", "municipality"),
                        name="municipality_is_once_in_group",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("municipality__isnull", False),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="unknown_member_has_note",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DealImport",
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
                    "kind",
                    models.CharField(
                        choices=[("procurements", "調達の予定"), ("contracts", "契約")],
                        max_length=12,
                        verbose_name="内容",
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
            ],
            options={
                "verbose_name": "契約・調達の取込み",
                "verbose_name_plural": "契約・調達の取込み",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("total"))),
                        name="deal_import_progress_is_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content__isnull", True), ("status__in", ["applied", "discarded"])
                            ),
                            models.Q(("status__in", ["applied", "discarded"]), _negated=True),
                            _connector="OR",
                        ),
                        name="ended_deal_import_keeps_no_file",
                    ),
                ],
            },
        ),
    ]
