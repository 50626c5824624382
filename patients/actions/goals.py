"""Every write of a goal: set it, change it, end it. How far it is, nobody writes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import UNSET

from clinics.actors import Actor
from core import audit
from core.calendar import local_date
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from patients.actions.change import Kind, lock_patient, raise_change
from patients.bodies.goals import ExerciseAim, GoalChange, MeasureAim, NewGoal
from patients.models import Assessment, Goal, Patient
from patients.policies import may_assess
from programs.content import MeasureContent, measure_content
from programs.models import Exercise
from programs.reading import newest_measures
from programs.scores import Score, faults

MOST_ACTIVE = 20
LONGEST = dt.timedelta(days=731)
CHANGEABLE = ("baseline", "target", "due_on", "text")


class GoalExists(Conflict):
    code = "goal_exists"
    message = gettext_lazy("There is an active goal of this already. Change that one instead.")


class GoalEnded(Conflict):
    code = "goal_ended"
    message = gettext_lazy("This goal has ended. Set a new one.")


class TooManyGoals(Conflict):
    code = "too_many_goals"
    message = gettext_lazy("This patient has as many active goals as one record holds.")


def set_goal(*, patient_id: UUID, asked: NewGoal, by: Actor, now: dt.datetime) -> Goal:
    """
    Set a goal from today on: only what is logged or assessed from then on moves it.

    :raises NotFound: not a patient of this therapist
    :raises core.errors.Invalid: unknown aim, target not beyond the baseline, due date impossible
    :raises GoalExists: there is an active one of the same amount, or of the same measure and way
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        today = local_date(now, patient.time_zone)
        assert by.user_id is not None
        goal = Goal(
            clinic_id=patient.clinic_id, patient=patient, starts_on=today, due_on=asked.due_on,
            text=asked.text, target=_exact(asked.target), set_by_id=by.user_id, set_at=now,
        )  # fmt: skip
        _aim(goal, asked.aim, by)
        goal.baseline = _baseline(goal, asked.baseline)
        _refuse(goal, today)
        _refuse_another(goal)
        goal.save(force_insert=True)
        _record("goal_set", goal, by=by, now=now)
    return goal


