from __future__ import annotations

from celery import current_app
from django.conf import settings

from rehab_platform.schedule import beat_schedule, periodic_jobs

JOBS = periodic_jobs(tidy_every_seconds=60, deliver_every_seconds=30)


def test_a_job_is_late_after_three_turns_and_never_while_a_slow_run_may_last():
    assert [(job.name, job.every_seconds, job.late_after_seconds) for job in JOBS] == [
        ("tidy", 60, 180),
        ("deliver", 30, 150),
        ("escalate", 60, 180),
        ("watch", 60, 180),
        ("plan", 60, 180),
        ("remind", 30, 150),
        ("weeks", 60, 180),
    ]


def test_a_turn_that_could_not_start_does_not_pile_up():
    assert beat_schedule(JOBS) == {
        "tidy": {"task": "patients.tasks.tidy", "schedule": 60.0, "options": {"expires": 60}},
        "deliver": {
            "task": "rehab_platform.tasks.deliver",
            "schedule": 30.0,
            "options": {"expires": 30},
        },
        "escalate": {
            "task": "sessions.tasks.escalate",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "watch": {"task": "sessions.tasks.watch", "schedule": 60.0, "options": {"expires": 60}},
        "plan": {"task": "reminders.tasks.plan", "schedule": 60.0, "options": {"expires": 60}},
        "remind": {"task": "reminders.tasks.remind", "schedule": 30.0, "options": {"expires": 30}},
        "weeks": {"task": "reminders.tasks.weeks", "schedule": 60.0, "options": {"expires": 60}},
    }


def test_beat_and_tasks_share_the_projects_application():
    assert current_app.main == "rehab_platform"
    assert current_app.conf.beat_schedule == settings.CELERY_BEAT_SCHEDULE


def test_every_scheduled_task_exists():
    current_app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in current_app.conf.beat_schedule.values()}

    assert scheduled <= set(current_app.tasks)


def test_messages_survive_a_worker_and_never_hang_a_caller():
    conf = current_app.conf

    assert conf.task_acks_late is True
    assert conf.task_reject_on_worker_lost is True
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_publish_retry is False
    assert conf.task_ignore_result is True
    assert conf.broker_transport_options["socket_connect_timeout"] == 2
