"""A workplace as a restricted queryset alone would make it: the control of test_scoping."""

from django.contrib import admin
from django.urls import include, path

from clients.models import CareTeam
from tests.clients.admin.test_scoping import HalfScopedAdmin
from trainandmassage.urls import urlpatterns as ours

half = admin.AdminSite(name="half")
half.register(CareTeam, HalfScopedAdmin)

urlpatterns = [path("half/", half.urls), path("", include(ours))]
