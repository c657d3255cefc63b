from django.contrib.admin import apps


class WorkplaceConfig(apps.AdminConfig):
    default_site = "trainandmassage.admin_site.Workplace"

    def ready(self) -> None:
        super().ready()
        from trainandmassage import checks  # noqa: F401, PLC0415 -- registers our system checks once the apps are ready
