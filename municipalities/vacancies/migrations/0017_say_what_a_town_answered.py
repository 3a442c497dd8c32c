from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0016_remember_when_a_town_was_reminded")]

    operations = [
        migrations.AddField(
            model_name="roundanswer",
            name="kind",
            field=models.CharField(
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
        migrations.AddField(
            model_name="vacancyquestion",
            name="hidden_reason",
            field=models.CharField(
                blank=True,
                help_text="県が公開を止めたときの理由。市町は公開に戻せません",
                max_length=200,
                verbose_name="公開しない理由",
            ),
        ),
        migrations.AddConstraint(
            model_name="vacancyquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("hidden_reason", ""), ("hidden", True), _connector="OR"),
                name="question_hidden_for_a_reason_is_hidden",
            ),
        ),
    ]
