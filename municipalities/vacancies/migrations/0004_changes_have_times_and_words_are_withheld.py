"""When a change was handed in, why words of an earlier text are withheld, up to when a subscriber
was told, how many rows of a file are to be looked at again, drafts of nobody's name (imports by the command line)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vacancies", "0003_need_is_36_months_at_most"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="vacancy",
            name="change_submitted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="変更の提出日時"),
        ),
        migrations.AddField(
            model_name="vacancyrevision",
            name="withheld_reason",
            field=models.CharField(
                blank=True,
                help_text="県が、変わる前後の言葉を公開しないことにした理由。公開しません",
                max_length=200,
                verbose_name="言葉を公開しない理由",
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="told_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="ここまでは知らせた"),
        ),
        migrations.AddField(
            model_name="vacancyimport",
            name="cautions",
            field=models.PositiveIntegerField(default=0, verbose_name="確かめてほしい募集の数"),
        ),
        migrations.AlterField(
            model_name="vacancy",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                help_text="空欄はコマンドラインからの取込み",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="作成者",
            ),
        ),
    ]
