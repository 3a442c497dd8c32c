from django.urls import path

from municipalities.registry import views

public = [
    path("invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
]
town = [path("", views.town_home, name="home")]
