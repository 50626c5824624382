from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinics.models import Clinic
from core.calendar import WEEK, week_start
from core.tenancy import clinic_context
from patients.models import Patient
from sessions.patient_weeks import forget_weeks, wrong_weeks

AT_ONCE = 250
MOST_WEEKS = 520


class Command(BaseCommand):
    """Run it after rows were changed by hand; what is wrong is named by keys, and ends in an error."""

    help = "Works kept weeks out anew and says which of them, if any, say otherwise."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--weeks", type=int, default=13, help="so many, the current one too")
        parser.add_argument("--mend", action="store_true", help="take away those that are wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        count: int = options["weeks"]
        if not 1 <= count <= MOST_WEEKS:
            raise CommandError(f"--weeks: 1 to {MOST_WEEKS}")
        this_week = week_start(timezone.now().date())
        looked_at = wrong = 0
        for clinic_id in Clinic.objects.order_by("pk").values_list("pk", flat=True):
            for patient_ids in _patients(clinic_id):
                for number in range(count):
                    week = this_week - number * WEEK
                    with clinic_context(clinic_id):
                        found = wrong_weeks(patient_ids=patient_ids, week=week)
                        if options["mend"]:
                            forget_weeks(patient_ids=found, week=week)
                    for patient_id in found:
                        self.stdout.write(f"clinic {clinic_id} patient {patient_id} week {week}")
                    wrong += len(found)
                looked_at += len(patient_ids)
        said = f"{looked_at} patients, {count} weeks: {wrong} wrong"
        if wrong and not options["mend"]:
            raise CommandError(said)
        self.stdout.write(said)


def _patients(clinic_id: UUID) -> Iterator[list[UUID]]:
    """Yield a clinic's patients, some hundreds at a time, in the order of their keys."""
    after = UUID(int=0)
    while True:
        with clinic_context(clinic_id):
            found = Patient.objects.filter(clinic=clinic_id, pk__gt=after).order_by("pk")
            some = list(found.values_list("pk", flat=True)[:AT_ONCE])
        if not some:
            return
        yield some
        after = some[-1]
