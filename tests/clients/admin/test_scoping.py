"""A therapist meets their own clients and nobody else's, in whatever way they ask (reliability.md A2, A3, M12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django import forms
from django.contrib import admin
from django.http import Http404
from django.test import Client as Web
from django.test import RequestFactory
from django.urls import reverse

from clients.admin.people import CareTeamAdmin
from clients.admin.scoping import HistoryAdmin, ScopedAdmin, visible_rows
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import CareTeam, Client, OwnExercise, TrainingSession, User
from clients.recording import stop
from clients.screening import Place
from routines.models import BodyArea, Exercise

OF_PEOPLE = {
    model: model_admin
    for model, model_admin in admin.site._registry.items()
    if isinstance(model_admin, ScopedAdmin)
}
LISTS = [f"admin:clients_{model._meta.model_name}_changelist" for model in OF_PEOPLE]


def fill(client: Client, therapist: User, word: str) -> None:
    """Rows in every table of the record, with the word wherever somebody types."""
    builders.tag(client, "osteoporosis")
    builders.assign(client, by=therapist, note=f"{word} note")
    builders.agree(client, "smr_buttock_ball_wall", "osteoporosis")
    builders.screen(client, yes=["varicose"], places={"varicose": Place(BodyArea.objects.get(slug="calf"))})
    builders.talk(client, note=f"{word} contact")
    session = builders.train(client, now=NOW)
    stop(session, session.items.first(), choice="dizzy_chest", key=builders.new_key(), now=NOW)


@pytest.fixture
def both(ana: Client, carla: Client, adam: User, berta: User) -> None:
    fill(ana, adam, "Quiet")
    fill(carla, berta, "CANARY")


def filters_of(html: str) -> list[str]:
    """Every link of a list that only changes its query."""
    return [part.split('"')[0].replace("&amp;", "&") for part in html.split('href="?')[1:]]


@pytest.mark.parametrize("name", LISTS)
@time_machine.travel(NOW)
def test_list_with_all_its_filters_shows_own_clients_only(
    web_as: Callable[..., Web], adam: User, both: None, name: str
) -> None:
    web = web_as(adam)
    answer = web.get(reverse(name))
    pages = [answer, *(web.get(f"{reverse(name)}?{query}") for query in filters_of(answer.content.decode()))]
    pages.append(web.get(reverse(name), {"q": "canary"}))

    assert {page.status_code for page in pages} == {200}
    assert [page for page in pages if "CANARY" in page.content.decode()] == []


@time_machine.travel(NOW)
def test_owner_sees_what_a_therapist_does_not(web_as: Callable[..., Web], owner: User, both: None) -> None:
    """The test above would see a leak: for the owner the canary is there."""
    page = web_as(owner).get(reverse("admin:clients_client_changelist"))

    assert "CANARY" in page.content.decode()


@pytest.mark.parametrize("model", OF_PEOPLE, ids=lambda model: model.__name__)
@time_machine.travel(NOW)
def test_foreign_row_does_not_exist(
    web_as: Callable[..., Web], adam: User, carla: Client, both: None, model: Any
) -> None:
    path = OF_PEOPLE[model].client_field or "pk"
    row = model.objects.filter(**{path: carla.pk}).first()
    assert row is not None
    name = f"admin:clients_{model._meta.model_name}"
    web = web_as(adam)
    answers = [
        web.get(reverse(f"{name}_{page}", args=[row.pk]), follow=True)
        for page in ("change", "history", "delete")
    ]

    assert [answer for answer in answers if "CANARY" in answer.content.decode()] == []


def test_everything_about_people_is_scoped() -> None:
    loose = [
        model.__name__
        for model, model_admin in admin.site._registry.items()
        if model._meta.app_label == "clients"
        and not isinstance(model_admin, ScopedAdmin)
        and model.__name__ != "Practice"
    ]

    assert loose == []


@pytest.mark.parametrize("model", OF_PEOPLE, ids=lambda model: model.__name__)
def test_records_stay_and_lists_are_not_forms(model: Any, adam: User) -> None:
    request = RequestFactory().get("/")
    request.user = adam
    model_admin = OF_PEOPLE[model]

    assert model_admin.has_delete_permission(request) is False
    assert list(model_admin.list_editable) == []
    assert model_admin.actions is None
    if isinstance(model_admin, HistoryAdmin):
        assert model_admin.has_add_permission(request) is False
        assert model_admin.has_change_permission(request) is False


@pytest.mark.parametrize(
    "query",
    [
        "user__password__startswith=a",
        "notes__contains=CANARY",
        "care_team__therapist__email__startswith=b",
        "complaint__startswith=D",
    ],
)
def test_list_answers_no_filter_that_it_does_not_offer(
    web_as: Callable[..., Web], adam: User, ana: Client, query: str
) -> None:
    answer = web_as(adam).get(f"{reverse('admin:clients_client_changelist')}?{query}")

    assert answer.status_code == 400
    assert "Ana Silva" not in answer.content.decode()


@pytest.mark.parametrize(
    "question",
    [
        "delivery/?client__notes__icontains=note",
        "delivery/?client__complaint__istartswith=d",
        "delivery/?client__user__password__startswith=a",
        "delivery/?status__regex=(",
        "delivery/?client__id__regex=(",
        "trainingsession/?client__care_team__therapist__password__startswith=md5",
        "trainingsession/?local_date__year=2026",
    ],
)
def test_filter_that_is_offered_opens_no_way_further(
    web_as: Callable[..., Web], owner: User, ana: Client, question: str
) -> None:
    answer = web_as(owner).get(f"{reverse('admin:index')}clients/{question}")

    assert answer.status_code == 400


# ---- Forms and forged posts -----------------------------------------------------------------------------------------


COVER = "admin:clients_careteam_cover"


def given(client: Client, therapist: User, **fields: Any) -> dict[str, Any]:
    return {
        "which": "some",
        "clients": [client.pk],
        "therapist": therapist.pk,
        "first_day": "2026-03-11",
        "last_day": "2026-03-18",
        "reason": "Holidays.",
        "key": str(uuid4()),
        **fields,
    }


def row(client: Client, therapist: User) -> dict[str, Any]:
    """A cover as a form of Django's own asks for it."""
    return {
        "client": client.pk,
        "therapist": therapist.pk,
        "capacity": "cover",
        "since": "2026-03-11T08:00",
        "until": "2026-03-18T08:00",
    }


