from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
import pytest

from rehab_platform.demo import people
from rehab_platform.demo.kinds import Diary, Kind, Line, Moment, all_kinds

# A Monday, and the Monday two weeks later.
MONDAY = dt.date(2026, 11, 9)
TODAY = dt.date(2026, 11, 23)
EVERY_DAY = frozenset(range(1, 8))
FIRST, SECOND = UUID(int=1), UUID(int=2)


def line(key=FIRST, **fields):
    given = {
        "position": 1,
        "side": "left",
        "sets": 2,
        "amounts": {"repetitions": 10},
        "weekdays": EVERY_DAY,
    }
    return Line(id=key, **given | fields)


def diary(kind=None, *, lines=None, trains_on=(1, 2, 3, 4, 5, 6, 7), seed="1 H-1", **fields):
    told = kind or Kind(says="tries", plan="any", **{"days": (100,)} | fields)
    return Diary(
        told,
        lines=lines or [line()],
        trains_on=trains_on,
        starts_on=MONDAY,
        today=TODAY,
        zone_name="Europe/Lisbon",
        seed=seed,
    )


def dates(found):
    return [each.content.performed_at.at.date() for each in found.sessions()]


def only(found, day):
    [one] = [each for each in found.sessions() if each.content.performed_at.at.date() == day]
    return one.content


@pytest.mark.parametrize(
    ("share", "least", "most"),
    [(0, 0, 0), (25, 3, 4), (50, 7, 7), (75, 10, 11), (99, 13, 14), (100, 14, 14)],
)
@pytest.mark.parametrize("seed", ["1 H-1", "2 H-1", "9 L-7"])
def test_a_share_of_the_days_is_done_whatever_the_seed(share, least, most, seed):
    assert least <= len(dates(diary(days=(share,), seed=seed))) <= most


def test_nothing_is_logged_before_the_start_nor_today():
    done = dates(diary())

    assert done[0] == MONDAY
    assert done[-1] == TODAY - dt.timedelta(days=1)
    assert done == sorted(done)


def test_only_training_days_are_done():
    assert {day.isoweekday() for day in dates(diary(trains_on=(2, 5)))} == {2, 5}


def test_shares_are_week_by_week_and_the_last_one_holds_on():
    done = dates(diary(days=(100, 0)))

    assert done == [MONDAY + dt.timedelta(days=number) for number in range(7)]


def test_whoever_is_quiet_logs_nothing_in_those_days():
    done = dates(diary(quiet_for=5))

    assert done[-1] == TODAY - dt.timedelta(days=6)


def test_a_moment_makes_its_day_a_training_day():
    found = diary(
        days=(0,),
        quiet_for=14,
        moments={3: Moment(symptoms=["fall"], pain_after=7, line_pain=6, note="Slipped.")},
    )

    assert dates(found) == [dt.date(2026, 11, 20)]
    told = only(found, dt.date(2026, 11, 20))
    assert (told.symptoms, told.pain_before, told.pain_after) == (["fall"], 1, 7)
    assert (told.note, told.results[0].pain) == ("Slipped.", 6)


def test_a_whole_dose_is_every_set_as_prescribed():
    [result] = only(diary(), MONDAY).results

    assert result.line == FIRST
    assert result.side == "left"
    assert [one.repetitions for one in result.sets] == [10, 10]
    assert (result.difficulty, result.pain) == ("just_right", 1)


@pytest.mark.parametrize(("share", "expected"), [(1, 1), (50, 5), (99, 9), (100, 10), (110, 11)])
def test_amounts_are_a_share_of_the_dose_and_never_nothing(share, expected):
    [result] = only(diary(amount=(share,)), MONDAY).results

    assert [one.repetitions for one in result.sets] == [expected, expected]


def test_what_is_held_and_what_is_lifted_stand_in_each_set():
    held = line(amounts={"repetitions": 3, "hold_seconds": 20}, load_kg=2.5, sets=1)

    [one] = only(diary(lines=[held]), MONDAY).results[0].sets

    assert (one.repetitions, one.hold_seconds, one.load_kg) == (3, 20, 2.5)


def test_a_session_that_is_not_whole_halves_the_first_and_skips_the_last():
    lines = [line(), line(SECOND, position=2)]

    first, last = only(diary(lines=lines, whole=(0,)), MONDAY).results

    assert len(first.sets) == 1
    assert (last.line, last.sets, last.skipped) == (SECOND, None, "fatigue")


