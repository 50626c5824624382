"""
What the patient reads under a verdict: plain, kind and true.

The sentences of a line are made once from its dose (`phrases_for`), travel with the plan, and
have only `{…}` places left to fill; server and phone fill the same ones. No percentages, no
blame, and form is praised only where a check was answered right. All in the active language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from django.utils.translation import get_language, gettext, ngettext

from sessions import credit as credits_
from sessions.credit import Credit, Dose
from sessions.feedback import Judgement, ResultFacts


@dataclass(frozen=True, slots=True)
class Phrase:
    """The key of a sentence in `phrases_for`, and what fills its places."""

    key: str
    values: dict[str, str | int] = field(default_factory=dict)


def phrases_for(measure: str, dose: Dose | None) -> dict[str, str]:
    """
    Return every sentence that feedback on a line can need, by key, places as `{name}`.

    `dose` is None off the plan, where no amount is asked for and none is named.
    """
    return fixed_phrases() | (amount_phrases(measure, dose) if dose else {})


def words_for(facts: ResultFacts, judgement: Judgement) -> str:
    """Return what the patient reads about one result."""
    chosen = phrases_of(facts, judgement)
    phrases = _fixed_phrases(get_language() or "")
    if any(phrase.key not in phrases for phrase in chosen):
        phrases = phrases_for(facts.measure, facts.dose)
    return " ".join(phrases[phrase.key].format(**phrase.values) for phrase in chosen)


def phrases_of(facts: ResultFacts, judgement: Judgement) -> list[Phrase]:
    """
    Choose the sentences for a judgement, in the order in which they are read.

    Only `part` and `right` are followed by praise, so that nothing cheers someone on to more
    where something hurt or went wrong.
    """
    if judgement.verdict == "not_yet":
        fix = [Phrase("fix", {"fix": judgement.fix.text})] if judgement.fix else []
        return [Phrase("not_yet"), *fix, Phrase(judgement.next)]
    if judgement.verdict == "part":
        return [_part(facts, judgement), Phrase("counts"), *_praise(judgement)]
    if judgement.verdict == "right":
        key = "did_it" if judgement.completion is None else "did_it_all"
        return [Phrase(key), *_praise(judgement)]
    return [Phrase(judgement.verdict)]


def fixed_phrases() -> dict[str, str]:
    """Return the sentences that every line shares, in the active language."""
    return dict(_fixed_phrases(get_language() or ""))


@cache
def _fixed_phrases(_language: str) -> dict[str, str]:
    return {
        "stop": gettext("Stop now. Read what to do."),
        "stop_exercise": gettext("Stop this one for today. Your therapist will know."),
        "not_done": gettext("Not this time. That is all right. It will be here for you next time."),
        "not_yet": gettext("Not yet."),
        "fix": "{fix}",
        "try_one_more": gettext("Try one more."),
        "next_time": gettext("Next time."),
        "ask": gettext("Not sure? That is fine. Look at the picture."),
        "counts": gettext("That counts."),
        "part_some": gettext("You did some of it."),
        "did_it": gettext("You did it. That counts."),
        "did_it_all": gettext("You did it all."),
        "form": gettext("You did it the right way."),
        "best": gettext("Your best so far."),
        "exceeded": gettext("That is more than your plan. Your plan is enough."),
    }


def _praise(judgement: Judgement) -> list[Phrase]:
    said = {
        "form": judgement.praise_form,
        "best": judgement.best,
        "exceeded": judgement.exceeded,
    }
    return [Phrase(key) for key, is_so in said.items() if is_so]


# ---- How much of it ------------------------------------------------------------------------------


def amount_phrases(measure: str, dose: Dose) -> dict[str, str]:
    asked = dose.sets * credits_.denominator_of(measure, dose)
    sets = ngettext(
        "{done} of %(asked)s full set.", "{done} of %(asked)s full sets.", dose.sets
    ) % {"asked": dose.sets}
    return {"part_sets": sets} | {
        key: _of(asked // size, key) for key, size in _units(measure, dose) if asked % size == 0
    }


def _of(asked: int, key: str) -> str:
    texts = {
        "part_repetitions": gettext("{done} of %(asked)s."),
        "part_holds": ngettext(
            "{done} of %(asked)s full hold.", "{done} of %(asked)s full holds.", asked
        ),
        "part_minutes": ngettext(
            "{done} of %(asked)s minute.", "{done} of %(asked)s minutes.", asked
        ),
        "part_seconds": ngettext(
            "{done} of %(asked)s second.", "{done} of %(asked)s seconds.", asked
        ),
        "part_metres": ngettext("{done} of %(asked)s metre.", "{done} of %(asked)s metres.", asked),
        "part_steps": ngettext("{done} of %(asked)s step.", "{done} of %(asked)s steps.", asked),
    }
    return texts[key] % {"asked": asked}


def _units(measure: str, dose: Dose) -> list[tuple[str, int]]:
    """Name the sentences that can tell an amount of the measure, with their units, best first."""
    units = {
        "repetitions": [("part_repetitions", 1)],
        "hold": [("part_holds", dose.hold_seconds or 1), ("part_seconds", 1)],
        "duration": [("part_minutes", 60), ("part_seconds", 1)],
        "distance": [("part_metres", 1)],
        "steps": [("part_steps", 1)],
    }
    return units[measure]


def _part(facts: ResultFacts, judgement: Judgement) -> Phrase:
    """
    Say how much of the dose was done, in a way that is true.

    The amount earned is the amount done only where no set went over its target; where one did,
    whole sets are counted instead, and where none is whole no figure is named.
    """
    assert facts.dose is not None
    assert judgement.credit is not None
    if not _is_any_set_over(facts, facts.dose):
        return _amount_done(facts, facts.dose, judgement.credit)
    full = _full_sets(facts, facts.dose)
    return Phrase("part_sets", {"done": full}) if full else Phrase("part_some")


def _amount_done(facts: ResultFacts, dose: Dose, earned: Credit) -> Phrase:
    """Tell it in the first unit that divides it; the last unit of every measure does."""
    asked = dose.sets * earned.denominator
    return next(
        Phrase(key, {"done": earned.numerator // size})
        for key, size in _units(facts.measure, dose)
        if asked % size == 0
        and earned.numerator % size == 0
        and (key != "part_holds" or _are_holds_full(facts, dose))
    )


def _is_any_set_over(facts: ResultFacts, dose: Dose) -> bool:
    targets = credits_.target_of(facts.measure, dose)
    return any(
        achieved > target
        for done in facts.sets
        for achieved, target in zip(credits_.amounts_of(done, facts.measure), targets, strict=True)
    )


def _full_sets(facts: ResultFacts, dose: Dose) -> int:
    each = (credits_.credit([done], facts.measure, dose).value for done in facts.sets)
    return sum(value == Fraction(1) for value in each)


def _are_holds_full(facts: ResultFacts, dose: Dose) -> bool:
    return all(
        done.hold_seconds == dose.hold_seconds
        for done in facts.sets
        if not credits_.counts_as_zero(done, facts.measure)
    )
