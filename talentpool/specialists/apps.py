from django.apps import AppConfig


class SpecialistsConfig(AppConfig):
    name = "talentpool.specialists"
    verbose_name = "専門人材"
