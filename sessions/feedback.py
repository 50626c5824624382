"""
The verdict on one result: the small versioned rule table of right and wrong.

The table is data. The server reads it here; the phone gets the same data with the plan
(`rule_table`) and so gives the same answer without a connection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol

from sessions import credit as credits_
from sessions.credit import Amounts, Credit, Dose

# Raised with every change of RULES or of what a fact means. Kept with each answer that was given.
RULES_VERSION = 1

Verdict = Literal["stop", "stop_exercise", "not_done", "not_yet", "ask", "part", "right"]
Next = Literal["try_one_more", "next_time", ""]
Known = Mapping[str, int | bool | None]


class Check(Protocol):
    """
    A yes/no question about how it went, with the right answer and the fix for the wrong one.

    `fault` is the place of the wrong picture among the exercise's pictures, None where there is
    none. A `safety` check is worded so that `no` is the alarm ("Did you feel safe?").
    """

    @property
    def id(self) -> str: ...
    @property
    def right(self) -> str: ...
    @property
    def fix(self) -> str: ...
    @property
    def fault(self) -> int | None: ...
    @property
    def safety(self) -> bool: ...
    @property
    def optional(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFacts:
    """
    What is known of one result when it is judged.

    `dose` and `schedule` are those of the row in force, both None where no row prescribes the
    result's side on that date. `skipped` is the reason, empty where it was not skipped. `checks`
    holds the answers (yes, no, unsure) by check id; an id that `definitions` does not have comes
    from an older plan and says nothing. `best_before` is the highest total of any earlier result
    of that line and side, None where there is none.
    """

    measure: str
    dose: Dose | None
    schedule: str | None
    side: str
    sets: Sequence[Amounts]
    skipped: str
    checks: Mapping[str, str]
    definitions: Sequence[Check]
    pain: int | None
    best_before: int | None

    @property
    def is_off_plan(self) -> bool:
        return self.dose is None or self.schedule is None


@dataclass(frozen=True, slots=True)
class Fix:
    """The one thing to change: the check it is about, its text, its wrong picture if any."""

    check: str
    text: str
    fault: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """
    The answer to one result, and what is stored with it.

    `completion` and `credit` are None where nothing is expected (as needed, or off the plan).
    `check` is the check that the verdict rests on, if one. `asks_to_stop` says that pain or a
    safety check asks to stop this exercise today, even where a red flag decided the verdict.
    """

    verdict: Verdict
    completion: Fraction | None
    credit: Credit | None
    total: int
    exceeded: bool
    best: bool
    fix: Fix | None
    next: Next
    check: str | None
    praise_form: bool
    asks_to_stop: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """
    One comparison of a fact: `is`, `at_least` or `below`.

    A fact that was not answered (None) is below everything and at least nothing.
    """

    fact: str
    op: Literal["is", "at_least", "below"]
    value: int | bool

    def holds(self, known: Known) -> bool:
        actual = known[self.fact]
        if self.op == "is":
            return actual is self.value
        if actual is None:
            return self.op == "below"
        return (actual >= self.value) is (self.op == "at_least")

    def as_data(self) -> dict[str, Any]:
        return {"fact": self.fact, "op": self.op, "value": self.value}


@dataclass(frozen=True, slots=True)
class Rule:
    """A verdict and the conditions of which any one is enough."""

    verdict: Verdict
    when_any: tuple[Condition, ...]

    def applies(self, known: Known) -> bool:
        return any(condition.holds(known) for condition in self.when_any)


STOP_EXERCISE = Rule(
    "stop_exercise",
    (Condition("pain", "at_least", 6), Condition("safety_check_no", "is", value=True)),
)
# The first that applies decides. What was done or not done is always one of the two, so one does.
RULES: tuple[Rule, ...] = (
    Rule("stop", (Condition("red_flag", "is", value=True),)),
    STOP_EXERCISE,
    Rule("not_done", (Condition("done", "is", value=False),)),
    Rule("not_yet", (Condition("check_wrong", "is", value=True),)),
    Rule("ask", (Condition("check_unsure", "is", value=True),)),
    Rule("part", (Condition("completion_below_1", "is", value=True),)),
    Rule("right", (Condition("done", "is", value=True),)),
)
# After a `not_yet`: another try now only where all of these hold, else next time.
TRY_ONE_MORE: tuple[Condition, ...] = (
    Condition("pain", "below", 4),
    Condition("dose_incomplete", "is", value=True),
)


def judge(facts: ResultFacts, *, red_flag: bool) -> Judgement:
    """
    Judge one result. `red_flag`: the session names a symptom that says stop.

    Off the plan the verdict is as for `as_needed`: right whenever something was done. A first
    result is never `best`, since there is nothing to beat, and a total of 0 never is.

    Raises AmountMissing where a set leaves out an amount of the line's measure.
    """
    sums = _sum_up(facts)
    known = _known(facts, sums, red_flag=red_flag)
    verdict = next(rule.verdict for rule in RULES if rule.applies(known))
    return Judgement(
        verdict=verdict,
        completion=sums.share if sums.is_counted else None,
        credit=sums.earned if sums.is_counted else None,
        total=sums.total,
        exceeded=sums.is_counted and _exceeded(facts, sums),
        best=facts.best_before is not None and sums.total > facts.best_before,
        fix=_fix(facts) if verdict == "not_yet" else None,
        next=_next(known) if verdict == "not_yet" else "",
        check=_check_behind(verdict, facts),
        praise_form=verdict in ("part", "right") and _was_form_right(facts),
        asks_to_stop=STOP_EXERCISE.applies(known),
    )


def known_facts(facts: ResultFacts, *, red_flag: bool) -> dict[str, int | bool | None]:
    """Work out the facts that the rules compare; `rule_table` says what each means."""
    return _known(facts, _sum_up(facts), red_flag=red_flag)


def rule_table() -> list[dict[str, Any]]:
    """
    Return the rules as plain data, in the order in which they are tried, for the plan to carry.

    Each row is `{"verdict", "when_any": [{"fact", "op", "value"}]}`; the first row of which any
    condition holds gives the verdict. `op` is `is`, `at_least` or `below`; an unanswered (null)
    fact is below everything and at least nothing. The row `not_yet` also has `"fix": "first"` (the
    first wrong check in the exercise's own order) and `"next": [{"next", "when_all": […]}]`, of
    which the first whose conditions all hold is said. The facts of a result:

    - red_flag: the session names a symptom whose safety text says stop
    - pain: the pain of this exercise, 0 to 10, or null
    - safety_check_no: a check marked `safety` was answered no
    - done: not skipped, and at least one set in which no amount of the measure is 0
    - check_wrong: a check that is not `optional` was answered yes or no, and not its right answer
    - check_unsure: a check was answered unsure
    - completion_below_1: the row expects something (not as needed, not off the plan) and the
      credits of the result's sets add up to less than the row's sets
    - dose_incomplete: the same, as-needed rows included
    """
    return [_row_as_data(rule) for rule in RULES]


def _row_as_data(rule: Rule) -> dict[str, Any]:
    row: dict[str, Any] = {
        "verdict": rule.verdict,
        "when_any": [condition.as_data() for condition in rule.when_any],
    }
    if rule.verdict == "not_yet":
        more = [condition.as_data() for condition in TRY_ONE_MORE]
        row["fix"] = "first"
        row["next"] = [
            {"next": "try_one_more", "when_all": more},
            {"next": "next_time", "when_all": []},
        ]
    return row


def _next(known: Known) -> Next:
    return "try_one_more" if all(each.holds(known) for each in TRY_ONE_MORE) else "next_time"


# ---- What was done -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sums:
    """
    One pass over the sets. `earned` and `share` (of the row's dose) are None off the plan.

    `is_counted`: the share is the result's completion; as needed it only tells a whole dose.
    """

    done: bool
    total: int
    earned: Credit | None
    share: Fraction | None
    is_counted: bool


def _sum_up(facts: ResultFacts) -> _Sums:
    measure = facts.measure
    some = any(not credits_.counts_as_zero(each, measure) for each in facts.sets)
    done, achieved = some and not facts.skipped, credits_.total(facts.sets, measure)
    if facts.dose is None or facts.schedule is None:
        return _Sums(done, achieved, None, None, is_counted=False)
    earned = credits_.credit(facts.sets, measure, facts.dose)
    share = credits_.completion(earned, facts.dose.sets)
    return _Sums(done, achieved, earned, share, is_counted=facts.schedule != "as_needed")


def _known(facts: ResultFacts, sums: _Sums, *, red_flag: bool) -> dict[str, int | bool | None]:
    incomplete = sums.share is not None and sums.share < 1
    return {
        "red_flag": red_flag,
        "pain": facts.pain,
        "safety_check_no": _safety_no(facts) is not None,
        "done": sums.done,
        "check_wrong": _wrong(facts) is not None,
        "check_unsure": _unsure(facts) is not None,
        "completion_below_1": sums.is_counted and incomplete,
        "dose_incomplete": incomplete,
    }


def _exceeded(facts: ResultFacts, sums: _Sums) -> bool:
    if facts.dose is None or sums.earned is None:
        return False
    return credits_.exceeded(facts.sets, facts.measure, facts.dose, sums.earned)


# ---- What the checks say -------------------------------------------------------------------------


def _safety_no(facts: ResultFacts) -> Check | None:
    said_no = (each for each in facts.definitions if facts.checks.get(each.id) == "no")
    return next((check for check in said_no if check.safety), None)


def _wrong(facts: ResultFacts) -> Check | None:
    return next((check for check in facts.definitions if _is_wrong(check, facts.checks)), None)


def _is_wrong(check: Check, answers: Mapping[str, str]) -> bool:
    against = "no" if check.right == "yes" else "yes"
    return not check.optional and answers.get(check.id) == against


def _unsure(facts: ResultFacts) -> Check | None:
    return next(
        (check for check in facts.definitions if facts.checks.get(check.id) == "unsure"),
        None,
    )


def _was_form_right(facts: ResultFacts) -> bool:
    """Feeling safe says nothing about form, so only the other checks earn praise for it."""
    return any(
        facts.checks.get(check.id) == check.right for check in facts.definitions if not check.safety
    )


def _fix(facts: ResultFacts) -> Fix | None:
    check = _wrong(facts)
    return Fix(check.id, check.fix, check.fault) if check else None


def _check_behind(verdict: Verdict, facts: ResultFacts) -> str | None:
    finders = {"stop_exercise": _safety_no, "not_yet": _wrong, "ask": _unsure}
    finder = finders.get(verdict)
    check = finder(facts) if finder else None
    return check.id if check else None