def test_skipping_for_pain_is_about_the_first_line():
    lines = [line(), line(SECOND, position=2)]
    found = diary(lines=lines, moments={2: Moment(skip="pain")})

    first, last = only(found, dt.date(2026, 11, 21)).results

    assert (first.sets, first.skipped) == (None, "pain")
    assert (len(last.sets), last.skipped) == (2, None)


def test_a_wrong_check_is_the_first_one_answered_the_other_way():
    asked = line(checks={"heel-down": "yes", "knee-bends": "no"})
    found = diary(lines=[asked], moments={2: Moment(wrong=True)})

    [result] = only(found, dt.date(2026, 11, 21)).results

    assert result.checks == {"heel-down": "no", "knee-bends": "no"}


def test_checks_are_answered_in_one_session_of_three():
    asked = line(checks={"heel-down": "yes"})

    answered = [bool(each.content.results[0].checks) for each in diary(lines=[asked]).sessions()]

    assert answered == [True, False, False] * 4 + [True, False]


def test_lately_it_is_too_easy():
    found = diary(lately=2, difficulty_lately="too_easy")

    said = [each.content.results[0].difficulty for each in found.sessions()]

    assert said == ["just_right"] * 12 + ["too_easy"] * 2


def test_what_is_due_twice_a_day_has_an_afternoon():
    lines = [line(), line(SECOND, position=2, times_per_day=2)]

    of_monday = list(diary(lines=lines).sessions())[:2]

    assert [each.content.performed_at.at.hour for each in of_monday] == [10, 17]
    assert [[one.line for one in each.content.results] for each in of_monday] == [
        [FIRST, SECOND],
        [SECOND],
    ]


def test_a_line_is_done_on_its_own_weekdays():
    lines = [line(), line(SECOND, position=2, weekdays=frozenset({3}))]

    done = {
        each.content.performed_at.at.isoweekday()
        for each in diary(lines=lines).sessions()
        if len(each.content.results) == 2
    }

    assert done == {3}


def test_the_carer_logs_on_their_weekdays():
    found = list(diary(carer_on=[7]).sessions())

    sundays = [each for each in found if each.by_carer]
    assert {each.content.performed_at.at.isoweekday() for each in sundays} == {7}
    assert {each.content.help for each in sundays} == {"supervised"}
    assert len(sundays) == 2


def test_it_is_sent_half_an_hour_after_it_was_done_with_the_offset_of_the_place():
    first = next(diary().sessions())

    assert first.sent_at - first.content.performed_at.at == dt.timedelta(minutes=30)
    assert first.content.performed_at.at.utcoffset() == dt.timedelta()


def test_one_seed_gives_the_same_and_another_one_other_ids():
    first, again = list(diary().sessions()), list(diary().sessions())
    other = list(diary(seed="2 H-1").sessions())

    assert first == again
    assert len({each.content.id for each in first}) == 14
    assert not {each.content.id for each in first} & {each.content.id for each in other}


def test_every_patient_is_of_a_kind_that_is_told_and_every_kind_is_somebody():
    found = all_kinds()
    told = {one.kind for clinic in people.cast().clinics for one in clinic.patients}

    assert told == set(found.kinds)
    assert {kind.plan for kind in found.kinds.values()} == set(found.plans)


def test_every_therapist_is_one_of_the_clinic_and_every_number_is_once():
    for clinic in people.cast().clinics:
        working = {one.email for one in clinic.therapists}
        assert {one.of for one in clinic.patients} <= working
        assert len({one.number for one in clinic.patients}) == len(clinic.patients)


def test_who_is_in_both_clinics_has_one_login():
    emails = [person.email for person in people.cast().logins()]

    assert len(emails) == len(set(emails))
    assert emails.count("fatima@harbour.example") == 1
    assert emails[-1] == "maria@harbour.example"
    assert people.cast().operator.email not in emails


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{kinds: {}}", "plans"),
        ("{plans: {}, kinds: {}, moods: {}}", "moods"),
        ("{plans: {}, kinds: {odd: {says: x, plan: y}}}", "days"),
        ("{plans: {}, kinds: {odd: {says: x, plan: y, days: [1], hue: 3}}}", "hue"),
        (
            "{plans: {}, kinds: {odd: {says: x, plan: y, days: [1], care: [{do: dance}]}}}",
            "dance",
        ),
    ],
)
def test_a_word_that_nobody_reads_is_refused(monkeypatch, tmp_path, text, why):
    (tmp_path / "kinds.yaml").write_text(text)
    monkeypatch.setattr(people, "HERE", tmp_path)
    all_kinds.cache_clear()

    with pytest.raises(msgspec.ValidationError, match=why):
        all_kinds()
