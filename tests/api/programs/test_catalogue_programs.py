"""Programs and outcome measures of the catalogue, as staff read them."""

from __future__ import annotations

import pytest

from core.tenancy import clinic_context
from programs import examples
from programs.models import Program
from tests.api.caller import Caller
from tests.api.programs.catalogue_read import DRAFT, SIX, WALL_STRETCH, names
from tests.factories.people import World
from tests.factories.programs import PUBLISHED_AT, own_exercise, own_program

# ---- programs -----------------------------------------------------------------------------------


def test_programs_are_listed_with_their_exercises(caller: Caller, world: World) -> None:
    shown = caller.as_(world.rui).get("programs").json()["results"]

    assert [one["name"] for one in shown] == [
        "Early: bed and chair",
        "Getting up and standing",
        "Six leg exercises",
        "Walk further",
    ]
    assert shown[2] == {
        "id": SIX,
        "version": 1,
        "name": "Six leg exercises",
        "weeks": 6,
        "exercises": [
            "Wall stretch",
            "Lying leg crossover",
            "Lying knee twist",
            "Knee hug",
            "Walking with a stick",
            "Leg press",
        ],
        "is_own": False,
        "is_retired": False,
        "review": DRAFT,
    }


@pytest.mark.parametrize(
    ("search", "found"), [("LEG six", ["Six leg exercises"]), ("knee", []), ("", 4)]
)
def test_programs_are_found_by_name(
    caller: Caller, world: World, search: str, found: list[str] | int
) -> None:
    shown = names(caller.as_(world.rui).get("programs", {"search": search}))

    assert (len(shown) if isinstance(found, int) else shown) == found


def test_a_program_gives_each_exercise_its_default_dose(caller: Caller, world: World) -> None:
    shown = caller.as_(world.rui).get(f"programs/{SIX}").json()

    assert (shown["name"], shown["review"], shown["is_retired"]) == (
        "Six leg exercises",
        DRAFT,
        False,
    )
    assert [
        (one["position"], one["name"], one["side"], one["dose_words"], one["schedule_words"])
        for one in shown["items"]
    ] == [
        (1, "Wall stretch", "affected", "1 set of 3, hold 20 seconds", "5 days a week"),
        (2, "Lying leg crossover", "affected", "1 set of 5, hold 10 seconds", "5 days a week"),
        (3, "Lying knee twist", "both", "1 set of 10", "every day"),
        (4, "Knee hug", "affected", "1 set of 5, hold 10 seconds", "every day"),
        (5, "Walking with a stick", "affected", "walk 5 minutes", "2 times a day, every day"),
        (6, "Leg press", "both", "2 sets of 10, with 20 kg", "3 days a week"),
    ]
    assert shown["items"][0]["dose"] == examples.LINE["dose"]
    assert shown["items"][0]["exercise"] == WALL_STRETCH


def test_a_clinics_own_program_is_listed_and_read(caller: Caller, world: World) -> None:
    own = own_program(world.clinic, own_exercise(world.clinic), "pool", name="In the pool")

    listed = caller.as_(world.rui).get("programs", {"search": "pool"}).json()["results"]
    (item,) = caller.as_(world.rui).get(f"programs/{own.pk}").json()["items"]

    assert [(one["id"], one["is_own"], one["exercises"]) for one in listed] == [
        (str(own.pk), True, ["Pool walking"])
    ]
    assert item["dose_words"] == "2 sets of 8 to 12, on each side"
    assert item["schedule"] == {"kind": "times_per_week", "times_per_week": 3}


def test_a_retired_program_is_read_but_no_longer_listed(caller: Caller, world: World) -> None:
    own = own_program(world.clinic, own_exercise(world.clinic), "pool", name="In the pool")
    with clinic_context(world.clinic.pk):
        Program.objects.filter(pk=own.pk).update(retired_at=PUBLISHED_AT)

    listed = names(caller.as_(world.rui).get("programs", {"search": "pool"}))
    read = caller.as_(world.rui).get(f"programs/{own.pk}").json()

    assert (listed, read["is_retired"]) == ([], True)


