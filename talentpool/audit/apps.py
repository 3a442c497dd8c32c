from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "talentpool.audit"
    verbose_name = "監査記録"
