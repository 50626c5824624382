"""
What a server has ready before its first thread, seen in a process of its own.

Eight threads that are the first to need a struct of twelve nested ones kill the interpreter each
time: msgspec looks at a struct's annotations when it is first needed, and lets other threads run.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LOOKED_AT = """
import importlib, json, sys
import msgspec
from msgspec._utils import get_class_annotations
from core.bodies import structs_of
from rehab_platform.readying import OURS

importlib.import_module("rehab_platform.{server}")
late = []

def watch(frame, event, argument):
    if event == "call" and frame.f_code is get_class_annotations.__code__:
        late.append(frame.f_locals["obj"].__qualname__)

kinds = structs_of(OURS)
sys.setprofile(watch)
for kind in kinds:
    try:
        msgspec.convert({}, kind)
    except msgspec.ValidationError:
        pass
    except TypeError:  # never read: the bounds of its decimals are for the description
        late.remove(kind.__qualname__)
sys.setprofile(None)
print(json.dumps([len(kinds), late]))
"""


@pytest.mark.parametrize("server", ["wsgi", "asgi"])
def test_no_struct_is_looked_at_for_the_first_time_by_a_thread(server):
    done = subprocess.run(
        [sys.executable, "-c", LOOKED_AT.replace("{server}", server)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    kinds, late = json.loads(done.stdout)
    assert kinds > 200
    assert late == []
