from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vacancies", "0011_fill_joint_codes_and_forms_of_changes")]

    operations = [
        migrations.RemoveConstraint(model_name="vacancy", name="only_published_vacancy_has_change"),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("change", ""),
                        ("change_form__isnull", True),
                        ("changed_values__isnull", True),
                    ),
                    models.Q(
                        ("change__in", ["draft", "submitted"]),
                        ("change_form__isnull", False),
                        ("changed_values__isnull", False),
                        ("status", "published"),
                    ),
                    _connector="OR",
                ),
                name="only_published_vacancy_has_change",
            ),
        ),
    ]
