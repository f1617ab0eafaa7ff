"""Workers killed, a mail server that misbehaves, a database restarted: nothing is lost.

The runs in full are `make faults`.
"""

import pytest

from tests.faults.run import new_seed, play
from tests.faults.scenarios import SHORT
from tests.faults.sink import LETTER_MISDEEDS


@pytest.mark.parametrize("name", ["postgresql", "sqlite"])
def test_no_reminder_is_lost_and_doubled_only_what_could_not_be_helped(name):
    seed = new_seed()
    result = play(SHORT[name], seed)

    again = f"python -m tests.faults --short --only {name} --seed {seed}"
    assert result.verdict.has_passed, "\n".join([again, *result.verdict.faults])
    # It was a run worth its name.
    assert result.seen.kills
    assert result.seen.pauses == SHORT[name].pauses
    assert {misdeed.value for misdeed in LETTER_MISDEEDS} <= result.seen.misdeeds.keys()
    assert len(result.seen.outages) == SHORT[name].restarts
