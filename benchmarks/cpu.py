"""CPU seconds of processes, whoever started them: read from the kernel, to the nanosecond."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
# The last field counts a process's scheduled time over all its threads (man clock_getcpuclockid).
_SCHEDULED = 2


def seconds_of(pids: Iterable[int]) -> dict[int, float]:
    """Return the CPU seconds of each process that lives; one that has ended is left out."""
    found = {}
    for pid in pids:
        try:
            found[pid] = time.clock_gettime((~pid << 3) | _SCHEDULED)
        except OSError:
            continue
    return found


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """
    Return what was spent between two readings. What a process that came in between spent counts
    whole; what one spent that ended in between is lost, so nothing measured may end.
    """
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def family_of(pid: int) -> set[int]:
    """Return a process and everything that it started and that still lives."""
    family = {pid}
    parents = dict(_parents())
    while True:
        more = {child for child, parent in parents.items() if parent in family} - family
        if not more:
            return family
        family |= more


def _parents() -> Iterable[tuple[int, int]]:
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        yield int(entry.name), parent_in(stat)


def parent_in(stat: str) -> int:
    """Return the parent's id of a line of /proc/…/stat; a name in it may hold anything."""
    return int(stat.rpartition(")")[2].split()[1])


def cpu_model(cpuinfo: str, cores: int) -> str:
    """Say which processor it is, and how many."""
    names = {
        line.partition(":")[2].strip()
        for line in cpuinfo.splitlines()
        if line.startswith("model name")
    }
    return f"{cores} × {', '.join(sorted(names)) or 'unknown processor'}"
