from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "talentpool.pages"
    verbose_name = "画面の共通部分"

    def ready(self) -> None:
        from talentpool.pages import checks  # noqa: F401  registers itself
