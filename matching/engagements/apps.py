from django.apps import AppConfig


class EngagementsConfig(AppConfig):
    name = "matching.engagements"
    verbose_name = "シェア契約"

    def ready(self) -> None:
        from matching.engagements import home
        from municipalities.registry.queue import register_queue
        from talentpool.pages.nav import register_nav

        register_nav("coordinator", "契約", "admin:engagements_timeline", 60)
        register_nav("town", "契約", "town:engagements", 40)
        register_nav("specialist", "稼働可能日", "specialist:days", 30)
        register_nav("specialist", "契約", "specialist:engagements", 40)
        register_queue("coordinator", home.for_coordinator)
