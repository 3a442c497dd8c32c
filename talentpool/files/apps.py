from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "talentpool.files"
    verbose_name = "書類"
