from django.conf import settings
from django.urls import path

from talentpool.pages import styleguide, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("help/", views.help_page, name="help"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("account/settings/", views.account_settings, name="account_settings"),
]
if not settings.PRODUCTION:
    urlpatterns.append(path("styleguide/", styleguide.styleguide, name="styleguide"))
