"""The tables of this app. A database that holds all of `replaces` goes on from here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("outbox", "0001_initial"), ("outbox", "0002_send_mass_mail_at_its_rate")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Message",
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
                        choices=[("mail", "メール"), ("task", "処理の依頼")],
                        max_length=4,
                        verbose_name="種類",
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="重複防止キー")),
                ("payload", models.JSONField(verbose_name="内容")),
                ("in_bulk", models.BooleanField(default=False, verbose_name="一斉送信")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "送信待ち"),
                            ("claimed", "送信中"),
                            ("done", "送信済み"),
                            ("unknown", "送信できたか不明"),
                            ("failed", "送信できず"),
                        ],
                        default="pending",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="試行回数")),
                ("not_before", models.DateTimeField(verbose_name="次の試行")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="作成")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="終了")),
                (
                    "last_error",
                    models.CharField(blank=True, max_length=200, verbose_name="最後のエラー"),
                ),
            ],
            options={
                "verbose_name": "送信",
                "verbose_name_plural": "送信箱",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["in_bulk", "not_before", "id"],
                        name="waiting_messages",
                    ),
                    models.Index(
                        condition=models.Q(("state", "claimed")),
                        fields=["not_before"],
                        name="claimed_messages",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "claimed"]),
                            ("finished_at__isnull", False),
                            _connector="OR",
                        ),
                        name="finished_message_has_time",
                    )
                ],
            },
        ),
    ]
