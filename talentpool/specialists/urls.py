"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern, path

from talentpool.specialists import (
    availability_views,
    entry_views,
    firm_views,
    interest_views,
    lobbying_views,
    registration_views,
    views,
)

public: list[URLPattern] = [
    path("register/", entry_views.register, name="register"),
    path("register/sent/", entry_views.register_sent, name="register_sent"),
    path("register/<str:token>/", entry_views.register_account, name="register_account"),
    path(
        "availability/<str:token>/",
        availability_views.confirm_by_link,
        name="availability_confirm",
    ),
]
town: list[URLPattern] = [
    path("lobbying/", lobbying_views.lobbying_list, name="lobbying"),
    path("lobbying/new/", lobbying_views.lobbying_new, name="lobbying_new"),
    path("lobbying/<int:pk>/", lobbying_views.lobbying_record, name="lobbying_record"),
]
specialist: list[URLPattern] = [
    path("", views.home, name="home"),
    path("profile/", views.profile, name="profile"),
    path("profile/views/", views.views_of_me, name="views"),
    path("interests/", interest_views.interest_list, name="interests"),
    path("interests/new/", interest_views.interest_new, name="interest_new"),
    path("interests/<int:pk>/", interest_views.interest_edit, name="interest_edit"),
    path("interests/<int:pk>/remove/", interest_views.interest_remove, name="interest_remove"),
    path("registration/", registration_views.task_list, name="registration"),
    path("registration/start/", registration_views.start, name="registration_start"),
    path("registration/check/", registration_views.check, name="registration_check"),
    path("registration/renew/", registration_views.renew, name="registration_renew"),
    path("registration/withdraw/", registration_views.withdraw, name="registration_withdraw"),
    path(
        "registration/documents/<int:pk>/delete/",
        registration_views.delete_document,
        name="document_delete",
    ),
    path(
        "registration/<str:topic>/keep/",
        registration_views.autosave,
        name="registration_autosave",
    ),
    path("registration/verb/<str:verb>/", registration_views.verb, name="registration_verb"),
    path("registration/<str:topic>/", registration_views.topic, name="registration_topic"),
    path("firm/", firm_views.firm, name="firm"),
    path("firm/<int:pk>/agree/", firm_views.agree, name="firm_agree"),
    path("firm/<int:pk>/disagree/", firm_views.disagree, name="firm_disagree"),
    path("firm/<int:pk>/leave/", firm_views.leave, name="firm_leave"),
    path("days/confirm/", availability_views.confirm, name="days_confirm"),
]
