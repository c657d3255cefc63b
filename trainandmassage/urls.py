from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, re_path

from clients.views.account import keeps_secrets
from trainandmassage.views import health

# allauth's pages, those that we want: no sign-up, no page for several addresses, no code by mail. It finds them by name.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        keeps_secrets(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
]

urlpatterns = [
    path("workplace/", admin.site.urls),
    path("accounts/", include(accounts)),
    path("health/", health, name="health"),
    path("", include("routines.urls")),
    path("", include("clients.urls")),
]

handler400 = "trainandmassage.views.bad_request"
handler403 = "trainandmassage.views.forbidden"
handler404 = "trainandmassage.views.not_found"
handler500 = "trainandmassage.views.server_error"