@time_machine.travel(NOW)
def test_form_offers_own_clients_only(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client
) -> None:
    page = web_as(adam).get(reverse(COVER)).content.decode()

    assert "Ana Silva" in page
    assert "CANARY" not in page


@time_machine.travel(NOW)
def test_cover_for_an_own_client_is_arranged(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client
) -> None:
    answer = web_as(adam).post(reverse(COVER), given(ana, berta))

    assert answer.status_code == 302
    cover = CareTeam.objects.get(client=ana, therapist=berta)
    assert cover.capacity == CareTeam.Capacity.COVER
    assert list(Client.objects.visible_to(berta, at=NOW + timedelta(days=2))) == [ana]


@time_machine.travel(NOW)
def test_nobody_covers_for_themselves(
    web_as: Callable[..., Web], adam: User, owner: User, ana: Client
) -> None:
    of_adam = {adam: reverse(COVER), owner: f"{reverse(COVER)}?of={adam.pk}"}

    answers = [web_as(user).post(url, given(ana, adam)) for user, url in of_adam.items()]
    everybody = web_as(owner).post(reverse(COVER), given(ana, adam))

    assert [list(answer.context["form"].errors) for answer in answers] == [["therapist"]] * 2
    assert everybody.status_code == 422
    assert not CareTeam.objects.filter(capacity=CareTeam.Capacity.COVER).exists()


