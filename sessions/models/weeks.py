from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.models import OfPatient


class PatientWeek(OfPatient):
    """
    One ISO week of a patient as it reads once it is over: kept, so that nobody works it out again.

    There is a row or there is none, and a row is always right: who asks for a week that is over and
    has no row works it out and keeps it, and the database itself takes a row away with each change
    under it (docs/adr/0030-kept-weeks.md). What each column says stands in sessions/sql/week_facts.sql;
    days are bits, Monday's the lowest.
    """

    week = models.DateField(help_text=_("Its Monday."))
    asked = models.SmallIntegerField()
    missed = models.SmallIntegerField()
    some_done = models.SmallIntegerField()
    yet_done = models.SmallIntegerField()
    due = models.SmallIntegerField()
    planned = models.SmallIntegerField()
    rows = models.IntegerField()
    last_planned = models.SmallIntegerField()
    last_rows = models.IntegerField()
    quota_days = models.SmallIntegerField()
    times_done = models.SmallIntegerField()
    times_expected = models.SmallIntegerField()
    paused = models.SmallIntegerField()
    stopped = models.SmallIntegerField()
    fixed_days = models.SmallIntegerField()
    free_days = models.SmallIntegerField()
    sessions = models.IntegerField(help_text=_("That count, and were logged in it."))
    next_asked = models.SmallIntegerField(help_text=_("This and the next: of the week after it."))
    next_due = models.SmallIntegerField()
    next_planned = models.SmallIntegerField()
    next_rows = models.IntegerField()
    next_times_expected = models.SmallIntegerField()
    next_paused = models.SmallIntegerField()
    denominator = models.DecimalField(max_digits=1000, decimal_places=0)
    credited = models.DecimalField(
        max_digits=1000, decimal_places=0, help_text=_("Sets × the denominator, as is the next.")
    )
    prescribed = models.DecimalField(max_digits=1000, decimal_places=0)
    done = models.IntegerField(help_text=_("Occurrences, of those expected."))
    expected = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "week"], name="one_kept_week_of_a_patient"),
            models.CheckConstraint(
                condition=Q(week__iso_week_day=1), name="kept_week_begins_on_a_monday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week} {self.pk}"
