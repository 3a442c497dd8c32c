from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "talentpool.outbox"
    verbose_name = "送信箱"
