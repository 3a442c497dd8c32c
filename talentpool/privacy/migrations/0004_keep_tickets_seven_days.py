"""A term was added here once; `privacy.first_terms` loads it now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("privacy", "0003_first_retention_terms")]

    operations = []
