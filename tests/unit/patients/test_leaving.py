"""A therapist leaves: every shape that a care team can have, against a plain account of it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

import pytest

from clinics.models import Membership
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions.leaving import deactivate_member, end_role
from patients.models import CareTeamMembership, Patient, PatientChange
from tests.factories import people
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
STAFF = ("rui", "marta", "nuno", "gone")
# Each team, the lead first: every order of up to three of the four that matters.
TEAMS = [
    team
    for size in (1, 2, 3)
    for team in itertools.permutations(STAFF, size)
    if team[0] in {"rui", "marta"} and "rui" in team
]
COVERS = [None, "marta", "nuno"]


def expected(team: Sequence[str], cover: str | None) -> tuple[set[str], str | None]:
    """Say who is on a team, and who leads it, once Rui has left: in words, not in SQL."""
    left = [one for one in team if one != "rui"]
    if cover and cover not in left:
        left.append(cover)
    if team[0] != "rui":
        return set(left), team[0]
    if cover:
        return set(left), cover
    working = [one for one in left if one != "gone"]
    return set(left), working[0] if working else None


@pytest.fixture
def staff(world: World) -> dict[str, Membership]:
    """Rui and Marta, Nuno, and one whose login has ended."""
    made = {
        "rui": world.rui,
        "marta": world.marta,
        "nuno": people.therapist(world.clinic, "Nuno Reis"),
        "gone": people.therapist(world.clinic, "Gil Gone"),
    }
    made["gone"].user.is_active = False
    made["gone"].user.save()
    return made


def team_of(patient: Patient, staff: dict[str, Membership]) -> tuple[set[str], str | None]:
    names = {one.pk: name for name, one in staff.items()}
    with clinic_context(patient.clinic_id):
        places = list(CareTeamMembership.objects.filter(patient=patient))
    leads = [names[one.membership_id] for one in places if one.is_lead]
    assert len(leads) <= 1
    return {names[one.membership_id] for one in places}, leads[0] if leads else None


@pytest.mark.parametrize("cover", COVERS)
def test_every_team_is_left_as_it_should_be(world, staff, cover):
    patients = {
        team: people.patient(
            world.clinic, "-".join(team), care_team=[staff[name] for name in team], email=None
        )
        for team in TEAMS
    }
    apart = people.patient(world.clinic, "Not Rui's", care_team=[staff["nuno"]], email=None)
    heir = staff[cover].pk if cover else None

    with clinic_context(world.clinic.pk):
        left = deactivate_member(
            user_id=world.rui.user_id, cover=heir, by=people.acting(world.admin), now=NOW
        )

    found = {team: team_of(patient, staff) for team, patient in patients.items()}
    assert found == {team: expected(team, cover) for team in TEAMS}
    assert team_of(apart, staff) == ({"nuno"}, "nuno")
    unassigned = [team for team in [*TEAMS, ("rui",)] if not expected(team, cover)[0] - {"gone"}]
    assert (left.care_teams, left.unassigned) == (len(TEAMS) + 1, len(unassigned))


def test_the_teams_that_are_tried_are_all_there_are():
    assert len(TEAMS) == 1 + 3 + 1 + 6 + 4
    assert expected(("rui",), None) == (set(), None)
    assert expected(("rui", "gone"), None) == ({"gone"}, None)
    assert expected(("rui", "gone", "nuno"), None) == ({"gone", "nuno"}, "nuno")
    assert expected(("marta", "rui"), "nuno") == ({"marta", "nuno"}, "marta")


def test_the_audit_says_who_left_and_who_joined_which_patient(world, staff):
    bo = people.patient(world.clinic, "Bo Lund", care_team=[world.rui, world.marta], email=None)

    with clinic_context(world.clinic.pk):
        deactivate_member(
            user_id=world.rui.user_id, cover=world.marta.pk, by=people.acting(world.admin), now=NOW
        )
        kept = set(
            AuditEvent.objects.exclude(action="membership_ended").values_list(
                "action", "patient_id", "target_id", "actor_id", "at"
            )
        )

    helena = world.admin.user_id
    assert kept == {
        ("care_team_left", world.ana.pk, world.rui.pk, helena, NOW),
        ("care_team_left", bo.pk, world.rui.pk, helena, NOW),
        ("care_team_joined", world.ana.pk, world.marta.pk, helena, NOW),
    }


@pytest.mark.parametrize("cover", [None, "marta"])
def test_the_phones_of_those_who_were_treated_fetch_the_record_again(world, staff, cover):
    bo = people.patient(world.clinic, "Bo Lund", care_team=[world.marta, world.rui])
    apart = people.patient(world.clinic, "Not Rui's", care_team=[world.marta])
    heir = staff[cover].pk if cover else None

    with clinic_context(world.clinic.pk):
        deactivate_member(
            user_id=world.rui.user_id, cover=heir, by=people.acting(world.admin), now=NOW
        )
        told = PatientChange.objects.values_list("patient", "seq", "kind", "target_id")
        numbers = dict(Patient.objects.values_list("pk", "change_seq"))

        assert set(told) == {
            (world.ana.pk, 1, "record", world.ana.pk), (bo.pk, 1, "record", bo.pk),
        }  # fmt: skip
    assert numbers == {world.ana.pk: 1, bo.pk: 1, apart.pk: 0}


def test_every_membership_of_the_one_who_leaves_ends_at_that_moment(world):
    people.membership(world.clinic, "admin", user=world.rui.user)
    old = people.membership(world.clinic, "admin", user=people.user("Someone Else"))

    with clinic_context(world.clinic.pk):
        deactivate_member(
            user_id=world.rui.user_id, cover=None, by=people.acting(world.admin), now=NOW
        )
        ended = Membership.objects.filter(deactivated_at=NOW)

        assert set(ended.values_list("user_id", "role")) == {
            (world.rui.user_id, "admin"), (world.rui.user_id, "therapist"),
        }  # fmt: skip
        assert Membership.objects.get(pk=old.pk).deactivated_at is None


def test_ending_the_administrator_s_role_leaves_the_care_teams(world):
    people.membership(world.clinic, "admin", user=world.rui.user)

    with clinic_context(world.clinic.pk):
        left = end_role(
            user_id=world.rui.user_id, role="admin", cover=None,
            by=people.acting(world.admin), now=NOW,
        )  # fmt: skip

    assert (left.care_teams, left.unassigned) == (0, 0)
    assert team_of(world.ana, {"rui": world.rui}) == ({"rui"}, "rui")
