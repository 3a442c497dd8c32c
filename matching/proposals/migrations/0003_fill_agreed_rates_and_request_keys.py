from django.db import migrations

FILL = """
UPDATE proposals_run SET request_key = gen_random_uuid() WHERE request_key IS NULL;
UPDATE proposals_bundle AS bundle
   SET half_day_rate_yen = person.half_day_rate_yen, monthly_fixed_yen = person.monthly_fixed_yen
  FROM specialists_specialist AS person
 WHERE person.id = bundle.specialist_id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0002_keep_agreed_rates_and_request_keys"),
        ("specialists", "0001_initial"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
