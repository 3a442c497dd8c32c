"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern, path

from consultations.knowledge import views

public: list[URLPattern] = []
town: list[URLPattern] = [
    path("knowledge/", views.articles, name="articles"),
    path("knowledge/<int:pk>/", views.article, name="article"),
    path("knowledge/<int:pk>/review/", views.review, name="article_review"),
    path("knowledge/<int:pk>/approve/", views.approve, name="article_approve"),
    path("knowledge/<int:pk>/refuse/", views.refuse, name="article_refuse"),
    path("knowledge/<int:pk>/withdraw/", views.withdraw, name="article_withdraw"),
]
specialist: list[URLPattern] = []
