"""What must hold in one exercise beyond its shape, each fault named by its field. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from programs.content import ExerciseContent, UsualDose
from programs.dose import LOAD_KG_MAX, MEASURE_FIELDS, RANGES
from programs.readability import grade, sentences

READING_GRADE_MAX = 6.0
# The grade of a shorter sentence says more of one long word than of how hard it is to read.
WORDS_TO_GRADE = 6
PLACEHOLDERS = frozenset({"side", "other"})
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
USUAL_BOUNDS = {name: RANGES[name] for name in ("sets", "times_per_day")} | {
    name: RANGES[name] for fields in MEASURE_FIELDS.values() for name in fields
}

Texts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `field` is its dotted path in the content, "" for all of it."""

    field: str
    code: str
    detail: str


def faults_of(content: ExerciseContent) -> list[Fault]:
    """Return all that makes the content impossible; none is as it should be."""
    return [*_checks(content), *_shown_faults(content), *_placeholders(content), *_usual(content)]


def hard_to_read(content: ExerciseContent) -> list[Fault]:
    """Return where the patient's texts are above the reading grade, together or a sentence."""
    return list(reading_faults(_said(content)))


def patient_texts(content: ExerciseContent) -> list[str]:
    """Return everything that a patient reads of an exercise, with the sides said."""
    return [text for _field, text in _said(content)]


def reading_faults(texts: Texts) -> Iterator[Fault]:
    """Hold the texts together, and each sentence that is long enough, to the reading grade."""
    level = grade([text for _field, text in texts])
    if level > READING_GRADE_MAX:
        yield Fault("", "reads_hard", _too_hard(level))
    for field, text in texts:
        for sentence in sentences([text]):
            level = grade([sentence])
            if len(sentence.split()) >= WORDS_TO_GRADE and level > READING_GRADE_MAX:
                yield Fault(field, "reads_hard", f"{_too_hard(level)}: {sentence}")


def doubles(where: str, what: str, values: Iterable[object], *, at: str) -> Iterator[Fault]:
    """Name each value that stands in the list already; `at` has a {} for its place."""
    seen: set[object] = set()
    for place, value in enumerate(values):
        if value in seen:
            detail = _("%(where)s: the %(what)s %(value)s comes twice")
            told = {"where": where, "what": what, "value": value}
            yield Fault(at.format(place), "repeated", detail % told)
        seen.add(value)


def _too_hard(level: float) -> str:
    told = {"level": f"{level:.1f}", "most": f"{READING_GRADE_MAX:g}"}
    return _("reads at grade %(level)s, above %(most)s") % told


def _checks(content: ExerciseContent) -> Iterator[Fault]:
    yield from doubles("checks", "id", [check.id for check in content.checks], at="checks.{}.id")
    for place, check in enumerate(content.checks):
        at, told = f"checks.{place}", {"id": check.id}
        if not check.fix.strip():
            detail = _("the check %(id)s can say wrong and has no fix") % told
            yield Fault(f"{at}.fix", "missing", detail)
        if check.safety and check.optional:
            detail = _("the check %(id)s cannot be both safety and optional") % told
            yield Fault(f"{at}.optional", "safety_and_optional", detail)
        if check.safety and check.right != "yes":
            detail = _("the safety check %(id)s must be asked so that no is the alarm") % told
            yield Fault(f"{at}.right", "safety_alarm_is_no", detail)


def _shown_faults(content: ExerciseContent) -> Iterator[Fault]:
    most = content.picture.faults if content.picture else 0
    marked: list[tuple[str, str, int | None]] = [
        *(
            (f"checks.{place}", _("the check %(id)s") % {"id": check.id}, check.fault)
            for place, check in enumerate(content.checks)
        ),
        *(
            (f"wrong_signs.{place}", _("the wrong sign %(place)d") % {"place": place}, sign.fault)
            for place, sign in enumerate(content.wrong_signs)
        ),
    ]
    for at, name, fault in marked:
        if fault is not None and fault >= most:
            detail = _("%(name)s shows fault %(fault)d of %(most)d")
            told = {"name": name, "fault": fault, "most": most}
            yield Fault(f"{at}.fault", "no_such_fault", detail % told)


