"""Which check questions the plan carries for a line now."""

from __future__ import annotations

from collections.abc import Sequence

from sessions.feedback import Check

EVERY_SESSIONS = 3
SESSIONS_AFTER_NOT_YET = 3


def checks_to_ask(
    definitions: Sequence[Check],
    *,
    sessions_so_far: int,
    sessions_since_not_yet: int | None,
    last_not_yet_check: str | None,
) -> list[str]:
    """
    Return the ids of the checks to ask after the next session with the line.

    At most one check of form: one after the first session, then one session in three, taken in
    turn. In each of the three sessions after a `not_yet` it is the check that was wrong (the next
    in turn, should a newer version of the exercise no longer have it). Checks marked `safety` are
    asked after every session, last: one that is never asked can stop nobody.

    `sessions_so_far` counts the sessions that contain the line, from the first of the quarter on
    (`line_history.counted_from`); `sessions_since_not_yet` those after the latest `not_yet`, 0 right
    after it, None where there was none.
    """
    form = [check.id for check in definitions if not check.safety]
    safety = [check.id for check in definitions if check.safety]
    if not form:
        return safety
    in_turn = form[(sessions_so_far // EVERY_SESSIONS) % len(form)]
    if sessions_since_not_yet is not None and sessions_since_not_yet < SESSIONS_AFTER_NOT_YET:
        again = last_not_yet_check if last_not_yet_check in form else in_turn
        return [again or in_turn, *safety]
    return [in_turn, *safety] if sessions_so_far % EVERY_SESSIONS == 0 else safety
