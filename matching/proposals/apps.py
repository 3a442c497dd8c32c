from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "matching.proposals"
    verbose_name = "マッチングと調整"
