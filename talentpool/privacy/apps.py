from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class PrivacyConfig(AppConfig):
    name = "talentpool.privacy"
    verbose_name = "個人情報の管理"

    def ready(self) -> None:
        from talentpool.privacy import checks  # noqa: F401

        post_migrate.connect(_load_terms, sender=self)


def _load_terms(**kwargs: Any) -> None:
    """Load the first retention terms unless the migration went back to before the table."""
    try:
        # `flush` says nothing of a state: then it is that of the code.
        kwargs.get("apps", apps).get_model("privacy", "RetentionTerm")
    except LookupError:
        return
    from talentpool.privacy.first_terms import load_terms

    load_terms()
