"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern, path

from municipalities.vacancies.views import (
    budgets,
    feeds,
    imports,
    joint,
    needs,
    opendata,
    questions,
    rounds,
    sections,
    sent,
    sitemap,
    subscriptions,
    vacancies,
    webhook,
)
from municipalities.vacancies.views import public as site

NUMBER = "<str:vacancy_no>"

public = [
    path("", site.top, name="top"),
    path("vacancies/", site.vacancy_list, name="vacancy_list"),
    path("vacancies/feed.atom", feeds.feed, name="vacancy_feed"),
    path("vacancies/deadlines.ics", feeds.calendar, name="vacancy_calendar"),
    path("subscribe/", subscriptions.subscribe, name="subscribe"),
    path("subscribe/done/", subscriptions.subscribed, name="subscribed"),
    path("subscribe/<str:token>/confirm/", subscriptions.confirm, name="subscription_confirm"),
    path("subscribe/<str:token>/", subscriptions.change, name="subscription_change"),
    path("unsubscribe/<str:token>/", subscriptions.unsubscribe, name="unsubscribe"),
    path("mail/bounces/", webhook.take_bounce, name="bounce_webhook"),
    path("opendata/", opendata.about_open_data, name="open_data"),
    path("opendata/vacancies.csv", opendata.open_csv, name="open_csv"),
    path("opendata/vacancies.json", opendata.open_json, name="open_json"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("sitemap.xml", sitemap.site_map, name="site_map"),
    path("sitemap-<int:number>.xml", sitemap.site_map_part, name="site_map_part"),
    path(f"vacancies/{NUMBER}/", site.vacancy_detail, name="vacancy_detail"),
]
town = [
    path("round/", rounds.monthly_round, name="round"),
    path("needs/", needs.need_list, name="need_list"),
    path("needs/budget/", budgets.budget_page, name="budget"),
    path("needs/new/", needs.need_create, name="need_create"),
    path("needs/<int:pk>/", needs.need_detail, name="need_detail"),
    path("needs/<int:pk>/edit/", needs.need_edit, name="need_edit"),
    path("needs/<int:pk>/again/", needs.need_again, name="need_again"),
    path("needs/<int:pk>/submit/", needs.need_submit, name="need_submit"),
    path("needs/<int:pk>/withdraw/", needs.need_withdraw, name="need_withdraw"),
    path("needs/<int:pk>/vacancy/", needs.need_to_vacancy, name="need_to_vacancy"),
    path("vacancies/", vacancies.vacancy_list, name="vacancy_list"),
    path("vacancies/new/", vacancies.vacancy_create, name="vacancy_create"),
    path("vacancies/import/", imports.import_list, name="import_list"),
    path("vacancies/import/<int:pk>/", imports.import_detail, name="import_detail"),
    path("vacancies/import/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("vacancies/import/<int:pk>/problems.csv", imports.import_problems, name="import_problems"),
    path("vacancies/template/<slug:kind>.xlsx", imports.template, name="vacancy_template"),
    path("vacancies/template/rows.csv", imports.template_csv, name="vacancy_template_csv"),
    path("sent/", sent.sent_list, name="sent_list"),
    path("form-gaps/", sent.form_gaps, name="form_gaps"),
    path("joint/", joint.joint_list, name="joint_list"),
    path(f"joint/{NUMBER}/", joint.joint_detail, name="joint_detail"),
    path(f"vacancies/{NUMBER}/joint/", joint.vacancy_joint, name="vacancy_joint"),
    path(f"vacancies/{NUMBER}/", vacancies.vacancy_detail, name="vacancy_detail"),
    path(f"vacancies/{NUMBER}/sheet.xlsx", imports.sheet, name="vacancy_sheet"),
    path(f"vacancies/{NUMBER}/close/", vacancies.vacancy_close, name="vacancy_close"),
    path(f"vacancies/{NUMBER}/withdraw/", vacancies.vacancy_withdraw, name="vacancy_withdraw"),
    path(f"vacancies/{NUMBER}/copy/", vacancies.vacancy_copy, name="vacancy_copy"),
    path(f"vacancies/{NUMBER}/form/", vacancies.vacancy_move, name="vacancy_move"),
    path(f"vacancies/{NUMBER}/preview/", site.vacancy_preview, name="vacancy_preview"),
    path(f"vacancies/{NUMBER}/sent/", sent.vacancy_sent, name="vacancy_sent"),
    path(f"vacancies/{NUMBER}/questions/", questions.vacancy_questions, name="vacancy_questions"),
    path(
        f"vacancies/{NUMBER}/edit/<slug:section>/",
        sections.vacancy_section,
        name="vacancy_section",
    ),
    path(
        f"vacancies/{NUMBER}/edit/<slug:section>/autosave/",
        sections.vacancy_autosave,
        name="vacancy_autosave",
    ),
    path(f"vacancies/{NUMBER}/do/<slug:verb>/", vacancies.vacancy_verb, name="vacancy_verb"),
]
specialist: list[URLPattern] = []
