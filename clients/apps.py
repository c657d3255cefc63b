from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClientsConfig(AppConfig):
    name = "clients"
    verbose_name = _("People")

    def ready(self) -> None:
        from clients import accounts  # noqa: F401, PLC0415 -- listens to allauth, which must be loaded by then
