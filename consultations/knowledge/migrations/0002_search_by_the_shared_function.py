from django.db import migrations

FORWARD = "CREATE INDEX article_grams ON knowledge_article USING gin (search_grams(search_text))"
BACKWARD = "DROP INDEX article_grams"


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0001_search_japanese_text"),
        ("knowledge", "0001_tables"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