@time_machine.travel(NOW)
def test_cover_prolongs_nothing_and_lets_nobody_in(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client
) -> None:
    until = NOW + timedelta(days=2)
    held = CareTeam.objects.create(
        client=ana, therapist=berta, capacity="cover", since=NOW - timedelta(days=1), until=until
    )
    third = builders.make_therapist(name="Carl")
    covers = web_as(berta)

    longer, other = [covers.post(reverse(COVER), given(ana, user)) for user in (berta, third)]

    held.refresh_from_db()
    assert (longer.status_code, other.status_code, held.until) == (422, 422, until)
    assert not CareTeam.objects.filter(therapist=third).exists()
    assert web_as(adam).post(reverse(COVER), given(ana, berta)).status_code == 302


@time_machine.travel(NOW)
def test_no_cover_is_given_or_changed_beside_its_pages(
    web_as: Callable[..., Web], adam: User, owner: User, berta: User, ana: Client
) -> None:
    """A row that is written by hand is joined with no other, and a cover that has begun could begin anew."""
    since, until = NOW - timedelta(days=1), NOW + timedelta(days=2)
    held = CareTeam.objects.create(client=ana, therapist=berta, capacity="cover", since=since, until=until)
    before = CareTeam.objects.count()
    add, change = (
        reverse("admin:clients_careteam_add"),
        reverse("admin:clients_careteam_change", args=[held.pk]),
    )

    for web in (web_as(adam), web_as(owner)):
        posts = [web.post(url, {**row(ana, berta), "reason": "By hand."}) for url in (add, change)]
        listed = web.get(reverse("admin:clients_careteam_changelist"))

        assert [web.get(add).status_code, *(each.status_code for each in posts)] == [403] * 3
        assert web.get(change).status_code == 200  # to read
        assert "Berta" in listed.text
        assert f'href="{add}' not in listed.text
    held.refresh_from_db()
    assert (held.since, held.until, CareTeam.objects.count()) == (since, until, before)


@pytest.mark.parametrize(
    ("field", "day"),
    [
        ("first_day", "0001-01-01"),
        ("first_day", "1999-12-31"),
        ("last_day", "9999-12-31"),
        ("last_day", "2028-06-01"),
    ],
)
@time_machine.travel(NOW)
def test_cover_beyond_reach_is_refused_beside_its_field(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, field: str, day: str
) -> None:
    answer = web_as(adam).post(reverse(COVER), given(ana, berta, **{field: day}))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not CareTeam.objects.filter(therapist=berta).exists()


@time_machine.travel(NOW)
def test_forged_post_with_a_foreign_client_creates_nothing(
    web_as: Callable[..., Web], adam: User, berta: User, carla: Client
) -> None:
    third = builders.make_therapist(name="Carl")
    before = CareTeam.objects.count()

    answer = web_as(adam).post(reverse(COVER), given(carla, third))

    assert answer.status_code == 422  # the form again, the choice refused
    assert list(answer.context["form"].errors) == ["clients"]
    assert CareTeam.objects.count() == before


class RowForm(forms.ModelForm):
    since = forms.DateTimeField()
    until = forms.DateTimeField()

    class Meta:
        model = CareTeam
        fields = ["client", "therapist", "capacity", "since", "until"]


class HalfScopedAdmin(admin.ModelAdmin):
    """What a ModelAdmin with a restricted queryset alone would do: the control for the tests above."""

    form = RowForm
    list_filter = ["client"]

    def get_queryset(self, request: Any) -> Any:
        return CareTeam.objects.filter(client__in=Client.objects.visible_to(request.user))


@pytest.mark.urls("tests.clients.admin.half_scoped_urls")
@time_machine.travel(NOW)
def test_queryset_alone_would_leak_and_accept_a_forged_post(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client
) -> None:
    web = web_as(adam)

    add = web.get("/half/clients/careteam/add/").content.decode()
    changes = web.get("/half/clients/careteam/").content.decode()
    forged = web.post("/half/clients/careteam/add/", row(carla, adam))

    assert "Carla CANARY" in add
    assert "Carla CANARY" in changes
    assert forged.status_code == 302
    assert CareTeam.objects.filter(client=carla, therapist=adam).exists()


