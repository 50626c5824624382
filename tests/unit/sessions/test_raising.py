"""What uploads, corrections and acceptances raise, with what was said before in the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import Line, PrescribedExercise
from sessions.actions.alerts import acknowledge_alert, resolve_alert
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import accept_held, refuse_held
from sessions.actions.safety_checks import log_safety_check
from sessions.actions.store import log_session
from sessions.bodies import LogSafetyCheck
from sessions.models import Alert, AlertOccurrence, ExerciseSession
from tests.factories import people, prescribed
from tests.factories.alerts import thresholds
from tests.unit.sessions.bodies import NOW, correction, log, result, session

DAY = dt.timedelta(days=1)
AHEAD = "2026-11-26T09:30:00+00:00"
LONG_PAST = "2026-10-01T09:30:00+00:00"


@pytest.fixture
def world(db: None) -> people.World:
    return people.world()


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def on(day: int, hour: int = 9) -> str:
    return f"2026-11-{day:02}T{hour:02}:30:00+00:00"


def send(world: people.World, body: dict[str, Any], **changes: Any) -> ExerciseSession:
    by = changes.pop("by", None) or people.acting_for(world.ana)
    now = changes.pop("now", NOW)
    log_session(patient_id=world.ana.pk, content=log({**body, **changes}), by=by, now=now)
    return ExerciseSession.objects.get(phone_id=body["id"])


def correct(world: people.World, body: dict[str, Any], *, corrects: int = 1, **changes: Any):
    stored = ExerciseSession.objects.get(phone_id=body["id"])
    return correct_session(
        session_id=stored.pk,
        content=correction(body, corrects=corrects, **changes),
        by=people.acting_for(world.ana),
        now=NOW + dt.timedelta(hours=1),
    )


def alerts() -> list[tuple[str, str, str]]:
    """Rule, severity and status of every alert, by rule."""
    return sorted(Alert.objects.values_list("rule", "severity", "status"))


def occurrences(rule: str = "pain_after") -> list[str]:
    told = AlertOccurrence.objects.filter(alert__rule=rule).order_by("received_at", "id")
    return list(told.values_list("severity", flat=True))


def hurting(line: Line, pain_after: int | None, day: int, hour: int = 9, **more: Any) -> dict:
    return session(
        result(line, 10), pain_after=pain_after, **{"performed_at": on(day, hour)} | more
    )


# ---- The previous session ------------------------------------------------------------------------


def test_pain_is_compared_with_the_latest_earlier_session_that_answered(world, line):
    send(world, hurting(line, 1, 19))
    send(world, hurting(line, 3, 20))
    send(world, hurting(line, None, 21))

    send(world, hurting(line, 5, 22))

    assert alerts() == [("pain_after", "high", "open")]
    occurrence = AlertOccurrence.objects.get()
    assert occurrence.because == {"amount": 5, "previous": 3}
    assert occurrence.session.performed_on == dt.date(2026, 11, 22)


def test_without_an_earlier_answer_nothing_is_compared(world, line):
    send(world, hurting(line, None, 21))
    send(world, hurting(line, 6, 22))

    assert alerts() == []


def test_a_late_session_is_judged_by_its_own_date_and_later_ones_are_not_judged_again(world, line):
    send(world, hurting(line, 1, 18))
    send(world, hurting(line, 5, 22), pain_after=2)

    late = hurting(line, 4, 20)
    send(world, late)

    [occurrence] = AlertOccurrence.objects.all()
    assert occurrence.session.phone_id == log(late).id
    assert occurrence.because == {"amount": 4, "previous": 1}


def test_a_late_calm_session_does_not_judge_the_one_after_it(world, line):
    send(world, hurting(line, 4, 22))
    send(world, hurting(line, 1, 21))

    assert alerts() == []


@pytest.mark.parametrize("ending", ["held", "refused", "withdrawn"])
def test_what_does_not_count_is_no_previous_session(world, line, ending):
    calm = hurting(line, 0, 20)
    if ending != "withdrawn":
        calm["performed_at"] = LONG_PAST
    stored = send(world, calm)
    rui = people.acting(world.rui)
    if ending == "withdrawn":
        withdraw_session(session_id=stored.pk, reason="No.", by=rui, now=NOW)
    if ending == "refused":
        refuse_held(session_id=stored.pk, reason="Wrong clock.", by=rui, now=NOW)

    send(world, hurting(line, 6, 22))

    assert alerts() == []


def test_another_patients_pain_is_not_hers(world, line):
    bela = people.patient(world.clinic, "Bela Dias", care_team=[world.rui])
    hers = session(result(prescribed.line(bela), 10), pain_after=0, performed_at=on(20))
    log_session(patient_id=bela.pk, content=log(hers), by=people.acting_for(bela), now=NOW)

    send(world, hurting(line, 6, 22))

    assert alerts() == []


# ---- Lines ---------------------------------------------------------------------------------------


def test_a_line_skipped_for_pain_in_two_sessions_that_contain_it(world, line):
    other = prescribed.line(world.ana, "bridging")
    skipped = {"line": str(line.pk), "side": "both", "skipped": "pain"}
    first = send(world, session(skipped, performed_at=on(20)))
    send(world, session(result(other, 10), performed_at=on(21)))

    second = send(world, session(skipped, performed_at=on(22)))

    alert = Alert.objects.get()
    assert (alert.rule, alert.severity, alert.line) == ("skipped_for_pain", "high", line)
    assert alert.occurrences.get().because == {"sessions": [str(second.pk), str(first.pk)]}


@pytest.mark.parametrize(
    "between", [{"skipped": "fatigue"}, {"sets": [{"repetitions": 10}]}, {"skipped": "unwell"}]
)
def test_another_answer_between_breaks_the_run_of_skipping(world, line, between):
    here = {"line": str(line.pk), "side": "both"}
    send(world, session(here | {"skipped": "pain"}, performed_at=on(20)))
    send(world, session(here | between, performed_at=on(21)))

    send(world, session(here | {"skipped": "pain"}, performed_at=on(22)))

    assert alerts() == []


SAID = {
    "too_easy": {"difficulty": "too_easy"},
    "too_hard": {"difficulty": "too_hard"},
    "unsure": {"checks": {"heels-high": "unsure"}},
}


@pytest.mark.parametrize("rule", SAID)
def test_three_sessions_running_suggest_and_null_answers_neither_count_nor_break(world, line, rule):
    def say(day: int, **said: Any) -> ExerciseSession:
        return send(world, session(result(line, 10, 10, 10, **said), performed_at=on(day)))

    first = say(16, **SAID[rule])
    say(17)
    second = say(18, **SAID[rule])
    assert alerts() == []

    third = say(19, **SAID[rule])

    alert = Alert.objects.get()
    assert (alert.rule, alert.severity, alert.line) == (rule, "suggestion", line)
    told = alert.occurrences.get().because
    assert told == {"sessions": [str(each.pk) for each in (third, second, first)]}


@pytest.mark.parametrize(
    ("rule", "broken_by"),
    [
        ("too_easy", {"difficulty": "just_right"}),
        ("too_hard", {"difficulty": "just_right"}),
        ("unsure", {"checks": {"heels-high": "yes"}}),
    ],
)
def test_another_answer_breaks_the_run(world, line, rule, broken_by):
    for day, said in ((16, SAID[rule]), (17, SAID[rule]), (18, broken_by), (19, SAID[rule])):
        send(world, session(result(line, 10, 10, 10, **said), performed_at=on(day)))

    assert alerts() == []


@pytest.mark.parametrize(("repetitions", "is_raised"), [((10, 10, 10), True), ((10, 10, 9), False)])
def test_too_easy_counts_with_the_whole_dose_alone(world, line, repetitions, is_raised):
    for day, done in ((16, (10, 10, 10)), (17, repetitions), (18, (12, 12, 12, 12))):
        send(
            world,
            session(result(line, *done, difficulty="too_easy"), performed_at=on(day)),
        )

    assert Alert.objects.filter(rule="too_easy").exists() is is_raised


def test_as_needed_is_never_too_easy(world):
    line = prescribed.line(world.ana, schedule="as_needed", weekdays=0, times_per_day=None)
    for day in (16, 17, 18):
        send(world, session(result(line, 10, 10, 10, difficulty="too_easy"), performed_at=on(day)))

    assert alerts() == []


def test_both_sides_of_one_session_are_one_session(world):
    line = prescribed.line(world.ana, side="each")
    for day in (17, 18):
        send(
            world,
            session(
                result(line, 5, side="left", difficulty="too_hard"),
                result(line, 5, side="right", difficulty="too_hard"),
                performed_at=on(day),
            ),
        )

    assert alerts() == []


def test_effort_is_held_against_the_row_in_force(world, line):
    gentle = prescribed.line(world.ana, "bridging", effort_ceiling=4)
    PrescribedExercise.objects.filter(line=line).update(effort_ceiling=6)

    send(world, session(result(line, 10), effort=6))
    assert alerts() == []
    send(world, session(result(line, 10), result(gentle, 10), effort=5, performed_at=on(22)))

    assert alerts() == [("effort", "medium", "open")]
    assert AlertOccurrence.objects.get().because == {"amount": 5, "ceiling": 4}


def test_a_safety_check_of_the_exercise_that_is_answered_no(world):
    line = prescribed.line(world.ana, "walking_stick", measure="duration", duration_seconds=600)
    checks = {
        each["id"]: "no" for each in line.exercise.current.content["checks"] if each.get("safety")
    }
    assert checks

    send(
        world,
        session(
            {
                "line": str(line.pk),
                "side": "both",
                "sets": [{"duration_seconds": 600}],
                "checks": checks,
            }
        ),
    )

    assert alerts() == [("safety_check", "high", "open")]


# ---- Held, corrected, accepted -------------------------------------------------------------------


@pytest.mark.parametrize("performed_at", [AHEAD, LONG_PAST])
def test_a_held_session_is_never_out_of_safety(world, line, performed_at):
    PrescribedExercise.objects.filter(line=line).update(effort_ceiling=3)
    send(
        world,
        session(
            result(line, 10, pain=7), performed_at=performed_at, pain_after=8, effort=9,
            symptoms=["near_fall"],
        ),
    )  # fmt: skip

    assert alerts() == [
        ("exercise_pain", "critical", "open"),
        ("near_fall", "high", "open"),
        ("pain_after", "critical", "open"),
    ]
    told = AlertOccurrence.objects.filter(alert__rule="pain_after").get()
    assert told.claimed_at == log(session(performed_at=performed_at)).performed_at.at
    assert told.received_at == NOW


def test_accepting_raises_what_waited_and_nothing_twice(world, line):
    PrescribedExercise.objects.filter(line=line).update(effort_ceiling=3)
    held = send(world, session(result(line, 10), performed_at=AHEAD, pain_after=7, effort=9))
    assert alerts() == [("pain_after", "critical", "open")]

    when = log(session(performed_at=on(23))).performed_at
    accept_held(session_id=held.pk, performed_at=when, by=people.acting(world.rui), now=NOW)

    assert alerts() == [("effort", "medium", "open"), ("pain_after", "critical", "open")]
    assert occurrences() == ["critical"]


def test_accepting_judges_by_the_time_put_right(world, line):
    send(world, hurting(line, 1, 22))
    send(world, hurting(line, 4, 24), now=NOW + DAY)
    held = send(world, session(result(line, 10), performed_at=AHEAD, pain_after=4), now=NOW + DAY)
    AlertOccurrence.objects.all().delete()
    Alert.objects.all().delete()

    when = log(session(performed_at=on(23))).performed_at
    accept_held(session_id=held.pk, performed_at=when, by=people.acting(world.rui), now=NOW)

    assert AlertOccurrence.objects.get().because == {"amount": 4, "previous": 1}


def test_a_correction_may_raise_and_never_closes(world, line):
    body = hurting(line, 8, 22)
    send(world, body)

    correct(world, body, pain_after=1, pain_before=None)
    assert alerts() == [("pain_after", "critical", "open")]
    correct(world, body, corrects=2, results=[result(line, 10, pain=6)])

    assert alerts() == [("exercise_pain", "high", "open"), ("pain_after", "critical", "open")]
    assert occurrences() == ["critical"]


def test_a_correction_that_says_the_same_again_has_been_heard(world, line):
    body = hurting(line, 8, 22)
    stored = send(world, body)
    resolve_alert(
        alert_id=Alert.objects.get().pk, note="Better.", by=people.acting(world.rui), now=NOW
    )

    correct(world, body, note="Typed late.")

    assert alerts() == [("pain_after", "critical", "resolved")]
    assert AlertOccurrence.objects.get().session_id == stored.pk


def test_a_correction_that_says_worse_is_a_new_occurrence(world, line):
    body = hurting(line, 5, 22, pain_before=2)
    send(world, body)

    correct(world, body, pain_after=7)

    assert alerts() == [("pain_after", "critical", "open")]
    assert occurrences() == ["high", "critical"]
    versions = AlertOccurrence.objects.order_by("session_version").values_list("session_version")
    assert list(versions) == [(1,), (2,)]


def test_a_correction_compares_with_others_and_not_with_itself(world, line):
    send(world, hurting(line, 4, 21))
    body = hurting(line, 1, 22)
    send(world, body)

    correct(world, body, pain_after=5)

    assert AlertOccurrence.objects.get().because == {"amount": 5, "previous": 4}


# ---- One open alert ------------------------------------------------------------------------------


def acknowledged(world: people.World) -> None:
    acknowledge_alert(alert_id=Alert.objects.get().pk, by=people.acting(world.rui), now=NOW)


# severity of the alert, of the new occurrence → status, severity, openings
GROUPS = [
    ("medium", "medium", "acknowledged", "medium", 1),
    ("medium", "high", "open", "high", 2),
    ("high", "medium", "acknowledged", "high", 1),
    ("high", "high", "open", "high", 2),
    ("high", "critical", "open", "critical", 2),
    ("critical", "medium", "acknowledged", "critical", 1),
    ("critical", "high", "open", "critical", 2),
    ("critical", "critical", "open", "critical", 2),
]
# pain after that raises the severity where the previous session said 4
PAINS = {"medium": 5, "high": 6, "critical": 7}


@pytest.mark.parametrize(("first", "second", "status", "severity", "openings"), GROUPS)
def test_a_new_occurrence_on_an_acknowledged_alert(
    world, line, first, second, status, severity, openings
):
    send(world, hurting(line, 4, 19))
    send(world, hurting(line, PAINS[first], 20), now=NOW)
    acknowledged(world)
    send(world, hurting(line, 4, 21))

    send(world, hurting(line, PAINS[second], 22), now=NOW + DAY)

    alert = Alert.objects.get()
    assert (alert.status, alert.severity, alert.openings) == (status, severity, openings)
    assert (alert.raised_at, alert.last_occurred_at) == (NOW, NOW + DAY)
    assert alert.opened_at == (NOW + DAY if openings == 2 else NOW)
    assert occurrences() == [first, second]


@pytest.mark.parametrize(
    ("first", "second", "openings"),
    [
        ("high", "high", 1),
        ("high", "critical", 2),
        ("critical", "high", 1),
        ("critical", "critical", 1),
    ],
)
def test_an_open_alert_opens_anew_only_when_it_becomes_graver(world, line, first, second, openings):
    send(world, hurting(line, 4, 19))
    send(world, hurting(line, PAINS[first], 20), now=NOW)
    Alert.objects.update(escalated_at=NOW)
    send(world, hurting(line, 4, 21))

    send(world, hurting(line, PAINS[second], 22), now=NOW + DAY)

    alert = Alert.objects.get()
    assert (alert.status, alert.openings) == ("open", openings)
    assert alert.escalated_at == (None if openings == 2 else NOW)


def test_after_resolving_there_is_a_new_alert(world, line):
    send(world, hurting(line, 7, 20))
    resolve_alert(
        alert_id=Alert.objects.get().pk, note="Seen.", by=people.acting(world.rui), now=NOW
    )

    send(world, hurting(line, 7, 21))

    assert alerts() == [("pain_after", "critical", "open"), ("pain_after", "critical", "resolved")]


def test_each_line_has_an_alert_of_its_own(world, line):
    other = prescribed.line(world.ana, "bridging")
    for day in (20, 21):
        send(
            world,
            session(
                *[
                    {"line": str(each.pk), "side": "both", "skipped": "pain"}
                    for each in (line, other)
                ],
                performed_at=on(day),
            ),
        )

    assert sorted(Alert.objects.values_list("line", flat=True)) == sorted([line.pk, other.pk])


def test_a_safety_check_adds_to_the_alert_of_the_same_symptom(world, line):
    send(world, session(result(line, 10), symptoms=["dizziness"]))
    content = LogSafetyCheck(
        id=log(session()).id,
        checked_at=log(session()).performed_at,
        answers={"well": "no"},
        symptoms=["dizziness", "near_fall"],
    )

    log_safety_check(
        patient_id=world.ana.pk, content=content, by=people.acting_for(world.ana), now=NOW
    )

    assert alerts() == [("dizziness", "high", "open"), ("near_fall", "high", "open")]
    assert occurrences("dizziness") == ["high", "high"]


# ---- The clinic's own numbers --------------------------------------------------------------------


def test_the_newest_numbers_of_the_clinic_decide(world, line):
    thresholds(world.clinic, world.admin.user, 1, pain_after_critical=6)
    thresholds(world.clinic, world.admin.user, 2, pain_after_critical=5)

    send(world, hurting(line, 5, 22))

    assert alerts() == [("pain_after", "critical", "open")]


def test_another_clinics_numbers_do_not(world, line):
    thresholds(world.far_clinic, world.far_therapist.user, pain_after_critical=5)

    send(world, hurting(line, 6, 22))

    assert alerts() == []
