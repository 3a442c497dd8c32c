from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    name = "talentpool.embedded"
    verbose_name = "見本環境"
