from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "talentpool.users"
    verbose_name = "利用者"