def _placeholders(content: ExerciseContent) -> Iterator[Fault]:
    named = {name: field for field, text in reversed(_filled(content)) for name in _names(text)}
    for name in sorted(set(named) - PLACEHOLDERS):
        detail = _("has an unknown placeholder {%(name)s}") % {"name": name}
        yield Fault(named[name], "unknown_placeholder", detail)
    if content.laterality == "both" and named:
        detail = _("is done with both sides at once, yet names a side")
        yield Fault("laterality", "names_a_side", detail)
    if content.laterality == "one" and "side" not in named:
        detail = _("is done on one side, yet never says {side}")
        yield Fault("steps", "names_no_side", detail)
    elsewhere = [field for field, text in _unfilled(content) for _name in _names(text)]
    if elsewhere:
        detail = _("has a placeholder outside start, steps and cues")
        yield Fault(elsewhere[0], "placeholder_elsewhere", detail)


def _names(text: str) -> Iterator[str]:
    """Return what stands in braces; a brace that is left over counts as the name "?"."""
    yield from PLACEHOLDER.findall(text)
    if set("{}") & set(PLACEHOLDER.sub("", text)):
        yield "?"


def _usual(content: ExerciseContent) -> Iterator[Fault]:
    usual = content.usual_dose
    yield from doubles("measures", "measure", content.measures, at="measures.{}")
    needed = {name for measure in content.measures for name in MEASURE_FIELDS[measure]}
    for name in sorted(needed):
        if getattr(usual, name) is None:
            detail = _("has no usual %(name)s, which its measures need") % {"name": name}
            yield Fault(f"usual_dose.{name}", "missing", detail)
    for name in sorted({name for fields in MEASURE_FIELDS.values() for name in fields} - needed):
        if getattr(usual, name) is not None:
            detail = _("has a usual %(name)s, which none of its measures has") % {"name": name}
            yield Fault(f"usual_dose.{name}", "of_no_measure", detail)
    for name, (least, most) in USUAL_BOUNDS.items():
        yield from _ordered(name, getattr(usual, name), least, most)
    yield from _frequency_and_load(usual)


def _frequency_and_load(usual: UsualDose) -> Iterator[Fault]:
    yield from _ordered("days_per_week", usual.days_per_week, *RANGES["times_per_week"])
    yield from _ordered("load_kg", usual.load_kg, 0, LOAD_KG_MAX)
    least, most = RANGES["rest_seconds"]
    if usual.rest_seconds is not None and not least <= usual.rest_seconds <= most:
        yield _outside("rest_seconds", least, most)
    share = usual.percent_of_max
    if share is not None and not share.low <= share.high <= 100:
        detail = _("percent_of_max does not rise from %(low)s to %(high)s of 100")
        told = {"low": share.low, "high": share.high}
        yield Fault("usual_dose.percent_of_max", "does_not_rise", detail % told)


def _ordered(name: str, usual: Any, least: int, most: int) -> Iterator[Fault]:
    if usual is None:
        return
    if not usual.low <= usual.start <= usual.high:
        detail = _("%(name)s does not rise from %(low)s over %(start)s to %(high)s")
        told = {"name": name, "low": usual.low, "start": usual.start, "high": usual.high}
        yield Fault(f"usual_dose.{name}", "does_not_rise", detail % told)
    if not least <= usual.low <= usual.high <= most:
        yield _outside(name, least, most)


def _outside(name: str, least: int, most: int) -> Fault:
    detail = _("%(name)s is not from %(least)s to %(most)s")
    told = {"name": name, "least": least, "most": most}
    return Fault(f"usual_dose.{name}", "out_of_range", detail % told)


def _said(content: ExerciseContent) -> Texts:
    filled = [
        (field, text.replace("{side}", "right").replace("{other}", "left"))
        for field, text in _filled(content)
    ]
    return [*filled, *_unfilled(content)]


def _filled(content: ExerciseContent) -> Texts:
    """Return the texts in which placeholders are filled in."""
    return [
        ("start", content.start),
        *((f"steps.{place}", text) for place, text in enumerate(content.steps)),
        *((f"cues.{place}", text) for place, text in enumerate(content.cues)),
    ]


def _unfilled(content: ExerciseContent) -> Texts:
    signs, checks = enumerate(content.wrong_signs), enumerate(content.checks)
    return [
        ("name", content.name),
        ("purpose", content.purpose),
        *(
            (f"wrong_signs.{place}.{part}", getattr(sign, part))
            for place, sign in signs
            for part in ("sign", "fix")
        ),
        *(
            (f"checks.{place}.{part}", getattr(check, part))
            for place, check in checks
            for part in ("ask", "fix")
        ),
        *(
            (f"precautions.{place}.text", precaution.text)
            for place, precaution in enumerate(content.precautions)
            if precaution.for_patient
        ),
        ("goal_example", content.goal_example),
        *((f"easier.{place}", text) for place, text in enumerate(content.easier)),
        *((f"harder.{place}", text) for place, text in enumerate(content.harder)),
    ]
