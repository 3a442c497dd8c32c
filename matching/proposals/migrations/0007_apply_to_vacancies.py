import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0006_call_old_conflicts_to_check"),
        ("specialists", "0002_registration_has_an_end"),
        ("vacancies", "0010_post_vacancies_together"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
