"""The agreement to what is published is kept while a body answers to a change of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_keep_all_problems_of_imports"),
        ("vacancies", "0021_say_which_fields_are_public"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="jointtown",
            name="held_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="公表の内容に同意した日時"
            ),
        ),
        migrations.AddField(
            model_name="jointtown",
            name="held_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="公表の内容に同意した人",
            ),
        ),
        migrations.AddField(
            model_name="jointtown",
            name="held_document",
            field=models.CharField(
                blank=True, max_length=40, verbose_name="公表の内容への同意の文書番号"
            ),
        ),
        migrations.AddConstraint(
            model_name="jointtown",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("held_at__isnull", True), ("held_by__isnull", True), ("held_document", "")
                    ),
                    models.Q(("held_at__isnull", False), ("held_by__isnull", False)),
                    _connector="OR",
                ),
                name="held_agreement_has_its_person",
            ),
        ),
    ]
