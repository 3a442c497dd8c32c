from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "consultations.knowledge"
    verbose_name = "ナレッジ"
