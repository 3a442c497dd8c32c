from django.apps import AppConfig


class PoolConfig(AppConfig):
    name = "matching.pool"
    verbose_name = "人材の検索と需要"

    def ready(self) -> None:
        from matching.pool import home
        from municipalities.registry.queue import register_panels, register_queue
        from municipalities.vacancies.hooks import register_need_section
        from talentpool.pages.nav import register_nav, register_page

        register_nav("coordinator", "人材を探す", "admin:pool_poolentry_changelist", 25)
        register_page(
            "coordinator", "admin:pool_demand_changelist", under="admin:pool_poolentry_changelist"
        )
        register_nav("town", "人材の概況", "town:pool_overview", 28)
        register_queue("coordinator", home.for_coordinator)
        register_panels("coordinator", home.coordinator_facts)
        register_need_section(home.need_section)
