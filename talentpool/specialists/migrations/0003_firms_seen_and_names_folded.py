"""Which firms the prefecture has still to look at; an index to find the same person by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0001_search_japanese_text"),  # the function that folds
        ("specialists", "0002_pay_fits_in_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="firm",
            name="unseen_since",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="県の確認を待つ(登録日時)"
            ),
        ),
        migrations.AddIndex(
            model_name="specialist",
            index=models.Index(
                models.Func("name", function="search_key", output_field=models.TextField()),
                name="specialist_name_key",
            ),
        ),
        migrations.AddIndex(
            model_name="specialist",
            index=models.Index(
                models.Func("kana", function="search_key", output_field=models.TextField()),
                name="specialist_kana_key",
            ),
        ),
    ]
