"""The tables of this app. A database that holds all of `replaces` goes on from here."""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("rights", "0001_take_requests"), ("rights", "0002_watch_views")]

    initial = True

    dependencies = [
        ("specialists", "0001_tables"),
        ("users", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ViewLimit",
            fields=[
                (
                    "looking",
                    models.CharField(
                        choices=[
                            ("listed", "一覧などで登録番号と条件を見た人"),
                            ("named", "お名前、連絡先、書類まで見た人"),
                        ],
                        max_length=6,
                        primary_key=True,
                        serialize=False,
                        verbose_name="見方",
                    ),
                ),
                (
                    "least",
                    models.PositiveIntegerField(
                        help_text="1日にこの人数より少なければ、知らせません",
                        verbose_name="知らせない人数",
                    ),
                ),
                (
                    "times",
                    models.PositiveSmallIntegerField(
                        help_text="本人のいつもの人数と、同じ役割の人のいつもの人数の、どちらも超える倍数",
                        verbose_name="いつもの何倍",
                    ),
                ),
                (
                    "always",
                    models.PositiveIntegerField(
                        help_text="1日にこの人数以上なら、いつもと比べずに知らせます",
                        verbose_name="必ず知らせる人数",
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(default=28, verbose_name="比べる日数")),
                ("basis", models.CharField(max_length=120, verbose_name="根拠")),
                ("confirmed", models.BooleanField(default=False, verbose_name="確認済み")),
            ],
            options={
                "verbose_name": "閲覧の警告の基準",
                "verbose_name_plural": "閲覧の警告の基準",
                "ordering": ["-looking"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("always__gte", models.F("least")),
                            ("days__gte", 7),
                            ("least__gte", 1),
                            ("times__gte", 1),
                        ),
                        name="view_limit_rises",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RightsRequest",
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
                            ("disclosure", "開示"),
                            ("correction", "訂正"),
                            ("suspension", "利用停止"),
                            ("deletion", "削除"),
                        ],
                        max_length=10,
                        verbose_name="請求の種類",
                    ),
                ),
                ("wish", models.TextField(blank=True, max_length=1000, verbose_name="請求の内容")),
                (
                    "channel",
                    models.CharField(
                        choices=[("portal", "ポータル"), ("paper", "窓口・郵送")],
                        max_length=6,
                        verbose_name="受付の方法",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("received", "本人確認待ち"),
                            ("identified", "検討中"),
                            ("decided", "決定済み"),
                            ("done", "対応済み"),
                            ("withdrawn", "取下げ"),
                        ],
                        default="received",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("received_on", models.DateField(verbose_name="請求日")),
                ("due_on", models.DateField(verbose_name="決定の期限")),
                (
                    "extended_to",
                    models.DateField(blank=True, null=True, verbose_name="延長後の期限"),
                ),
                (
                    "extension_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="延長の理由"),
                ),
                (
                    "identity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sign_in", "本人のアカウントからの請求"),
                            ("document", "本人確認書類(運転免許証など)"),
                            ("agent", "代理人の資格を示す書類"),
                        ],
                        max_length=8,
                        verbose_name="本人確認の方法",
                    ),
                ),
                (
                    "identified_on",
                    models.DateField(blank=True, null=True, verbose_name="本人確認日"),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("granted", "請求のとおりにする"),
                            ("partly", "一部について行う"),
                            ("refused", "行わない"),
                        ],
                        max_length=8,
                        verbose_name="決定",
                    ),
                ),
                (
                    "decision_reason",
                    models.CharField(blank=True, max_length=400, verbose_name="決定の理由"),
                ),
                (
                    "document_number",
                    models.CharField(blank=True, max_length=40, verbose_name="文書番号"),
                ),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="決定日")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="対応日")),
                ("request_key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="決定した人",
                    ),
                ),
                (
                    "specialist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rights_requests",
                        to="specialists.specialist",
                        verbose_name="専門人材",
                    ),
                ),
            ],
            options={
                "verbose_name": "本人からの請求",
                "verbose_name_plural": "本人からの請求",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["received", "identified", "decided"])),
                        fields=("specialist", "kind"),
                        name="one_open_rights_request_per_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "due_on",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("received_on"),
                                    "+",
                                    models.Value(datetime.timedelta(days=30)),
                                ),
                            )
                        ),
                        name="rights_request_is_due_in_thirty_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("extended_to__isnull", True),
                            models.Q(
                                ("extended_to__gt", models.F("due_on")),
                                (
                                    "extended_to__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("due_on"),
                                        "+",
                                        models.Value(datetime.timedelta(days=30)),
                                    ),
                                ),
                                models.Q(("extension_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="rights_extension_is_thirty_days_at_most_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["received", "withdrawn"]),
                            models.Q(
                                ("identified_on__isnull", False),
                                models.Q(("identity", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="rights_request_goes_on_after_identity_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["received", "identified", "withdrawn"]),
                            models.Q(
                                ("decided_by__isnull", False),
                                ("decided_on__isnull", False),
                                models.Q(("decision", ""), _negated=True),
                                models.Q(("document_number", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="decided_rights_request_has_decision_and_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision__in", ["partly", "refused"]), _negated=True),
                            models.Q(("decision_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refused_rights_request_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "done"), _negated=True),
                            ("done_on__isnull", False),
                            _connector="OR",
                        ),
                        name="done_rights_request_has_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ViewAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("viewer_body", models.CharField(max_length=40, verbose_name="団体")),
                ("viewer_role", models.CharField(max_length=40, verbose_name="役割")),
                ("day", models.DateField(verbose_name="日")),
                (
                    "looking",
                    models.CharField(
                        choices=[
                            ("listed", "一覧などで登録番号と条件を見た人"),
                            ("named", "お名前、連絡先、書類まで見た人"),
                        ],
                        max_length=6,
                        verbose_name="見方",
                    ),
                ),
                ("people", models.PositiveIntegerField(verbose_name="人数")),
                (
                    "own_usual",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="本人のいつもの人数"
                    ),
                ),
                (
                    "group_usual",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="同じ役割のいつもの人数"
                    ),
                ),
                ("found_at", models.DateTimeField(auto_now_add=True, verbose_name="見つけた日時")),
                (
                    "finding",
                    models.CharField(blank=True, max_length=400, verbose_name="確かめた結果"),
                ),
                (
                    "settled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="確かめた日時"),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="確かめた人",
                    ),
                ),
                (
                    "viewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="閲覧した人",
                    ),
                ),
            ],
            options={
                "verbose_name": "閲覧の警告",
                "verbose_name_plural": "閲覧の警告",
                "ordering": ["-day", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("viewer", "day", "looking"),
                        name="one_view_alert_per_viewer_day_and_looking",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("finding", ""),
                                ("settled_at__isnull", True),
                                ("settled_by__isnull", True),
                            ),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("settled_by__isnull", False),
                                models.Q(("finding", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="settled_view_alert_says_what_was_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("settled_by__isnull", True),
                            models.Q(("settled_by", models.F("viewer")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_settles_the_own_view_alert",
                    ),
                ],
            },
        ),
    ]
