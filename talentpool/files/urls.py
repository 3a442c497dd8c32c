from django.urls import path

from talentpool.files import views

shared = [path("files/<uuid:key>/", views.download, name="file_download")]
