"""What the runs came to, as a table; and whether all of it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from tests.fuzzing.run import Outcome

LEAST_SHARE = 0.6
HEAD = f"{'role':<11}{'cases':>7}{'operations':>12}{'with 2xx':>10}{'share':>8}{'faults':>8}"


def report(
    outcomes: Sequence[Outcome],
    *,
    least_cases: int,
    say: Callable[[str], None],
    least_share: float = LEAST_SHARE,
) -> int:
    """Say a line for each role and each fault; return 0 only if all holds."""
    say(HEAD)
    for one in outcomes:
        say(
            f"{one.role:<11}{one.cases:>7}{len(one.operations):>12}"
            f"{len(one.reached & one.operations):>10}{one.share:>8.0%}{one.faults.total():>8}"
        )
    for one in outcomes:
        say(f"\n{one.role}: {_statuses(one)}")
        for missed in sorted(one.operations - one.reached):
            why = one.refusals.get(missed, Counter()).most_common(3)
            say(f"  never 2xx: {missed} ({'; '.join(f'{text} × {n}' for text, n in why)})")
        for (operation, fault), count in one.faults.most_common():
            say(f"  ✗ {operation}: {fault} ({count} times)")
            for request in one.shown[operation, fault]:
                say(f"      {request}")
    wrong = [why for one in outcomes for why in _wrong(one, least_cases, least_share)]
    say("\n" + ("\n".join(wrong) or "Every answer is as the description says."))
    return 1 if wrong else 0


def _wrong(one: Outcome, least_cases: int, least_share: float) -> list[str]:
    found = []
    if one.faults:
        found.append(f"{one.role}: {one.faults.total()} answers are wrong.")
    if one.cases < least_cases:
        found.append(f"{one.role}: only {one.cases} of {least_cases} cases were sent.")
    if one.share < least_share:
        found.append(f"{one.role}: only {one.share:.0%} of the operations were reached.")
    return found


def _statuses(one: Outcome) -> str:
    return ", ".join(f"{status} × {count}" for status, count in sorted(one.statuses.items()))
