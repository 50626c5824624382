from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from core.tenancy import set_clinic
from sessions import adherence as sql
from sessions.adherence import Band, Sums, ZoneWithoutToday
from tests.factories import people
from tests.unit.sessions.histories import place, store, store_many
from tests.unit.sessions.oracle import DAY, Check, History, Line, Pause, Result, Row, Session
from tests.unit.sessions.prescribed import FRI, MON, SUN, THU, TUE, WED, daily, done, lines, weekly

ALL_OVER = dt.date(2026, 12, 24)
LISBON = {"Europe/Lisbon": ALL_OVER}


def week_of(history, today=ALL_OVER, first=MON, last=SUN):
    ana = store(place(), history).patient
    return sql.adherence(patient_id=ana.pk, first=first, last=last, today=today)


# ---- the regression that every peer has


@pytest.mark.django_db
def test_a_perfectly_adherent_patient_shows_100_percent_on_every_one_of_90_days():
    first = dt.date(2026, 9, 30)
    days = [first + DAY * number for number in range(90)]
    daily_sets = daily(first, sets=2, per_day=2)
    quota = weekly(3, first, sets=2)
    clock_changes_within = dt.date(2026, 10, 25)
    history = History(
        lines(daily_sets, quota),
        tuple(done(day, 10, 10) for day in days for _ in range(2))
        + tuple(done(day, 10, 10, line=1) for day in days),
    )
    ana = store(place(), history).patient

    shown = [sql.adherence(patient_id=ana.pk, first=first, last=day, today=day) for day in days]

    assert clock_changes_within in days
    assert {answer.sums.percent for answer in shown} == {100}
    assert {answer.sums.session for answer in shown} == {Fraction(1)}
    assert {line.sums.percent for answer in shown for line in answer.by_line} == {100}


@pytest.mark.django_db
def test_a_patient_who_does_each_days_sets_in_the_evening_shows_100_percent_all_day_long():
    first = dt.date(2026, 9, 30)
    days = [first + DAY * number for number in range(90)]
    harbour = place()
    until_last_night = [
        History(lines(daily(first)), tuple(done(day, 10) for day in days[:count]))
        for count in range(1, 90)
    ]

    shown = [
        sql.adherence(patient_id=ana.patient.pk, first=first, last=today, today=today)
        for ana, today in zip(store_many(harbour, until_last_night), days[1:], strict=True)
    ]

    assert [answer.sums.percent for answer in shown] == [100] * 89


# ---- null, bands and percentages


@pytest.mark.django_db
def test_nothing_prescribed_is_null_with_no_band():
    answer = week_of(History(()))

    assert answer.sums == Sums()
    assert (answer.sums.dose, answer.sums.session) == (None, None)
    assert (answer.sums.percent, answer.sums.band) == (None, None)
    assert (answer.by_line, answer.by_week, answer.lowest_line) == ((), (), None)
    assert (answer.first, answer.last) == (MON, SUN)


@pytest.mark.django_db
def test_a_week_that_has_not_begun_is_null_and_not_in_progress():
    answer = week_of(History(lines(daily(), weekly(3))), today=MON - DAY)

    assert (answer.sums.dose, answer.sums.session) == (None, None)
    assert [week.is_in_progress for week in answer.by_week] == [False]


@pytest.mark.parametrize(
    ("dose", "percent", "band"),
    [
        (Fraction(4, 5), 80, Band.ON_TRACK),
        (Fraction(79_999, 100_000), 79, Band.SLIPPING),
        (Fraction(1, 2), 50, Band.SLIPPING),
        (Fraction(49_999, 100_000), 49, Band.OFF_TRACK),
        (Fraction(0), 0, Band.OFF_TRACK),
        (Fraction(999, 1000), 99, Band.ON_TRACK),
        (Fraction(1), 100, Band.ON_TRACK),
        (None, None, None),
    ],
)
def test_a_band_is_of_the_exact_fraction_and_the_percentage_is_rounded_down(dose, percent, band):
    assert sql.percent(dose) == percent
    assert sql.band(dose) == band


@pytest.mark.django_db
def test_thirds_and_sevenths_add_up_exactly():
    thirds = daily(MON, TUE, target=3)
    sevenths = daily(TUE, WED, target=7)
    history = History((Line((thirds, sevenths)),), (done(MON, 1), done(TUE, 2)))

    answer = week_of(history)

    assert answer.sums.credited == Fraction(1, 3) + Fraction(2, 7)
    assert answer.sums.prescribed == 2


# ---- who stands lowest, and when


