"""What uploads, corrections and acceptances raise, with what was said before in the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from core.bodies import decode
from core.tenancy import clinic_context
from patients.models import Line, PrescribedExercise
from sessions.actions.batch import log_batch
from sessions.actions.correct import correct_session, withdraw_session
from sessions.actions.decide import refuse_held
from sessions.actions.store import log_session
from sessions.bodies import Batch
from sessions.models import Alert, AlertOccurrence, ExerciseResult, ExerciseSession
from tests.factories import people, prescribed
from tests.unit.sessions.bodies import NOW, correction, log, result, session
from tests.unit.sessions.raising import LONG_PAST, alerts, hurting, on, send


@pytest.fixture
def line(world: people.World) -> Line:
    return prescribed.line(world.ana)


@pytest.fixture(autouse=True)
def inside(world: people.World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


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


# ---- Without an exercise -------------------------------------------------------------------------

PAIN_ALONE = [
    ({"pain_after": 6}, []),
    ({"pain_after": 7}, [("pain_after", "critical")]),
    ({"pain_after": 8}, [("pain_after", "critical")]),
    ({"pain_after": 10}, [("pain_after", "critical")]),
    ({"pain_before": 7}, []),  # before a session nothing is compared with it
    ({"pain_before": 10}, []),
    ({"pain_before": 3, "pain_after": 5}, []),
    ({"pain_before": 3, "pain_after": 6}, [("pain_after", "high")]),
    ({"pain_before": 4, "pain_after": 7}, [("pain_after", "critical")]),
    ({"effort": 10}, []),  # without an exercise there is no ceiling
    ({"note": "Pain 9."}, []),
]


@pytest.mark.parametrize(("said", "raised"), PAIN_ALONE)
def test_pain_is_heard_without_an_exercise(world, line, said, raised):
    send(world, session(**said))

    assert alerts() == [(*each, "open") for each in raised]


@pytest.mark.parametrize(
    ("previous", "now", "severity"),
    [(1, 2, None), (1, 3, None), (2, 4, "high"), (3, 5, "high"), (4, 5, "medium"), (5, 5, None)],
)
@pytest.mark.parametrize("comes_first", [True, False])
def test_pain_alone_is_compared_as_any_pain(world, line, previous, now, severity, comes_first):
    """Said with an exercise or without: the latest earlier session that answered."""
    earlier, later = hurting(line, previous, 20), hurting(line, now, 21)
    (earlier if comes_first else later)["results"] = []
    send(world, earlier)

    send(world, later)

    assert alerts() == ([("pain_after", severity, "open")] if severity else [])


@pytest.mark.parametrize("pain", [6, 7, 8])
def test_pain_alone_that_is_held_is_never_out_of_safety(world, pain):
    stored = send(world, session(pain_after=pain, performed_at=LONG_PAST))

    assert stored.status == "held"
    assert alerts() == ([("pain_after", "critical", "open")] if pain >= 7 else [])


def test_a_session_corrected_to_pain_alone_raises_and_its_results_go(world, line):
    body = session(result(line, 10), pain_after=6)
    stored = send(world, body)

    correct_session(
        session_id=stored.pk,
        content=correction({**body, "results": []}, corrects=1, pain_after=7),
        by=people.acting_for(world.ana),
        now=NOW,
    )

    assert alerts() == [("pain_after", "critical", "open")]
    assert not ExerciseResult.objects.exists()
    stored.refresh_from_db()
    assert (stored.version, stored.pain_after) == (2, 7)


def test_pain_alone_in_a_batch_is_kept_beside_what_is_malformed(world, line):
    at = {"performed_at": on(22)}
    sessions = [session(pain_after=7, **at), session(**at), session(result(line, 10), **at)]

    answer = log_batch(
        patient_id=world.ana.pk, batch=decode({"sessions": sessions}, Batch),
        by=people.acting_for(world.ana), now=NOW,
    )  # fmt: skip

    assert [each.status for each in answer.sessions] == ["created", "refused", "created"]
    assert [each.field for each in answer.sessions[1].errors] == ["results"]
    assert alerts() == [("pain_after", "critical", "open")]


def test_pain_alone_by_a_carer_is_no_double_of_what_the_patient_logged(world, line):
    """Doubles are of one line; without any, both are what somebody said."""
    send(world, hurting(line, 2, 22))
    stored = send(world, session(pain_after=3, performed_at=on(22)), by=people.acting(world.rui))

    assert stored.is_possible_duplicate is False
    assert not ExerciseSession.objects.filter(is_possible_duplicate=True).exists()


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
