from django.apps import AppConfig


class SpecialistsConfig(AppConfig):
    name = "talentpool.specialists"
    verbose_name = "専門人材"

    def ready(self) -> None:
        from talentpool.pages.nav import register_nav

        register_nav("coordinator", "人材", "admin:specialists_specialist_changelist", 30)
        register_nav("specialist", "ホーム", "specialist:home", 10)
        register_nav("specialist", "登録内容", "specialist:profile", 50)
        register_nav("specialist", "閲覧履歴", "specialist:views", 60)
