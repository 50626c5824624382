from __future__ import annotations

from tests.api.caller import Caller
from tests.api.patients.stored import events, record_of
from tests.factories import people
from tests.factories.people import World


def test_a_login_is_linked_by_its_address(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui], email=None)
    login = people.user("Bruno Lopes", "bruno@example.org")

    response = caller.as_(world.rui).put(
        f"patients/{bruno.pk}/login", {"email": "BRUNO@example.org"}
    )

    assert response.status_code == 200
    assert response.json()["has_login"] is True
    assert record_of(bruno)["user_id"] == login.pk
    again = caller.as_(world.rui).put(f"patients/{bruno.pk}/login", {"email": "bruno@example.org"})
    assert again.status_code == 200
    assert len(events(world, "login_linked")) == 1
    assert record_of(bruno)["change_seq"] == 1


def test_an_ended_login_answers_like_an_unknown_one(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui], email=None)
    gone = people.user("Gone", "gone@example.org")
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    me = caller.as_(world.rui)

    ended = me.put(f"patients/{bruno.pk}/login", {"email": "gone@example.org"})
    unknown = me.put(f"patients/{bruno.pk}/login", {"email": "nobody@example.org"})

    assert ended.status_code == unknown.status_code == 400
    assert ended.json()["errors"] == unknown.json()["errors"]
    assert ended.json()["errors"][0]["code"] == "unknown_user"
    assert record_of(bruno)["user_id"] is None


def test_a_login_has_one_record_in_a_clinic(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui], email=None)
    assert world.ana.user

    response = caller.as_(world.rui).put(
        f"patients/{bruno.pk}/login", {"email": world.ana.user.email}
    )

    assert (response.status_code, response.json()["code"]) == (409, "login_has_record")
    assert record_of(bruno)["user_id"] is None


def test_a_linked_record_is_not_handed_to_someone_else(caller: Caller, world: World) -> None:
    people.user("Eva", "eva@example.org")

    response = caller.as_(world.rui).put(
        f"patients/{world.ana.pk}/login", {"email": "eva@example.org"}
    )

    assert (response.status_code, response.json()["code"]) == (409, "patient_has_login")
    assert record_of(world.ana)["user_id"] == world.ana.user_id


def test_a_carer_does_not_become_the_patient(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui], email=None)
    people.carer(bruno, email="eva@example.org")

    response = caller.as_(world.rui).put(f"patients/{bruno.pk}/login", {"email": "eva@example.org"})

    assert (response.status_code, response.json()["code"]) == (409, "login_is_carer")


def test_a_login_taken_away_ends_with_the_next_request(caller: Caller, world: World) -> None:
    ana = caller.as_(world.ana)
    assert len(ana.get("auth/whoami").json()["records"]) == 1

    first = caller.as_(world.rui).delete(f"patients/{world.ana.pk}/login")
    second = caller.as_(world.rui).delete(f"patients/{world.ana.pk}/login")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["has_login"] is False
    assert ana.get("auth/whoami").json()["records"] == []
    assert len(events(world, "login_unlinked")) == 1
