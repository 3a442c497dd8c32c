from django.apps import AppConfig


class EngagementsConfig(AppConfig):
    name = "matching.engagements"
    verbose_name = "シェア契約"
