from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.constraints import one_of
from patients.models.records import OfPatient


class PatientChange(OfPatient):
    """
    The newest change of one thing that a patient's phones hold: a row a thing, moved up each time.

    `seq` comes from the record's `change_seq`, under its lock: so it rises in the order in which
    changes are committed, and who read up to one has missed nothing before it. `target_id` is a
    plain id; which table it is of, `kind` says.
    """

    class Kind(models.TextChoices):
        RECORD = "record", _("the record")
        PLAN = "plan", _("the plan")
        SESSION = "session", _("a session")
        SAFETY_CHECK = "safety_check", _("a safety check")
        GOAL = "goal", _("a goal")
        ASSESSMENT = "assessment", _("an assessment")

    seq = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    target_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "seq"], name="one_change_for_a_number"),
            models.UniqueConstraint(
                fields=["patient", "kind", "target_id"], name="one_newest_change_of_a_thing"
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="change_number_is_positive"),
            one_of(
                "kind",
                "record, plan, session, safety_check, goal, assessment",
                name="change_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target_id}"
