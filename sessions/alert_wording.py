"""What the care team is told to do about each rule: the platform's words, or the clinic's own."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sessions import alert_rules as rules
from sessions import symptoms

BY_SEVERITY: Mapping[str, Promise] = {
    "emergency": _("Call the patient now. Make sure that emergency help was called."),
    "critical": _("Call the patient today. Ask about injury before exercise goes on."),
    "high": _("Call the patient within a day. Review the program."),
}
ADVICE: Mapping[str, Promise] = {
    **{each.id: BY_SEVERITY[each.severity] for each in symptoms.SYMPTOMS if each.severity},
    rules.PAIN_AFTER: _("Ask about the pain and lower the dose until it settles."),
    rules.EXERCISE_PAIN: _("Look at this exercise: lower its dose or choose another one."),
    rules.SAFETY_CHECK: _("The patient did not feel safe. Review aid, place and helper."),
    rules.EFFORT: _("The session was harder than prescribed. Ask how it went."),
    rules.SKIPPED_FOR_PAIN: _("An exercise was left out for pain again. Ask, and change it."),
    rules.NO_CONTACT: _("Ask how the patient is and what is in the way."),
    rules.LOW_ADHERENCE: _("Ask what is in the way. A smaller program may fit better."),
    rules.TOO_EASY: _("Consider progressing this exercise."),
    rules.TOO_HARD: _("Consider an easier way or a smaller dose."),
    rules.UNSURE: _("Consider showing this exercise again."),
}


# What a rule looks for, as a column or a filter names it.
NAMES: Mapping[str, Promise] = {
    **{each.id: each.label for each in symptoms.SYMPTOMS if each.severity},
    rules.PAIN_AFTER: _("Pain after a session"),
    rules.EXERCISE_PAIN: _("Pain in an exercise"),
    rules.SAFETY_CHECK: _("A safety check said no"),
    rules.EFFORT: _("Harder than prescribed"),
    rules.SKIPPED_FOR_PAIN: _("Left out for pain"),
    rules.NO_CONTACT: _("Nothing heard"),
    rules.LOW_ADHERENCE: _("Little of the plan done"),
    rules.TOO_EASY: _("Too easy"),
    rules.TOO_HARD: _("Too hard"),
    rules.UNSURE: _("Unsure how to do it"),
}


def rule_name(rule: str) -> str:
    return str(NAMES.get(rule, rule))


def advice(rule: str, own: Mapping[str, str]) -> str:
    """Return the clinic's own words for a rule, or the platform's."""
    return own.get(rule) or str(ADVICE[rule])
