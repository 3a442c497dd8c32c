from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "consultations.desk"
    verbose_name = "相談"

    def ready(self) -> None:
        from consultations.desk import home
        from municipalities.registry.queue import register_panels, register_queue
        from talentpool.pages.nav import register_nav

        register_queue("coordinator", home.coordinator_queue)
        register_queue("town", home.town_queue)
        register_panels("coordinator", home.coordinator_panels)
        register_panels("town", home.town_panels)
        register_nav("town", "相談", "town:consultations", 50)
        register_nav("coordinator", "相談", "admin:desk_consultation_changelist", 70)
