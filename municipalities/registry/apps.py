from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class PoolAdminConfig(admin_apps.AdminConfig):
    """The admin with the portal's own site: one way to sign in, coordinator screens inside."""

    default = False
    default_site = "municipalities.registry.admin_site.PoolAdminSite"


class RegistryConfig(AppConfig):
    default = True
    name = "municipalities.registry"
    verbose_name = "市町"

    def ready(self) -> None:
        from municipalities.registry import home, retention
        from municipalities.registry.access import identity_of
        from municipalities.registry.queue import register_queue
        from talentpool.pages.nav import register_nav, set_identity_provider
        from talentpool.privacy.retention import register_purge

        set_identity_provider(identity_of)
        register_nav("coordinator", "ホーム", "admin:index", 10)
        register_nav("town", "ホーム", "town:home", 10)
        register_nav("town", "契約と調達", "town:deals", 45)
        register_queue("town", home.overdue_procurements)
        register_purge("ended_invitation", retention.unused)
        register_purge("finished_deal_import", retention.finished_imports)
