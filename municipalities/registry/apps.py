from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PoolAdminConfig(AdminConfig):
    """The admin with the portal's own site: one way to sign in, coordinator screens inside."""

    default_site = "municipalities.registry.admin_site.PoolAdminSite"


class RegistryConfig(AppConfig):
    name = "municipalities.registry"
    verbose_name = "市町"

    def ready(self) -> None:
        from municipalities.registry.access import identity_of
        from talentpool.pages.nav import set_identity_provider

        set_identity_provider(identity_of)
