from django.apps import AppConfig


class EngagementsConfig(AppConfig):
    name = "matching.engagements"
    verbose_name = "シェア契約"

    def ready(self) -> None:
        from matching.engagements import bars, home, retention, watch
        from matching.engagements.obstacles import running_engagements
        from municipalities.registry.deals import register_bar_source, register_deal_watcher
        from municipalities.registry.queue import register_queue
        from talentpool.pages.nav import register_nav, register_page
        from talentpool.privacy.erasure import register_obstacle
        from talentpool.privacy.retention import register_purge
        from talentpool.specialists.services import register_interest_watcher

        register_nav("coordinator", "シェア契約", "admin:engagements_timeline", 60)
        register_page(
            "coordinator",
            "admin:engagements_engagement_changelist",
            under="admin:engagements_timeline",
        )
        register_nav("town", "シェア契約", "town:engagements", 40)
        register_nav("specialist", "稼働可能日", "specialist:days", 30)
        register_nav("specialist", "シェア契約", "specialist:engagements", 40)
        register_queue("coordinator", home.for_coordinator)
        register_queue("coordinator", home.conflicts_for_coordinator)
        register_deal_watcher(watch.ask_about_town)
        register_interest_watcher(watch.ask_about_person)
        register_bar_source(bars.barred_firms)
        register_obstacle(running_engagements)
        register_purge("held_bar", retention.held_bars, retention.empty_bars)