def test_another_clinics_program_answers_as_an_unknown_one(caller: Caller, world: World) -> None:
    exercise = own_exercise(world.far_clinic)
    theirs = own_program(world.far_clinic, exercise, "fjord", name="In the fjord")

    response = caller.as_(world.rui).get(f"programs/{theirs.pk}")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


# ---- outcome measures ---------------------------------------------------------------------------


def test_only_measures_with_a_range_and_a_source_are_offered(caller: Caller, world: World) -> None:
    shown = caller.as_(world.rui).get("outcome-measures").json()["results"]

    assert [one["slug"] for one in shown] == [
        "gait_speed",
        "six_minute_walk",
        "balance_confidence",
        "berg_balance",
        "fugl_meyer_le",
        "functional_ambulation",
        "modified_ashworth",
        "pain_nrs",
        "timed_up_and_go",
    ]
    assert shown[6]["codes"] == ["0", "1", "1+", "2", "3", "4"]
    assert (shown[6]["range"], shown[6]["is_sided"], shown[6]["needs_aid"]) == (None, True, False)
    assert [one["id"] for one in shown[0]["variants"]] == ["comfortable", "maximum"]
    assert shown[3]["range"] == {"low": 0.0, "high": 56.0, "whole_numbers": True}
    assert {one["review"]["words"] for one in shown} == {DRAFT["words"]}


def test_no_figure_is_offered_without_its_source(caller: Caller, world: World) -> None:
    shown = caller.as_(world.rui).get("outcome-measures").json()["results"]

    figures = {
        one["slug"]: [(each["change"]["value"], each["change"]["kind"]) for each in one["changes"]]
        for one in shown
    }
    sources = [each["change"].get("source") for one in shown for each in one["changes"]]
    assert all(sources)
    assert len(sources) == 29
    # What we know of without a source: 0.13, 34 m, 5 and 2.5 to 4.7 points, 4 points, 28 % and 8 s.
    assert figures["gait_speed"][:3] == [(0.16, "mcid"), (0.18, "mcid"), (0.05, "mcid")]
    assert figures["six_minute_walk"] == [
        (44.0, "mcid"), (71.0, "mcid"), (65.0, "mcid"),
        (54.1, "mdc"), (34.0, "mdc"), (13.0, "mdc"),
    ]  # fmt: skip
    assert [each for each in figures["berg_balance"] if each[1] == "mdc"] == [(6.0, "mdc")]
    assert figures["fugl_meyer_le"] == [(6.0, "mcid")]
    assert figures["timed_up_and_go"] == [(23.0, "mdc"), (2.9, "mdc")]


def test_a_figure_that_reads_no_change_says_so(caller: Caller, world: World) -> None:
    shown = caller.as_(world.rui).get("outcome-measures").json()["results"]

    told_only = {
        (one["slug"], each["change"]["value"]): each["change"]["group"]
        for one in shown
        for each in one["changes"]
        if each["change"].get("shown_only")
    }
    assert set(told_only) == {("six_minute_walk", 71.0), ("six_minute_walk", 65.0)}
    assert all("not reliable from 0.40 m/s" in group for group in told_only.values())


def test_a_figure_that_was_not_seen_in_its_source_says_so(caller: Caller, world: World) -> None:
    shown = caller.as_(world.rui).get("outcome-measures").json()["results"]

    timed = next(one for one in shown if one["slug"] == "timed_up_and_go")
    assert timed["changes"][0] == {
        "change": {
            "kind": "mdc",
            "value": 23.0,
            "seen": "reported",
            "in_percent": True,
            "group": "chronic",
            "source": "Flansbjer 2005, J Rehabil Med 37:75",
        },
        "seen_words": "reported, not seen",
    }
