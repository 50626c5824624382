"""
Symptoms that a patient can report, how grave each is, and what the app says at once.

The text of a set of symptoms is the text of its gravest one: a phone that carries the texts of
`safety_texts_for_plan` picks the same one without a connection. Clinical wording is a draft until
a named clinician has signed it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from sessions.emergency_numbers import ANYWHERE, known_number

Severity = Literal["emergency", "critical", "high"]


@dataclass(frozen=True, slots=True)
class Symptom:
    """One symptom; severity None raises no alert. `stops` makes it a red flag."""

    id: str
    label: Promise
    severity: Severity | None
    stops: bool


# Gravest first: this order decides which text is shown.
SYMPTOMS: tuple[Symptom, ...] = (
    Symptom("chest_pain", _("Chest pain"), "emergency", stops=True),
    Symptom("faint", _("I fainted, or nearly did"), "emergency", stops=True),
    Symptom(
        "new_weakness",
        _("New weakness, face drop, speech or sight trouble"),
        "emergency",
        stops=True,
    ),
    Symptom("severe_headache", _("A sudden, very bad headache"), "emergency", stops=True),
    Symptom("fall", _("I fell"), "critical", stops=True),
    Symptom("breathlessness", _("I cannot get my breath back"), "high", stops=True),
    Symptom("dizziness", _("I feel dizzy"), "high", stops=True),
    Symptom("swollen_calf", _("A hot, red or swollen calf"), "high", stops=True),
    Symptom("near_fall", _("I nearly fell"), "high", stops=False),
    Symptom("other", _("Something else"), None, stops=False),
)
BY_ID: dict[str, Symptom] = {symptom.id: symptom for symptom in SYMPTOMS}
RED_FLAGS: frozenset[str] = frozenset(each.id for each in SYMPTOMS if each.stops)
HOLDING: frozenset[str] = frozenset(
    each.id for each in SYMPTOMS if each.severity in ("emergency", "critical")
)
ALWAYS_HOLDING: frozenset[str] = frozenset(
    each.id for each in SYMPTOMS if each.severity == "emergency"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number to offer, as it is dialled, and whose it is in the patient's language."""

    label: str
    number: str


@dataclass(frozen=True, slots=True)
class Safety:
    """What the app says about symptoms. `numbers` are in the order in which to offer them."""

    verdict: Literal["stop"] | None
    symptoms: tuple[str, ...]
    severity: Severity
    text: str
    numbers: tuple[Number, ...]


def in_order(symptoms: Iterable[str]) -> tuple[str, ...]:
    """Return the known symptoms named, once each, gravest first."""
    named = set(symptoms)
    return tuple(each.id for each in SYMPTOMS if each.id in named)


def worst(symptoms: Iterable[str]) -> Severity | None:
    """Return the gravest severity among symptoms, None where none has one."""
    return next((BY_ID[each].severity for each in in_order(symptoms)), None)


def has_red_flag(symptoms: Iterable[str]) -> bool:
    """Tell whether any symptom says stop; all but `near_fall` and `other` do."""
    return not RED_FLAGS.isdisjoint(symptoms)


def opens_safety_hold(symptoms: Iterable[str], *, after_fall: bool) -> bool:
    """
    Tell whether to pause the patient until a therapist ends it: an emergency, always, or a fall.

    `after_fall` is the clinic's choice.
    """
    return not (HOLDING if after_fall else ALWAYS_HOLDING).isdisjoint(symptoms)


def symptom_labels(*, language: str) -> dict[str, str]:
    """Return each symptom's words for the patient, gravest first."""
    with override(language):
        return {symptom.id: str(symptom.label) for symptom in SYMPTOMS}


def safety_for(
    symptoms: Iterable[str], *, country: str, clinic_phone: str, language: str
) -> Safety | None:
    """
    Say what to do about symptoms, None where nothing needs saying (no symptom, or only `other`).

    `country` is an ISO 3166-1 code; one without a known number gets 112 and "or your local
    emergency number". A language without translations gets the platform's own.
    """
    named = in_order(symptoms)
    severity = worst(named)
    if severity is None:
        return None
    gravest = BY_ID[named[0]]
    with override(language):
        text, numbers = _say(gravest, country=country, clinic_phone=clinic_phone.strip())
    return Safety("stop" if gravest.stops else None, named, severity, text, numbers)


def safety_texts_for_plan(*, country: str, clinic_phone: str, language: str) -> dict[str, Safety]:
    """
    Return what to say for each symptom alone, gravest first, so that a phone can say it offline.

    For several symptoms together the first of them in this order is the one to show. `other` has
    nothing to say and is left out.
    """
    said = {
        each.id: safety_for(
            [each.id], country=country, clinic_phone=clinic_phone, language=language
        )
        for each in SYMPTOMS
    }
    return {name: safety for name, safety in said.items() if safety is not None}


def _say(gravest: Symptom, *, country: str, clinic_phone: str) -> tuple[str, tuple[Number, ...]]:
    number = known_number(country)
    emergency = Number(gettext("Emergency"), number or ANYWHERE)
    call = number or gettext("112 or your local emergency number")
    clinic = (Number(gettext("Your clinic"), clinic_phone),) if clinic_phone else ()
    if gravest.severity == "emergency":
        return _emergency_text(call), (emergency,)
    if gravest.severity == "critical":
        return _fall_text(call, clinic_phone), (*clinic, emergency)
    if gravest.stops:
        return _sit_down_text(call), (emergency,)
    return _near_fall_text(), ()


def _emergency_text(call: str) -> str:
    return gettext(
        "Stop. Call %(call)s now. Do not wait. Sit or lie down. Tell someone near you. "
        "Nobody watches this app in real time."
    ) % {"call": call}


def _fall_text(call: str, clinic_phone: str) -> str:
    clinic = gettext("your clinic on %(number)s") % {"number": clinic_phone}
    return gettext(
        "Stop. Sit down. Tell someone near you. Are you hurt? Did you hit your head? "
        "If so, call %(call)s now. If not, call %(clinic)s. "
        "Nobody watches this app in real time."
    ) % {"call": call, "clinic": clinic if clinic_phone else gettext("your clinic")}


def _sit_down_text(call: str) -> str:
    return gettext(
        "Stop. Sit down. Tell someone near you. If it does not pass, call %(call)s. "
        "Nobody watches this app in real time."
    ) % {"call": call}


def _near_fall_text() -> str:
    return gettext(
        "Thank you for telling us. Your therapist will know, but may not see it at once. "
        "Hold on to something firm."
    )
