"""What was measured, and what it says: CPU a call, ratios, and whether a target holds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One turn of one side: so many calls, and the seconds that they took in all."""

    calls: int
    application: float
    database: float
    elapsed: float

    @property
    def milliseconds(self) -> float:
        """CPU of one call, the application's and the database's together."""
        return (self.application + self.database) * 1000 / self.calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """All turns of one side, in the order in which they ran."""

    name: str
    samples: tuple[Sample, ...]

    @property
    def milliseconds(self) -> float:
        """CPU of one call: the median of the turns."""
        return median(each.milliseconds for each in self.samples)

    @property
    def application(self) -> float:
        return median(each.application * 1000 / each.calls for each in self.samples)

    @property
    def database(self) -> float:
        return median(each.database * 1000 / each.calls for each in self.samples)

    @property
    def elapsed(self) -> float:
        """Seconds of one turn by the clock on the wall: the median."""
        return median(each.elapsed for each in self.samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One figure of the table. `most` is the target; None where a figure only informs."""

    what: str
    value: float
    unit: str
    most: float | None = None

    @property
    def holds(self) -> bool | None:
        return None if self.most is None else self.value <= self.most


def ratio(side: Side, floor: Side) -> float:
    """
    How many times the floor's CPU a side takes: the median over the turns, each turn against the
    floor's turn beside it, so that what slows the machine for a while slows both.
    """
    pairs = zip(side.samples, floor.samples, strict=True)
    return median(one.milliseconds / other.milliseconds for one, other in pairs)


def difference(side: Side, other: Side) -> float:
    """Milliseconds of CPU that a call of one side takes beyond the other's, turn beside turn."""
    pairs = zip(side.samples, other.samples, strict=True)
    return median(one.milliseconds - two.milliseconds for one, two in pairs)


def table_of_sides(sides: Sequence[Side]) -> str:
    """Say what each side took: CPU a call, in milliseconds, and where."""
    rows = [("", "CPU ms", "application", "PostgreSQL", "calls")]
    rows += [
        (
            side.name,
            f"{side.milliseconds:.2f}",
            f"{side.application:.2f}",
            f"{side.database:.2f}",
            str(sum(each.calls for each in side.samples)),
        )
        for side in sides
    ]
    return table(rows)


def table_of_findings(findings: Sequence[Finding]) -> str:
    rows = [("", "measured", "target", "")]
    rows += [
        (
            finding.what,
            f"{finding.value:.2f} {finding.unit}".strip(),
            "" if finding.most is None else f"≤ {finding.most:g}",
            {None: "", True: "holds", False: "DOES NOT HOLD"}[finding.holds],
        )
        for finding in findings
    ]
    return table(rows)


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Align columns: the first to the left, the others to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