def change_goal(
    *, patient_id: UUID, goal_id: UUID, asked: GoalChange, by: Actor, now: dt.datetime
) -> Goal:
    """
    Change baseline, target, due date or words of an active goal.

    :raises NotFound: not a patient, or a goal, of this therapist's
    :raises GoalEnded: it has ended
    :raises core.errors.Invalid: as `set_goal`
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        goal = _found(patient, goal_id)
        if goal.status == Goal.Status.ENDED:
            raise GoalEnded
        changed = _apply(goal, asked)
        if changed:
            _refuse(goal, local_date(now, patient.time_zone) if "due_on" in changed else None)
            goal.save(update_fields=[*changed, "updated_at"])
            _record("goal_changed", goal, by=by, now=now, changed=changed)
    return goal


def end_goal(*, patient_id: UUID, goal_id: UUID, reason: str, by: Actor, now: dt.datetime) -> Goal:
    """
    End a goal today, reached or not: what is logged later moves it no more. Twice is as once.

    :raises NotFound: not a patient, or a goal, of this therapist's
    """
    with transaction.atomic():
        patient = _lock(patient_id, by)
        goal = _found(patient, goal_id)
        if goal.status == Goal.Status.ACTIVE:
            goal.status = Goal.Status.ENDED
            goal.ended_by_id, goal.ended_at = by.user_id, now
            goal.ended_on = local_date(now, patient.time_zone)
            goal.ended_reason = reason
            goal.save()
            _record("goal_ended", goal, by=by, now=now)
    return goal


def _lock(patient_id: UUID, by: Actor) -> Patient:
    patient = lock_patient(patient_id, by)
    if not may_assess(by):
        raise Forbidden
    return patient


def _found(patient: Patient, goal_id: UUID) -> Goal:
    found = Goal.objects.filter(patient=patient, pk=goal_id).first()
    if found is None:
        raise NotFound(_("There is no such goal."))
    return found


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


# ---- what it is about ---------------------------------------------------------------------------


def _aim(goal: Goal, aim: ExerciseAim | MeasureAim, by: Actor) -> None:
    if isinstance(aim, ExerciseAim):
        _aim_at_exercise(goal, aim, by)
    else:
        _aim_at_measure(goal, aim)


def _aim_at_exercise(goal: Goal, aim: ExerciseAim, by: Actor) -> None:
    found = Exercise.objects.visible_to(by).select_related("current").filter(pk=aim.exercise)
    exercise = found.first()
    if exercise is None or exercise.current is None:
        raise Invalid.at("aim.exercise", "unknown_exercise", _("There is no such exercise."))
    if aim.measure not in exercise.current.measures:
        detail = _("This exercise is not counted so.")
        raise Invalid.at("aim.measure", "measure_not_allowed", detail)
    goal.kind = Goal.Kind.EXERCISE
    goal.exercise, goal.exercise_measure, goal.amount = exercise, aim.measure, aim.amount


def _aim_at_measure(goal: Goal, aim: MeasureAim) -> None:
    measure = newest_measures([aim.measure]).get(aim.measure)
    if measure is None or not measure.is_offered:
        raise Invalid.at("aim.measure", "unknown_measure", _("There is no such outcome measure."))
    if measure_content(measure.content).codes:
        raise Invalid.at("aim.measure", "no_numbers", _("The steps of this scale have no size."))
    goal.kind, goal.slug = Goal.Kind.MEASURE, aim.measure
    goal.variant, goal.aid, goal.side = aim.variant or "", aim.aid or "", aim.side or ""


def _baseline(goal: Goal, given: float | None) -> Decimal:
    """Return what was given or, of an outcome measure, the latest score alike."""
    if given is not None:
        return _exact(given)
    if goal.kind == Goal.Kind.MEASURE:
        alike = Assessment.objects.filter(
            patient_id=goal.patient_id, status=Assessment.Status.CURRENT, slug=goal.slug,
            variant=goal.variant, aid=goal.aid, side=goal.side, score__isnull=False,
        )  # fmt: skip
        latest = alike.order_by("-assessed_on", "-id").first()
        if latest is not None and latest.score is not None:
            return latest.score
    raise Invalid.at("baseline", "missing", _("Say from where it starts."))


# ---- what is refused ----------------------------------------------------------------------------


def _refuse(goal: Goal, today: dt.date | None) -> None:
    """:raises Invalid: naming every field at fault; the due date is looked at if `today` is given"""
    content = _content(goal)
    errors = _number_faults(goal, content)
    better = "higher" if content is None else content.better
    gain = goal.target - goal.baseline
    if gain == 0:
        detail = _("The target is where it starts.")
        errors.append(FieldError(field="target", code="target_is_baseline", detail=detail))
    elif (gain > 0) != (better == "higher"):
        detail = _("The target lies on the wrong side of the baseline.")
        errors.append(FieldError(field="target", code="wrong_direction", detail=detail))
    if today is not None:
        errors += _due_faults(goal, today)
    if errors:
        raise Invalid(errors)


def _content(goal: Goal) -> MeasureContent | None:
    if goal.kind == Goal.Kind.EXERCISE:
        return None
    return measure_content(newest_measures([goal.slug])[goal.slug].content)


def _number_faults(goal: Goal, content: MeasureContent | None) -> list[FieldError]:
    found = []
    for field in ("baseline", "target"):
        value = getattr(goal, field)
        if content is None:
            if value != value.to_integral_value():
                detail = _("Expected a whole number.")
                found.append(FieldError(field=field, code="not_whole", detail=detail))
            continue
        score = Score(value=value, variant=goal.variant, aid=goal.aid, side=goal.side)
        for fault in faults(content, score):
            place = field if fault.field == "score" else f"aim.{fault.field}"
            one = FieldError(field=place, code=fault.code, detail=fault.detail)
            if one not in found:
                found.append(one)
    return found


def _due_faults(goal: Goal, today: dt.date) -> list[FieldError]:
    if goal.due_on < today:
        return [FieldError(field="due_on", code="in_the_past", detail=_("This date has passed."))]
    if goal.due_on > today + LONGEST:
        detail = _("A goal is due within two years.")
        return [FieldError(field="due_on", code="too_far", detail=detail)]
    return []


def _refuse_another(goal: Goal) -> None:
    active = Goal.objects.filter(patient_id=goal.patient_id, status=Goal.Status.ACTIVE)
    same = active.filter(
        exercise=goal.exercise_id, exercise_measure=goal.exercise_measure, amount=goal.amount,
        slug=goal.slug, variant=goal.variant, aid=goal.aid, side=goal.side,
    )  # fmt: skip
    if same.exists():
        raise GoalExists(field="aim")
    if active.count() >= MOST_ACTIVE:
        raise TooManyGoals


def _apply(goal: Goal, asked: GoalChange) -> list[str]:
    """Set what is asked for and return the names of the fields that changed."""
    changed = []
    for name in CHANGEABLE:
        value = getattr(asked, name)
        if value is UNSET:
            continue
        if name in ("baseline", "target"):
            value = _exact(value)
        if value != getattr(goal, name):
            setattr(goal, name, value)
            changed.append(name)
    return changed


def _record(
    action: str, goal: Goal, *, by: Actor, now: dt.datetime, changed: list[str] | None = None
) -> None:
    raise_change(goal.patient, Kind.GOAL, goal.pk)
    audit.record(
        action=action,
        by=by,
        now=now,
        patient_id=goal.patient_id,
        target="patients.Goal",
        target_id=goal.pk,
        details={"fields": sorted(changed)} if changed else {},
    )
