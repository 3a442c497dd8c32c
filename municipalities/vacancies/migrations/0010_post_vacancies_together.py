"""Several towns post one vacancy: it goes up only when each has agreed, whoever asks.

A change of what is published is written in the form in force; an end says why.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION vacancies_joint_is_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    going_up jsonb := CASE WHEN NEW.change = 'submitted' THEN NEW.changed_values ELSE NEW.values END;
    agreed_to integer := CASE WHEN NEW.change = 'submitted' THEN NEW.version ELSE OLD.version END;
BEGIN
    IF going_up ->> 'joint_type' IN ('1', '3') AND EXISTS (
        SELECT 1 FROM unnest(string_to_array(going_up ->> 'joint_members', ';')) AS code
        WHERE code <> NEW.municipality_id AND NOT EXISTS (
            SELECT 1 FROM vacancies_jointtown AS town
            WHERE town.vacancy_id = NEW.id AND town.municipality_id = code
              AND town.status = 'agreed' AND town.agreed_version = agreed_to
        )
    ) THEN
        RAISE EXCEPTION 'a joint vacancy goes up when each town has agreed to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER joint_vacancy_goes_up_agreed
BEFORE UPDATE ON vacancies_vacancy
FOR EACH ROW WHEN (
    (NEW.status IN ('submitted', 'published') AND NEW.status <> OLD.status)
    OR (NEW.change = 'submitted' AND OLD.change <> 'submitted')
    OR (NEW.status = 'published' AND OLD.change = 'submitted' AND NEW.change = ''
        AND NEW.values IS DISTINCT FROM OLD.values)
)
EXECUTE FUNCTION vacancies_joint_is_agreed();
"""
UNGUARD = """
DROP TRIGGER joint_vacancy_goes_up_agreed ON vacancies_vacancy;
DROP FUNCTION vacancies_joint_is_agreed();
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("registry", "0002_invite_staff"),
        ("vacancies", "0009_share_the_table_of_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="vacancy",
            name="change_form",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="vacancies.formversion",
                verbose_name="変更の様式版",
            ),
        ),
        migrations.AddField(
            model_name="vacancy",
            name="closing_note",
            field=models.CharField(
                blank=True, default="", max_length=200, verbose_name="終了・取下げの理由"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="vacancy",
            name="joint_codes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=6),
                blank=True,
                default=list,
                size=None,
                verbose_name="共同の団体",
            ),
        ),
        migrations.AddIndex(
            model_name="vacancy",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["joint_codes"], name="vacancy_joint_codes"
            ),
        ),
        migrations.CreateModel(
            name="JointTown",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "回答待ち"),
                            ("agreed", "同意"),
                            ("declined", "不同意"),
                        ],
                        default="asked",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="依頼日時")),
                (
                    "agreed_version",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="同意した版"),
                ),
                ("remark", models.CharField(blank=True, max_length=400, verbose_name="連絡")),
                (
                    "document_number",
                    models.CharField(blank=True, max_length=40, verbose_name="文書番号"),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="回答日時"),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="回答した人",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.municipality",
                        verbose_name="市町",
                    ),
                ),
                (
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="joint_towns",
                        to="vacancies.vacancy",
                    ),
                ),
            ],
            options={
                "verbose_name": "共同で募集する市町",
                "verbose_name_plural": "共同で募集する市町",
                "ordering": ["municipality__kana", "municipality_id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vacancy", "municipality"), name="town_joins_a_vacancy_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_version__isnull", False), ("status", "agreed")),
                            models.Q(
                                models.Q(("status", "agreed"), _negated=True),
                                ("agreed_version__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="agreed_town_agreed_to_a_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                                ("status", "asked"),
                            ),
                            models.Q(
                                models.Q(("status", "asked"), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="answer_of_joint_town_has_its_person",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
