from __future__ import annotations

import datetime as dt

import pytest
from celery import current_app
from django.core import mail as outgoing

from core import outbox
from core.models import JobRun, Message
from core.tenancy import clinic_context
from rehab_platform import tasks
from tests.factories import people


@pytest.mark.django_db
def test_the_task_delivers_what_is_due_by_the_clock_and_records_its_run():
    before = dt.datetime.now(dt.UTC)
    clinic = people.clinic()
    people.message(clinic, people.user("Rui Costa", "rui@example.org"))

    tasks.deliver()

    assert [mail.to for mail in outgoing.outbox] == [["rui@example.org"]]
    run = JobRun.objects.get(name="deliver")
    assert (run.last_outcome, run.last_started_at >= before) == ("done", True)


def test_a_nudge_names_the_task_and_says_nothing_else(monkeypatch):
    sent = []
    monkeypatch.setattr(
        current_app, "send_task", lambda *task, **options: sent.append((task, options))
    )

    tasks.nudge()

    assert sent == [
        (
            ("rehab_platform.tasks.deliver",),
            {"ignore_result": True, "retry": False, "expires": 60},
        )
    ]
    assert "rehab_platform.tasks.deliver" in current_app.tasks


@pytest.mark.django_db
def test_a_broker_that_is_down_costs_no_change_its_commit(
    settings, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    def refuse(*task: object, **options: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(current_app, "send_task", refuse)
    clinic = people.clinic()

    with django_capture_on_commit_callbacks(execute=True), clinic_context(clinic.pk):
        outbox.leave(
            kind=Message.Kind.ALERT,
            clinic_id=clinic.pk,
            address="on-call@harbour.example",
            key="alert:1",
            due_at=people.LONG_AGO,
        )

    with clinic_context(clinic.pk):
        assert Message.objects.get().state == "waiting"
    assert "ConnectionRefusedError" in caplog.text
