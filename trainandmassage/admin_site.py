"""The therapist's workplace: Django's admin with our own site."""

from django.contrib import admin


class Workplace(admin.AdminSite):
    pass
