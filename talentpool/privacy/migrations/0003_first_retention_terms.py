"""The first terms were added here once; `privacy.first_terms` loads them after each migration now,
so that an emptied database gets them back too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_terms_of_keeping")]

    operations = []
