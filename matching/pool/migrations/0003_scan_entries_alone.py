from django.db import migrations


class Migration(migrations.Migration):
    """A search is over before parallel workers have started."""

    dependencies = [("pool", "0002_keep_entries_in_step")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE pool_poolentry SET (parallel_workers = 0)",
            "ALTER TABLE pool_poolentry RESET (parallel_workers)",
        )
    ]
