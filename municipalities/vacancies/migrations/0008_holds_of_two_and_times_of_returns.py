"""Town and prefecture keep a question back each by itself; when a vacancy was returned; the 変更なし
that a change took the place of."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0001_tables"),
        ("vacancies", "0007_vacancy_carries_its_open_line"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="vacancyquestion",
            name="question_hidden_for_a_reason_is_hidden",
        ),
        migrations.AddField(
            model_name="roundanswer",
            name="confirmed_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="前の「変更なし」の日時"
            ),
        ),
        migrations.AddField(
            model_name="roundanswer",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="前の「変更なし」の回答者",
            ),
        ),
        migrations.AddField(
            model_name="vacancy",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="差戻し日時"),
        ),
        migrations.AlterField(
            model_name="vacancyquestion",
            name="hidden",
            field=models.BooleanField(default=False, verbose_name="市町が公開しない"),
        ),
        migrations.AlterField(
            model_name="vacancyquestion",
            name="hidden_reason",
            field=models.CharField(
                blank=True,
                help_text="県が公開を止めたときの理由。市町は公開に戻せません",
                max_length=200,
                verbose_name="県が公開しない理由",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("kind", "changed"),
                    ),
                    _connector="OR",
                ),
                name="earlier_round_answer_has_its_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("returned_at__isnull", True),
                    ("status", "draft"),
                    ("change", "draft"),
                    _connector="OR",
                ),
                name="only_what_is_being_written_was_returned",
            ),
        ),
    ]
