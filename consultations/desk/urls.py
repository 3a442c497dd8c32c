"""URL lists by area; talentpool.urls mounts them."""

from django.urls import URLPattern

public: list[URLPattern] = []
town: list[URLPattern] = []
specialist: list[URLPattern] = []
