from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "talentpool.privacy"
    verbose_name = "個人情報の管理"

    def ready(self) -> None:
        from talentpool.privacy import checks  # noqa: F401
