"""The order of the chapters."""

from __future__ import annotations

import datetime as dt
from http.client import HTTPException

from tests.tour import chapters_batch as batch
from tests.tour import chapters_changes as changes
from tests.tour import chapters_goals as goals
from tests.tour import chapters_logging as logging
from tests.tour import chapters_looking as looking
from tests.tour import chapters_prescribing as prescribing
from tests.tour import chapters_reminding as reminding
from tests.tour import chapters_watching as watching
from tests.tour import chapters_weeks as weeks
from tests.tour.client import Device
from tests.tour.clock import StoryClock
from tests.tour.figures import Diary
from tests.tour.ledger import Ledger
from tests.tour.script import CLINIC_NAME, PATIENT_NAME, THERAPIST_NAME, Logins
from tests.tour.story import Jobs, Reminding, Stage, Story

CHAPTERS = (
    prescribing.therapist_signs_in,
    prescribing.ana_is_registered,
    prescribing.what_she_did_before,
    prescribing.the_six_exercises,
    prescribing.one_line_is_revised,
    prescribing.two_days_are_paused,
    logging.ana_signs_in_twice,
    logging.todays_plan,
    logging.a_right_session,
    logging.a_wrong_check,
    logging.chest_pain,
    logging.sent_again,
    batch.a_batch_of_ten,
    logging.from_a_wrong_clock,
    looking.the_alert,
    looking.adherence_on_hold,
    looking.the_hold_ends,
    looking.the_held_one,
    looking.adherence_at_last,
    goals.two_scores,
    goals.two_goals,
    goals.walks_move_a_goal,
    goals.a_score_moves_a_goal,
    watching.pain_comes_back,
    watching.too_easy_three_times,
    changes.the_tablet_follows,
    looking.ana_looks_back,
    weeks.her_week,
    reminding.a_reminder,
)

# What an answer of another shape, or none at all, makes of a chapter.
NOT_UNDERSTOOD = (LookupError, TypeError, ValueError, AttributeError, OSError, HTTPException)


def play(
    *,
    url: str,
    logins: Logins,
    stage: Stage,
    jobs: Jobs,
    remind: Reminding,
    clock: StoryClock,
    ledger: Ledger,
) -> None:
    """Play the whole story against the platform at `url`."""
    ledger.tell(
        f"The story of {PATIENT_NAME} and her therapist {THERAPIST_NAME}, at {CLINIC_NAME}."
    )
    ledger.tell(f"It is {_moment(clock.now)} in {clock.zone_name}, where the clinic lies.")
    story = Story(
        clock=clock,
        ledger=ledger,
        logins=logins,
        stage=stage,
        jobs=jobs,
        remind=remind,
        visitor=Device(url),
        diary=Diary(today=clock.today),
    )
    try:
        for chapter in CHAPTERS:
            chapter(story)
    except NOT_UNDERSTOOD as error:
        ledger.could_not_go_on(error)


def _moment(now: dt.datetime) -> str:
    return f"{now:%A}, {now.date()}, {now:%H:%M}"
