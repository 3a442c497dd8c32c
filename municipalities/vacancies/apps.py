from django.apps import AppConfig


class VacanciesConfig(AppConfig):
    name = "municipalities.vacancies"
    verbose_name = "案件・募集情報"
