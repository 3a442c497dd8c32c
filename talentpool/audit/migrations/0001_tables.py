"""The tables of this app. A database that holds all of `replaces` goes on from here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("audit", "0001_initial"), ("audit", "0003_find_events_by_number")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="日時")),
                (
                    "actor_id",
                    models.BigIntegerField(
                        help_text="空欄は自動処理", null=True, verbose_name="利用者番号"
                    ),
                ),
                ("actor_role", models.CharField(blank=True, max_length=40, verbose_name="役割")),
                ("action", models.CharField(db_index=True, max_length=60, verbose_name="操作")),
                ("object_type", models.CharField(max_length=60, verbose_name="対象の種類")),
                ("object_id", models.CharField(max_length=40, verbose_name="対象の番号")),
                ("detail", models.JSONField(default=dict, verbose_name="内訳")),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "verbose_name": "監査記録",
                "verbose_name_plural": "監査記録",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["object_id", "object_type"], name="events_of_object")
                ],
            },
        ),
    ]
