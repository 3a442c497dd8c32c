from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "consultations.desk"
    verbose_name = "相談"
