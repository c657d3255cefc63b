from django.urls import path

from routines.views import figure

urlpatterns = [path("figures/<slug:version>/<slug:name>/<str:file>", figure, name="figure")]