@pytest.mark.django_db
def test_the_lowest_line_stands_beside_the_figure_and_lines_that_ask_for_nothing_do_not():
    as_needed = Row(MON, None, (10,), 1, "both", "as_needed")
    history = History(lines(daily(), weekly(2), as_needed), (done(MON, 10), done(MON, 10, line=1)))
    ana = store(place(), history)

    answer = sql.adherence(patient_id=ana.patient.pk, first=MON, last=SUN, today=ALL_OVER)

    assert answer.lowest_line.line_id == ana.lines[0].pk
    assert answer.lowest_line.sums.dose == Fraction(1, 7)
    assert answer.sums.dose == Fraction(2, 9)


@pytest.mark.django_db
def test_the_current_week_is_marked_and_the_others_are_not():
    answer = week_of(History(lines(daily())), today=MON, first=MON - 7 * DAY, last=SUN + 7 * DAY)

    assert [(week.week, week.is_in_progress) for week in answer.by_week] == [
        (MON, True),
        (MON + 7 * DAY, False),
    ]


@pytest.mark.parametrize(("today", "asked"), [(SUN, 1), (SUN + DAY, 3)])
@pytest.mark.django_db
def test_a_quota_is_open_until_the_end_of_sunday(today, asked):
    answer = week_of(History(lines(weekly(3)), (done(MON, 10),)), today=today)

    assert (answer.sums.done, answer.sums.expected) == (1, asked)
    assert (answer.sums.credited, answer.sums.prescribed) == (1, asked)


@pytest.mark.django_db
def test_dose_counts_what_adherence_does_not():
    as_needed = Row(MON, None, (10,), 1, "both", "as_needed")
    history = History(
        lines(as_needed),
        (done(MON, 10, 12), done(TUE, 5, side="left"), done(WED, 7, status="held")),
    )

    answer = week_of(history)

    assert (answer.sums.sets_logged, answer.sums.amount_logged) == (3, 27)
    assert (answer.sums.credited, answer.sums.prescribed) == (0, 0)


# ---- which dates are covered


@pytest.mark.parametrize(
    ("rows", "covers"),
    [
        ((daily(),), (TUE, THU)),
        ((daily(), weekly(3)), (MON, SUN)),
        ((weekly(3, until=TUE), daily()), (TUE, THU)),
        ((weekly(3, until=WED),), (MON, SUN)),
        ((weekly(3, first=FRI), daily()), (TUE, THU)),
        ((Row(MON, None, (10,), 1, "both", "as_needed"),), (TUE, THU)),
    ],
)
@pytest.mark.django_db
def test_a_quota_in_force_between_the_dates_widens_them_to_whole_weeks(rows, covers):
    answer = week_of(History(lines(*rows)), first=TUE, last=THU)

    assert (answer.first, answer.last) == covers


@pytest.mark.django_db
def test_with_fixed_days_only_the_days_asked_for_are_counted():
    answer = week_of(History(lines(daily()), (done(MON, 10), done(TUE, 10))), first=TUE, last=THU)

    assert (answer.sums.done, answer.sums.expected) == (1, 3)


@pytest.mark.django_db
def test_a_period_that_ends_before_it_starts_is_refused():
    ana = people.patient(place().clinic)

    with pytest.raises(ValueError, match="does not end before it starts"):
        sql.adherence(patient_id=ana.pk, first=TUE, last=MON, today=TUE)


@pytest.mark.django_db
def test_left_in_the_morning_and_right_in_the_evening_is_once():
    each = daily(until=TUE, per_day=2, side="each")
    history = History(lines(each), (done(MON, 10, side="left"), done(MON, 10, side="right")))

    answer = week_of(history)

    assert (answer.sums.done, answer.sums.expected) == (1, 2)
    assert (answer.sums.credited, answer.sums.prescribed) == (2, 4)


# ---- pauses and safety holds


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ((), 7),
        ((Pause(TUE, WED),), 5),
        ((Pause(TUE, WED), Pause(WED, THU)), 4),
        ((Pause(FRI, None),), 4),
        ((Pause(TUE, MON),), 7),
        ((Pause(TUE, WED, "safety_hold"),), 5),
        ((Pause(TUE, MON, "safety_hold"),), 6),
        ((Pause(TUE, MON, "safety_hold"), Pause(TUE, None, "safety_hold")), 1),
        ((Pause(TUE, None, "safety_hold"), Pause(MON, TUE)), 0),
    ],
)
@pytest.mark.django_db
def test_what_a_pause_takes_from_a_week_of_daily_sets(pauses, expected):
    assert week_of(History(lines(daily()), (), pauses)).sums.expected == expected


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ((), 3),
        ((Pause(TUE, SUN),), 0),
        ((Pause(THU, SUN),), 1),
        ((Pause(WED, None, "safety_hold"),), 1),
        ((Pause(WED, TUE, "safety_hold"),), 3),
    ],
)
@pytest.mark.django_db
def test_what_a_pause_takes_from_a_quota_of_three(pauses, expected):
    assert week_of(History(lines(weekly(3)), (), pauses)).sums.expected == expected


