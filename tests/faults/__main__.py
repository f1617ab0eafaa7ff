"""Play the scenarios in full and print what they showed.

    python -m tests.faults [--only NAME] [--seed N] [--short]

Ends with 1 where a mail was lost, or doubled without need.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable

from tests.faults.run import Result, new_seed, play
from tests.faults.scenarios import FULL, SHORT
from tests.faults.verdict import Cause

FAULTS_SHOWN = 20


def report(name: str, seed: int, result: Result) -> None:
    """Print what a run showed."""
    seen, verdict = result.seen, result.verdict
    print(f"{name}, seed {seed}: {result.seconds:.0f} s")
    print(f"  reminders due       {sum(each.was_due for each in seen.reminders):6d}")
    print(f"  mails owed          {len(seen.deliveries):6d}")
    print(f"  arrived             {len({each.message_id for each in seen.taken}):6d}")
    print(f"  kills (SIGKILL)     {len(seen.kills):6d}")
    print(f"  pauses (SIGSTOP)    {seen.pauses:6d}")
    print(f"  database restarts   {len(seen.outages):6d}")
    print(f"  workers held up     {len(seen.hold_ups):6d}")
    for misdeed, count in sorted(Counter(seen.misdeeds).items()):
        print(f"  server: {misdeed:36s} {count:5d}")
    print(f"  doubled, each under its own Message-ID: {sum(verdict.doubled.values())}")
    for cause in Cause:
        if cause in verdict.doubled:
            print(f"    for a {cause.value:16s} {verdict.doubled[cause]:6d}")
    print(f"  lost or doubled without need: {len(verdict.faults)}")
    for fault in verdict.faults[:FAULTS_SHOWN]:
        print(f"    {fault}")


def _teller() -> Callable[[str], None]:
    began = time.monotonic()
    return lambda how_far: print(f"{time.monotonic() - began:6.1f} s {how_far}", flush=True)


def _say_nothing(_: str) -> None:
    pass


def main() -> None:
    """Play what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(FULL))
    parser.add_argument("--seed", type=int)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="say how far it is")
    asked = parser.parse_args()
    scenarios = SHORT if asked.short else FULL
    has_passed = True
    for name, scenario in scenarios.items():
        if asked.only in (None, name):
            seed = new_seed() if asked.seed is None else asked.seed
            tell = _teller() if asked.verbose else _say_nothing
            result = play(scenario, seed, tell)
            report(name, seed, result)
            has_passed &= result.verdict.has_passed
    sys.exit(not has_passed)


if __name__ == "__main__":
    main()
