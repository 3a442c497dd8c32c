from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "talentpool.rights"
    verbose_name = "本人の権利"

    def ready(self) -> None:
        from municipalities.registry.queue import register_queue
        from talentpool.pages.nav import register_nav
        from talentpool.privacy.erasure import register_eraser
        from talentpool.privacy.package import register_part
        from talentpool.rights import home, traces

        register_queue("coordinator", home.for_coordinator)
        register_nav("specialist", "個人情報", "specialist:rights", 70)
        register_nav("coordinator", "本人の請求", "admin:rights_rightsrequest_changelist", 80)
        register_part(traces.audit_events)
        register_part(traces.mails)
        register_eraser("outbox.Message", traces.remove_mails)
        register_eraser("sessions.Session", traces.remove_sessions)
