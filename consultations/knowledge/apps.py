from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "consultations.knowledge"
    verbose_name = "ナレッジ"

    def ready(self) -> None:
        from consultations.desk.sections import register_section
        from consultations.knowledge import home
        from municipalities.registry.queue import register_panels, register_queue
        from talentpool.pages.nav import register_nav

        register_section("coordinator", home.section_of)
        register_section("town", home.section_of)
        register_queue("coordinator", home.coordinator_queue)
        register_queue("town", home.town_queue)
        register_panels("town", home.town_panels)
        register_nav("town", "ナレッジ", "town:articles", 60)
        register_nav("coordinator", "ナレッジ", "admin:knowledge_article_changelist", 75)
