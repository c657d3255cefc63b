from django.contrib import admin
from django.urls import path

urlpatterns = [path("workplace/", admin.site.urls)]