@pytest.mark.django_db
def test_the_first_day_of_a_safety_hold_is_active_so_that_what_was_done_before_it_counts():
    history = History(lines(daily(per_day=2)), (done(TUE, 10),), (Pause(TUE, None, "safety_hold"),))

    answer = week_of(history)

    assert (answer.sums.done, answer.sums.expected) == (1, 3)
    assert (answer.sums.credited, answer.sums.prescribed) == (1, 3)


# ---- what excuses a day


RED = done(TUE, red_flag=True)
STOP_ONE = Session(TUE, (Result(0, "both", (), asks_to_stop=True),))


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (History(lines(daily(), daily()), (RED,)), 12),
        (History(lines(daily(), daily()), checks=(Check(TUE),)), 12),
        (History(lines(daily(), daily()), checks=(Check(TUE, red_flag=False),)), 14),
        (History(lines(daily(), daily()), (STOP_ONE,)), 13),
        (History(lines(daily(), daily()), (done(TUE, red_flag=True, status="held"),)), 14),
        (History(lines(daily(), daily()), (done(TUE, red_flag=True, status="refused"),)), 14),
        (History(lines(daily(), daily()), (done(TUE, red_flag=True, status="withdrawn"),)), 14),
    ],
)
@pytest.mark.django_db
def test_who_is_excused_by_what(history, expected):
    assert week_of(history).sums.expected == expected


@pytest.mark.django_db
def test_an_excused_date_is_active_for_a_quota_only_with_credit():
    idle = week_of(History(lines(weekly(7)), checks=(Check(TUE),)))
    busy = week_of(History(lines(weekly(7)), (done(TUE, 10),), checks=(Check(TUE),)))

    assert (idle.sums.done, idle.sums.expected) == (0, 6)
    assert (busy.sums.done, busy.sums.expected) == (1, 7)


# ---- many patients, one clinic


@pytest.mark.django_db
def test_many_patients_are_read_in_one_statement(django_assert_num_queries):
    harbour = place()
    kept = store_many(harbour, [History(lines(daily()), (done(MON, 10),))] * 30)
    ids = [each.patient.pk for each in kept]

    with django_assert_num_queries(1):
        rows = sql.line_weeks(patient_ids=ids, first=MON, last=SUN, today_by_zone=LISBON)

    assert {row.patient_id: row.sums.dose for row in rows} == dict.fromkeys(ids, Fraction(1, 7))


@pytest.mark.django_db
def test_a_patient_without_lines_has_no_week():
    ana = people.patient(place().clinic)

    assert not sql.line_weeks(patient_ids=[ana.pk], first=MON, last=SUN, today_by_zone=LISBON)


@pytest.mark.django_db
def test_each_patient_has_the_today_of_their_own_zone():
    harbour = place()
    history = History(lines(daily()))
    ana = store(harbour, history, "Ana Silva", time_zone="Europe/Lisbon").patient
    keala = store(harbour, history, "Keala Kahale", time_zone="Pacific/Honolulu").patient
    zones = sql.todays(now=dt.datetime(2026, 11, 10, 8, 0, tzinfo=dt.UTC))

    rows = sql.line_weeks(patient_ids=[ana.pk, keala.pk], first=MON, last=SUN, today_by_zone=zones)

    assert (zones["Europe/Lisbon"], zones["Pacific/Honolulu"]) == (TUE, MON)
    assert {row.patient_id: row.sums.expected for row in rows} == {ana.pk: 1, keala.pk: 0}


@pytest.mark.django_db
def test_a_zone_without_a_today_is_refused():
    ana = store(place(), History(lines(daily()))).patient

    with pytest.raises(ZoneWithoutToday):
        sql.line_weeks(
            patient_ids=[ana.pk], first=MON, last=SUN, today_by_zone={"Europe/Madrid": MON}
        )


@pytest.mark.django_db
def test_all_means_all_of_the_clinic_alone():
    harbour = place()
    ana = store(harbour, History(lines(daily()))).patient
    other = people.clinic("Mountain Clinic")

    own = sql.line_weeks(patient_ids=None, first=MON, last=SUN, today_by_zone=LISBON)
    set_clinic(other.pk)
    foreign = sql.line_weeks(patient_ids=None, first=MON, last=SUN, today_by_zone=LISBON)
    named = sql.line_weeks(patient_ids=[ana.pk], first=MON, last=SUN, today_by_zone=LISBON)

    assert [row.patient_id for row in own] == [ana.pk]
    assert (foreign, named) == ([], [])
