"""The probe against a server of the standard library, which answers as ours would."""

from __future__ import annotations

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from rehab_platform import probe
from rehab_platform.devservices import free_port

ROOT = Path(__file__).resolve().parents[3]
ON_TIME = {"status": "on_time"}


@pytest.fixture
def server():
    """Answer each path with what the test gives it, and remember who was asked for."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            status, body = given[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *_):
            """Say nothing."""

    given, asked = {}, []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    running.given, running.asked = given, asked
    serving = {"poll_interval": 0.02}
    Thread(target=running.serve_forever, kwargs=serving, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def environment(server, **changes):
    return {"BIND": f"0.0.0.0:{server.server_port}", "ALLOWED_HOSTS": "rehab.example.org"} | changes


def test_a_living_server_is_well(server, capsys):
    server.given["/healthz"] = 200, {"status": "alive"}

    assert probe.main(["web"], environment(server)) == 0

    assert server.asked == [("/healthz", "rehab.example.org")]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, {"status": "dying"}, "web: dying\n"),
        (200, b"<html>", "web: JSONDecodeError\n"),
        (400, {"status": "alive"}, "web: HTTP 400\n"),
        (503, b"", "web: HTTP 503\n"),
    ],
)
def test_a_server_that_does_not_live_says_why(server, capsys, status, body, said):
    server.given["/healthz"] = status, body

    assert probe.main(["web"], environment(server)) == 1

    assert capsys.readouterr().err == said


def test_nobody_there_is_not_well(capsys):
    assert probe.main(["web"], {"BIND": f"127.0.0.1:{free_port()}"}) == 1

    assert capsys.readouterr().err == "web: URLError\n"


@pytest.mark.parametrize(
    ("allowed", "asked_for"),
    [
        ("rehab.example.org, other.example.org", "rehab.example.org"),
        (".example.org", "example.org"),
        ("*", "localhost"),
        ("", "localhost"),
    ],
)
def test_the_server_is_asked_under_a_name_that_it_answers_to(server, allowed, asked_for):
    server.given["/healthz"] = 200, {"status": "alive"}

    probe.main(["web"], environment(server, ALLOWED_HOSTS=allowed))

    assert server.asked == [("/healthz", asked_for)]


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (200, {"status": "ready", "jobs": {"tidy": ON_TIME}}, 0, ""),
        (200, {"status": "degraded", "jobs": {"tidy": ON_TIME}}, 0, ""),
        (
            200,
            {"status": "degraded", "jobs": {"tidy": {"status": "late"}, "mail": ON_TIME}},
            1,
            "jobs: tidy not on time\n",
        ),
        (
            200,
            {"jobs": {"tidy": {"status": "late"}, "mail": {"status": "never"}}},
            1,
            "jobs: mail, tidy not on time\n",
        ),
        (
            200,
            {"status": "starting", "jobs": {"tidy": {"status": "starting"}, "mail": ON_TIME}},
            1,
            "jobs: tidy not on time\n",
        ),
        (200, {"status": "unavailable", "jobs": {}}, 1, "jobs: unavailable\n"),
        (503, {"status": "unavailable"}, 1, "jobs: HTTP 503\n"),
    ],
)
def test_the_clock_is_well_while_every_job_runs_on_time(server, capsys, status, body, code, said):
    server.given["/readyz"] = status, body
    url = f"http://127.0.0.1:{server.server_port}/"

    assert probe.main(["jobs", url], environment(server)) == code

    assert capsys.readouterr().err == said


@pytest.mark.parametrize("arguments", [[], ["wbe"], ["jobs"], ["web", "twice"]])
def test_asked_wrongly_it_says_how_to_ask(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "rehab_platform.probe", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "the web server of this container lives" in done.stderr
