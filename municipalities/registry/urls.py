from django.urls import path

from municipalities.registry import views

town = [path("", views.town_home, name="home")]
