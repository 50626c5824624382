"""Who needs the care team first: every need by itself, every pair of neighbours, a total order."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.pagination import BadCursor, paginate_sorted
from sessions.needs import NEEDS, QUIET_DAYS, Situation, needs_of, place_of

NOON = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
EARLIER = NOON - dt.timedelta(hours=1)
CALM = Situation(
    patient_id=UUID(int=1), name="Ana", is_prescribed=True, has_logged=True, has_begun=True,
    quiet_days=0, band="on_track",
)  # fmt: skip
ALONE = {
    "emergency": replace(CALM, worst_alert="emergency", alert_since=NOON),
    "critical": replace(CALM, worst_alert="critical", alert_since=NOON),
    "high": replace(CALM, worst_alert="high", alert_since=NOON),
    "medium": replace(CALM, worst_alert="medium", alert_since=NOON),
    "held_waiting": replace(CALM, held=1, held_since=NOON),
    "pause_request": replace(CALM, asked_for_pause=1, asked_since=NOON),
    "safety_hold": replace(CALM, is_on_hold=True, is_paused=True),
    "off_track": replace(CALM, band="off_track"),
    "slipping": replace(CALM, band="slipping"),
    "no_contact": replace(CALM, quiet_days=QUIET_DAYS),
    "never_started": replace(CALM, has_logged=False),
    "nothing_prescribed": replace(CALM, is_prescribed=False),
    "draft": replace(CALM, drafts=1),
    "suggestion": replace(
        CALM, worst_alert="suggestion", alert_since=NOON, suggestions=1
    ),
}  # fmt: skip


def first(*pair: Situation) -> Situation:
    return min(pair, key=place_of)


def test_every_need_has_its_sample():
    assert tuple(ALONE) == NEEDS


@pytest.mark.parametrize("need", NEEDS)
def test_a_need_by_itself(need):
    assert needs_of(ALONE[need]) == (need,)


def test_a_patient_who_is_well_and_on_track_needs_nothing():
    assert needs_of(CALM) == ()


@pytest.mark.parametrize(("more", "less"), list(itertools.pairwise([*NEEDS, None])))
def test_the_order_of_neighbours(more, less):
    """Whatever their names: the pressing one is called Zoe, the other Ada."""
    pressing = replace(ALONE[more], name="Zoe", patient_id=UUID(int=9))
    other = replace(ALONE[less] if less else CALM, name="Ada", patient_id=UUID(int=2))

    assert first(pressing, other) is pressing
    assert first(other, pressing) is pressing


@pytest.mark.parametrize(("more", "less"), list(itertools.pairwise(NEEDS[:-1])))
def test_of_two_needs_the_more_pressing_decides(more, less):
    """But for silence: one who never started is not also told to be silent."""
    differing = {
        name: getattr(ALONE[more], name)
        for name in Situation.__dataclass_fields__
        if getattr(ALONE[more], name) != getattr(CALM, name)
    }
    both = replace(ALONE[less], **differing)
    if more == "no_contact":
        assert needs_of(both) == ("never_started",)
        return

    assert place_of(both)[0] == NEEDS.index(more)
    assert needs_of(both)[0] == more


@pytest.mark.parametrize(
    "need",
    ["emergency", "critical", "high", "medium", "held_waiting", "pause_request", "suggestion"],
)
def test_among_equals_who_has_waited_longest_comes_first(need):
    fields = {"held_waiting": "held_since", "pause_request": "asked_since"}
    field = fields.get(need, "alert_since")
    longer = replace(ALONE[need], **{field: EARLIER}, name="Zoe")
    shorter = replace(ALONE[need], name="Ada")

    assert first(shorter, longer) is longer


def test_how_long_is_measured_in_instants_not_in_wall_clocks():
    lisbon = replace(ALONE["high"], name="Zoe", alert_since=EARLIER)
    tokyo = replace(
        ALONE["high"],
        alert_since=NOON.astimezone(dt.timezone(dt.timedelta(hours=-9))),
    )

    assert first(tokyo, lisbon) is lisbon


def test_an_alert_s_age_says_nothing_about_a_draft():
    older = replace(ALONE["off_track"], name="Zoe", worst_alert="suggestion", suggestions=1,
                    alert_since=EARLIER)  # fmt: skip
    younger = replace(ALONE["off_track"], name="Ada")

    assert first(older, younger) is younger


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada", "Bea"), ("ada", "Bea"), ("Ána", "Anb"), ("Álvaro", "Zoe"), ("Ana", "Ana Maria")],
)
def test_then_by_name_whatever_its_case_and_accents(one, other):
    ahead = replace(ALONE["draft"], name=one, patient_id=UUID(int=9))
    behind = replace(ALONE["draft"], name=other, patient_id=UUID(int=1))

    assert first(behind, ahead) is ahead


def test_then_by_id():
    twin = replace(CALM, patient_id=UUID(int=2))

    assert first(twin, CALM) is CALM
    assert place_of(twin) != place_of(CALM)


@pytest.mark.parametrize("days", [None, 0, QUIET_DAYS - 1, QUIET_DAYS, QUIET_DAYS + 1])
def test_a_week_without_a_session_is_noticed(days):
    expected = ("no_contact",) if days is not None and days >= QUIET_DAYS else ()

    assert needs_of(replace(CALM, quiet_days=days)) == expected


@pytest.mark.parametrize(
    ("band", "expected"),
    [("on_track", ()), ("slipping", ("slipping",)), ("off_track", ("off_track",)), (None, ())],
)
def test_bands(band, expected):
    assert needs_of(replace(CALM, band=band)) == expected


def test_who_never_started_is_not_told_twice():
    assert needs_of(replace(CALM, has_logged=False, quiet_days=30)) == ("never_started",)
    assert needs_of(replace(CALM, has_logged=False, has_begun=False)) == ()


@pytest.mark.parametrize("need", ["off_track", "slipping", "no_contact", "never_started",
                                  "nothing_prescribed"])  # fmt: skip
def test_a_pause_explains_silence_and_low_figures(need):
    assert needs_of(replace(ALONE[need], is_paused=True)) == ()


@pytest.mark.parametrize("need", ["emergency", "critical", "high", "medium", "held_waiting",
                                  "draft", "suggestion"])  # fmt: skip
def test_a_pause_hides_nothing_that_waits(need):
    assert needs_of(replace(ALONE[need], is_paused=True)) == (need,)


@pytest.mark.parametrize("need", NEEDS)
def test_of_a_discharged_patient_only_what_is_unsafe_or_waits(need):
    kept = need in ("emergency", "critical", "high", "medium", "held_waiting")

    assert needs_of(replace(ALONE[need], is_discharged=True)) == ((need,) if kept else ())


# ---- the order as a whole -----------------------------------------------------------------------

quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
instants = st.none() | st.datetimes(
    dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 31), timezones=st.just(dt.UTC)
)
situations = st.builds(
    Situation,
    patient_id=st.integers(0, 5).map(lambda number: UUID(int=number)),
    name=st.sampled_from(["Ana", "ana", "Ána", "Bea", "Zoe"]),
    is_discharged=st.booleans(),
    worst_alert=st.sampled_from([None, "emergency", "high", "medium", "suggestion"]),
    alert_since=instants,
    suggestions=st.integers(0, 2),
    held=st.integers(0, 2),
    held_since=instants,
    asked_for_pause=st.integers(0, 1),
    asked_since=instants,
    is_on_hold=st.booleans(),
    is_paused=st.booleans(),
    band=st.sampled_from([None, "on_track", "slipping", "off_track"]),
    quiet_days=st.none() | st.integers(0, 30),
    has_logged=st.booleans(),
    has_begun=st.booleans(),
    is_prescribed=st.booleans(),
    drafts=st.integers(0, 2),
)
caseloads = st.lists(situations, max_size=25, unique_by=lambda one: one.patient_id)


@quickly
@given(st.lists(situations, min_size=3, max_size=3))
def test_places_are_a_total_order(three):
    one, two, three_ = sorted(three, key=place_of)

    assert place_of(one) <= place_of(two) <= place_of(three_)
    assert place_of(one) <= place_of(three_)
    assert all(
        place_of(left) != place_of(right)
        for left, right in itertools.combinations(three, 2)
        if left.patient_id != right.patient_id
    )


@quickly
@given(situations)
def test_needs_come_in_their_order_without_repeats(one):
    ranks = [NEEDS.index(need) for need in needs_of(one)]

    assert ranks == sorted(set(ranks))


def pages(caseload: list[Situation], limit: int, seed: int = 0) -> list[list[Situation]]:
    """Read a caseload page by page; the database gives its rows in another order each time."""
    shuffled, cursor, read = random.Random(seed), None, []
    while True:
        rows = shuffled.sample(caseload, len(caseload))
        page = paginate_sorted(rows, key=place_of, cursor=cursor, limit=limit, bound_to="test")
        read.append(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return read


@quickly
@given(caseloads, st.integers(1, 7), st.integers(0, 9))
def test_pages_hold_the_whole_order_once(caseload, limit, seed):
    read = pages(caseload, limit, seed)

    assert list(itertools.chain(*read)) == sorted(caseload, key=place_of)
    assert all(len(page) == limit for page in read[:-1])


def test_a_last_page_that_is_full_has_no_next():
    three = [replace(CALM, patient_id=UUID(int=number)) for number in (3, 1, 2)]

    assert [len(page) for page in pages(three, 3)] == [3]
    assert [len(page) for page in pages(three, 2)] == [2, 1]


def test_a_cursor_of_elsewhere_is_refused():
    two = [CALM, replace(CALM, patient_id=UUID(int=2))]
    page = paginate_sorted(two, key=place_of, cursor=None, limit=1, bound_to="ana")

    for cursor, bound_to in ((page.next_cursor, "rui"), ("made up", "ana"), ("", "ana")):
        with pytest.raises(BadCursor):
            paginate_sorted(two, key=place_of, cursor=cursor, limit=1, bound_to=bound_to)


def test_a_patient_who_moved_up_meanwhile_moves_nobody_else():
    three = [replace(CALM, patient_id=UUID(int=number)) for number in (1, 2, 3)]
    begun = paginate_sorted(three, key=place_of, cursor=None, limit=1, bound_to="test")
    three[2] = replace(ALONE["emergency"], patient_id=UUID(int=3))

    rest = paginate_sorted(three, key=place_of, cursor=begun.next_cursor, limit=5, bound_to="test")

    assert [one.patient_id.int for one in rest.items] == [2]
