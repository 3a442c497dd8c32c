from django.apps import AppConfig


class VocabularyConfig(AppConfig):
    name = "talentpool.vocabulary"
    verbose_name = "用語・コード"
