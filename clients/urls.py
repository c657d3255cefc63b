"""What clients see, grouped like views/."""

from django.urls import path

from clients.views.account import account_urls
from clients.views.app import manifest, offline, worker
from clients.views.brand import brand_urls
from clients.views.history import history, progress
from clients.views.letters import letter_urls
from clients.views.measures import activities, measure, measures, question
from clients.views.media import exercise_media
from clients.views.messages import conversation
from clients.views.method import why_release_first
from clients.views.outbox import outbox, outbox_plan
from clients.views.preferences import at_home, settings
from clients.views.program import changes, program, program_days, tight_again
from clients.views.screening import screening, screening_list
from clients.views.sessions import (
    session,
    session_as_planned,
    session_end,
    session_note,
    session_rest,
    session_set,
    session_skip,
    session_start,
    session_step,
    session_stopped,
    session_tightness,
    session_too_hard,
    session_unskip,
    session_wrong,
    without_app,
)
from clients.views.sheets import handout, sheet
from clients.views.telling import diary, health_changed, morning, tenderness
from clients.views.today import blocked, home, today

today_urls = [
    path("", home, name="home"),
    path("today/", today, name="today"),
    path("blocked/", blocked, name="blocked"),
    path("questions/", screening, name="screening"),
    path("questions/<slug:slug>/", screening_list, name="screening_list"),
]

session_urls = [
    path("session/start/<int:number>/", session_start, name="session_start"),
    path("session/without-app/<int:number>/", without_app, name="without_app"),
    path("session/<int:pk>/", session, name="session"),
    path("session/<int:pk>/<int:n>/", session_step, name="session_step"),
    path("session/<int:pk>/rest/", session_rest, name="session_rest"),
    path("session/<int:pk>/<int:n>/note/", session_note, name="session_note"),
    path("session/<int:pk>/<int:n>/too-hard/", session_too_hard, name="session_too_hard"),
    path("session/<int:pk>/<int:n>/as-planned/", session_as_planned, name="session_as_planned"),
    path("session/<int:pk>/<int:n>/skip/", session_skip, name="session_skip"),
    path("session/<int:pk>/<int:n>/tightness/", session_tightness, name="session_tightness"),
    path("session/<int:pk>/<int:n>/unskip/", session_unskip, name="session_unskip"),
    path("session/<int:pk>/<int:n>/wrong/", session_wrong, name="session_wrong"),
    path("session/<int:pk>/wrong/", session_wrong, name="session_wrong_now"),
    path("session/<int:pk>/stopped/<int:event>/", session_stopped, name="session_stopped"),
    path("session/<int:pk>/set/<int:item>/<int:number>/", session_set, name="session_set"),
    path("session/<int:pk>/end/", session_end, name="session_end"),
]

outbox_urls = [
    path("sw.js", worker, name="worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("offline/", offline, name="offline"),
    path("outbox/", outbox, name="outbox"),
    path("outbox/plan/", outbox_plan, name="outbox_plan"),
]

measure_urls = [
    path("measures/", measures, name="measures"),
    path("measures/activities/choose/", activities, name="measure_activities"),
    path("measures/question/", question, name="measure_question"),
    path("measures/<int:pk>/", measure, name="measure"),
]

own_urls = [
    path("program/", program, name="program"),
    path("program/changes/", changes, name="program_changes"),
    path("program/handout/", handout, name="program_handout"),
    path("program/<int:pk>/days/", program_days, name="program_days"),
    path("program/<int:pk>/tight-again/", tight_again, name="tight_again"),
    path("program/sheet/", sheet, name="sheet"),
    path("morning/", morning, name="morning"),
    path("diary/", diary, name="diary"),
    path("tenderness/", tenderness, name="tenderness"),
    path("health-changed/", health_changed, name="health_changed"),
    path("messages/", conversation, name="messages"),
    path("why-release-first/", why_release_first, name="why_release_first"),
    path("progress/", progress, name="progress"),
    path("history/", history, name="history"),
    path("settings/", settings, name="settings"),
    path("at-home/", at_home, name="at_home"),
    path("media/<slug:token>/<str:name>", exercise_media, name="exercise_media"),
]

urlpatterns = [
    *today_urls,
    *session_urls,
    *outbox_urls,
    *measure_urls,
    *own_urls,
    *account_urls,
    *letter_urls,
    *brand_urls,
]
