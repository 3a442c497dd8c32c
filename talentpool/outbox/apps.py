from django.apps import AppConfig

LAG_SECONDS = 300  # older than this, and nobody is delivering


class OutboxConfig(AppConfig):
    name = "talentpool.outbox"
    verbose_name = "送信箱"

    def ready(self) -> None:
        from talentpool.outbox import retention
        from talentpool.outbox.services import lag_seconds
        from talentpool.pages.health import register_readiness
        from talentpool.privacy.retention import register_purge

        register_readiness("outbox lag", lambda: lag_seconds() < LAG_SECONDS)
        register_purge("sent_message", retention.finished)
