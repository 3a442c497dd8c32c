from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0003_pinned_pairs"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="frozen_at",
            field=models.DateTimeField(null=True, verbose_name="入力の凍結"),
        ),
        migrations.AlterField(
            model_name="study",
            name="kind",
            field=models.CharField(
                choices=[
                    ("person_leaves", "専門人材が1人抜けたら"),
                    ("person_joins", "専門人材が1人加わったら"),
                    ("forced", "この人にすると"),
                    ("declined", "担当を辞退されたら(ほかはそのまま)"),
                    ("less_time", "空きが減ったら(ほかはそのまま)"),
                    ("need_added", "案件が1つ増えたら"),
                    ("need_removed", "案件を1つ取り下げたら"),
                    ("budget", "予算を変えたら"),
                    ("rule", "条件を1つ問わないことにしたら"),
                    ("policies", "決め方を変えたら(公平さの代償)"),
                    ("shortages", "どんな人が足りないか"),
                    ("replan", "いまの登録と調整の状況で組み直したら"),
                ],
                max_length=16,
                verbose_name="問い",
            ),
        ),
    ]