@time_machine.travel(NOW)
def test_result_of_a_write_is_looked_at_again(adam: User, ana: Client, carla: Client) -> None:
    """Even a form that let a foreign client through would not be saved."""
    request = RequestFactory().post("/")
    request.user = adam
    care = CareTeam(client=carla, therapist=adam, capacity="cover", since=NOW, until=NOW + timedelta(days=1))
    care.since = NOW + timedelta(hours=1)  # not in force yet: the row itself gives no access

    with pytest.raises(Http404):
        CareTeamAdmin(CareTeam, admin.site).save_model(request, care, RowForm(), change=False)


@time_machine.travel(NOW)
def test_cover_that_has_ended_sees_nothing(web_as: Callable[..., Web], berta: User, ana: Client) -> None:
    CareTeam.objects.create(
        client=ana,
        therapist=berta,
        capacity="cover",
        since=NOW - timedelta(days=9),
        until=NOW - timedelta(days=2),
    )

    assert web_as(berta).get(reverse("admin:client", args=[ana.pk])).status_code == 404


def test_own_responsible_row_cannot_be_changed(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    row = CareTeam.objects.get(client=ana)

    answer = web_as(adam).post(
        reverse("admin:clients_careteam_change", args=[row.pk]), {"until": "2020-01-02T00:00"}
    )

    assert answer.status_code == 403
    row.refresh_from_db()
    assert row.until is None


# ---- What is visible at all -----------------------------------------------------------------------------------------


def test_visible_rows_of_a_table_that_says_nothing_are_none(adam: User) -> None:
    request = RequestFactory().get("/")
    request.user = adam

    rows = visible_rows(OwnExercise, request)

    assert rows is not None
    assert list(rows) == []


def test_visible_rows_of_the_catalogue_are_not_limited(adam: User) -> None:
    request = RequestFactory().get("/")
    request.user = adam

    assert visible_rows(BodyArea, request) is None


def test_exercises_to_choose_leave_out_those_of_others(adam: User, berta: User) -> None:
    exercise = Exercise.objects.get(slug="clam")
    OwnExercise.objects.create(exercise=exercise, therapist=berta)
    request = RequestFactory().get("/")

    request.user = adam
    assert exercise not in (visible_rows(Exercise, request) or [])
    request.user = berta
    assert exercise in (visible_rows(Exercise, request) or [])


# ---- Roles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
@time_machine.travel(NOW)
def test_office_opens_names_and_letters_only(
    web_as: Callable[..., Web], office: User, both: None, name: str
) -> None:
    answer = web_as(office).get(reverse(name))

    expected = (
        200 if name in ("admin:clients_client_changelist", "admin:clients_delivery_changelist") else 403
    )
    assert answer.status_code == expected


@time_machine.travel(NOW)
def test_office_sees_no_health_on_the_list_and_the_page(
    web_as: Callable[..., Web], office: User, carla: Client
) -> None:
    web = web_as(office)
    client_list = web.get(reverse("admin:clients_client_changelist")).content.decode()
    page = web.get(reverse("admin:client", args=[carla.pk])).content.decode()
    found = web.get(reverse("admin:clients_client_changelist"), {"q": "complaint"}).content.decode()

    assert "Carla CANARY" in client_list
    assert "CANARY complaint" not in client_list + page + found
    assert "CANARY notes" not in page
    assert "Carla CANARY" not in found


@pytest.mark.parametrize(
    "name",
    [
        "client_assign",
        "client_conditions",
        "clients_client_change",
        "client_notes",
        "client_contact",
        "client_care",
    ],
)
def test_office_writes_nothing_about_care(
    web_as: Callable[..., Web], office: User, carla: Client, name: str
) -> None:
    answer = web_as(office).post(reverse(f"admin:{name}", args=[carla.pk]), {"contact-note": "x"})

    assert answer.status_code == 403


def test_session_of_another_is_not_found_by_its_number(
    web_as: Callable[..., Web], adam: User, carla: Client
) -> None:
    session = builders.bulk_sessions(carla, 1)[0]

    answer = web_as(adam).get(reverse("admin:clients_trainingsession_change", args=[session.pk]))

    assert answer.status_code == 302  # Django's "does not exist", as for any other number
    assert TrainingSession.objects.filter(pk=session.pk).exists()
