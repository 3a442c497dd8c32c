from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    name = "talentpool.embedded"
    verbose_name = "見本環境"

    def ready(self) -> None:
        from talentpool.embedded import checks  # noqa: F401  (registers the system check)
