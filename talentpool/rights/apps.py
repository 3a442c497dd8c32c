from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class RightsConfig(AppConfig):
    name = "talentpool.rights"
    verbose_name = "本人の権利"

    def ready(self) -> None:
        from municipalities.registry.queue import register_queue
        from talentpool.pages.nav import register_nav
        from talentpool.privacy.erasure import register_eraser
        from talentpool.privacy.package import register_part
        from talentpool.privacy.retention import register_purge
        from talentpool.rights import home, retention, traces

        register_queue("coordinator", home.for_coordinator)
        register_queue("coordinator", home.view_alerts)
        register_nav("specialist", "個人情報", "specialist:rights", 70)
        register_nav("coordinator", "本人からの請求", "admin:rights_rightsrequest_changelist", 80)
        register_nav("firm", "個人情報", "specialist:rights", 70)
        register_nav("newcomer", "個人情報", "specialist:rights", 70)
        register_part(traces.firms_spoken_for)
        register_part(traces.audit_events)
        register_part(traces.mails)
        register_eraser("outbox.Message", traces.remove_mails)
        register_eraser("specialists.EntryTicket", traces.remove_tickets)
        register_eraser("sessions.Session", traces.remove_sessions)
        register_purge("withdrawn_person", retention.withdrawn_people, retention.erase_people)
        register_purge("abandoned_draft", retention.abandoned_drafts, retention.erase_people)
        register_purge("unused_account", retention.unused_accounts, retention.erase_accounts)
        register_purge("profile_view", retention.views)
        register_purge("rights_request", retention.closed_requests)
        register_purge("ended_ticket", retention.ended_tickets, retention.forget_tickets)
        register_purge("expired_session", retention.expired_sessions)
        register_purge("view_alert", retention.view_alerts)
        post_migrate.connect(_load_view_limits, sender=self)


def _load_view_limits(**kwargs: Any) -> None:
    """Load the first limits unless the migration went back to before the table."""
    try:
        # `flush` says nothing of a state: then it is that of the code.
        kwargs.get("apps", apps).get_model("rights", "ViewLimit")
    except LookupError:
        return
    from talentpool.rights.services.watch import load_view_limits

    load_view_limits()
