"""The judge itself: made-up runs with one fault each, and it must be found."""

from dataclasses import replace

import pytest

from tests.faults.observed import (
    HoldUp,
    Kill,
    Observed,
    Outage,
    SeenDelivery,
    SeenReminder,
    Taken,
    Yes,
)
from tests.faults.verdict import Allowed, Cause, judge

ALLOWED = Allowed(record=2.0, text_timeout=8.0)
REMINDER = SeenReminder(1, was_due=True, is_emitted=True, lines=1, people=1)
LATER = SeenReminder(2, was_due=False, is_emitted=False, lines=0, people=1)
DELIVERY = SeenDelivery(7, 1, 3, "<a@x>", "sent", recorded_at=(100.6,))
TAKEN = Taken("<a@x>", "dpo@x", slot=0, began_at=100.0, read_at=100.1, at=100.2, yes=Yes.SAID)
AGAIN = replace(TAKEN, slot=1, began_at=110.0, read_at=110.1, at=110.2)
CALM = Observed((REMINDER, LATER), (DELIVERY,), (TAKEN,))
# Written down only after the second time.
TWICE = replace(CALM, deliveries=(replace(DELIVERY, recorded_at=(110.6,)),), taken=(TAKEN, AGAIN))


def test_a_run_in_which_all_goes_well_passes():
    verdict = judge(CALM, ALLOWED)

    assert (verdict.has_passed, verdict.doubled) == (True, {})


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        pytest.param(
            replace(CALM, reminders=(replace(REMINDER, is_emitted=False, lines=0),)),
            "was due and was never emitted",
            id="a reminder never emitted",
        ),
        pytest.param(
            replace(CALM, reminders=(replace(REMINDER, lines=2),)),
            "2 lines in the journal",
            id="a reminder emitted twice",
        ),
        pytest.param(
            replace(CALM, reminders=(REMINDER, replace(LATER, is_emitted=True))),
            "before it was due",
            id="a reminder emitted too soon",
        ),
        pytest.param(
            replace(CALM, deliveries=(), taken=()),
            "has 0 mails for 1 people",
            id="a reminder that told nobody",
        ),
        pytest.param(
            replace(CALM, deliveries=(replace(DELIVERY, state="sending"),)),
            "was left sending",
            id="a mail left in a dead worker's hands",
        ),
        pytest.param(
            replace(CALM, taken=()), "<a@x> never arrived", id="believed sent, and never arrived"
        ),
        pytest.param(
            replace(CALM, taken=(TAKEN, replace(TAKEN, message_id="<b@x>"))),
            "<b@x> arrived and is of no delivery",
            id="under an id that nobody knows",
        ),
        pytest.param(
            replace(
                CALM,
                deliveries=(DELIVERY, replace(DELIVERY, id=8, message_id="<b@x>")),
                taken=(TAKEN, replace(TAKEN, message_id="<b@x>")),
            ),
            "doubled under another Message-ID: see delivery 7",
            id="doubled with another id",
        ),
        pytest.param(TWICE, "without need", id="doubled for no reason"),
        pytest.param(
            replace(TWICE, kills=(Kill(slot=1, at=100.3),)),
            "without need",
            id="another worker was killed",
        ),
        pytest.param(
            replace(TWICE, kills=(Kill(slot=0, at=103.0),)),
            "without need",
            id="killed long after it could have written down the yes",
        ),
        pytest.param(
            replace(TWICE, outages=(Outage(100.0, 101.0),)),
            "without need",
            id="a restart of the database is no excuse: the worker lived",
        ),
        pytest.param(
            replace(TWICE, hold_ups=(HoldUp(1, 100.0, 109.0), HoldUp(0, 90.0, 99.0))),
            "without need",
            id="another worker was held up, or this one before",
        ),
        pytest.param(
            replace(
                TWICE,
                deliveries=(replace(DELIVERY, recorded_at=(100.3,)),),
                kills=(Kill(slot=0, at=100.4),),
            ),
            "after it was written down",
            id="sent again although it was on record",
        ),
        pytest.param(
            replace(TWICE, taken=(replace(TAKEN, yes=Yes.UNHEARD, at=101.0), AGAIN)),
            "without need",
            id="hung up before the time was over",
        ),
        pytest.param(
            replace(CALM, crashes=("worker 2: KeyError",)),
            "worker 2: KeyError",
            id="a worker that fell over",
        ),
    ],
)
def test_each_fault_is_noticed(seen, words):
    verdict = judge(seen, ALLOWED)

    assert not verdict.has_passed
    assert any(words in fault for fault in verdict.faults), verdict.faults


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        pytest.param(
            replace(TWICE, kills=(Kill(slot=0, at=100.3),)), Cause.KILL, id="killed after the yes"
        ),
        pytest.param(
            replace(TWICE, kills=(Kill(slot=0, at=104.0),), outages=(Outage(100.3, 103.0),)),
            Cause.KILL,
            id="killed while the database was away",
        ),
        pytest.param(
            replace(
                TWICE,
                taken=(replace(TAKEN, yes=Yes.UNHEARD, at=110.5), AGAIN),
                kills=(Kill(slot=0, at=103.0),),
            ),
            Cause.KILL,
            id="killed while a slow server thought, and kept when another had sent it already",
        ),
        pytest.param(
            replace(TWICE, taken=(replace(TAKEN, yes=Yes.DROPPED), AGAIN)),
            Cause.DROP,
            id="the line was cut instead of a yes",
        ),
        pytest.param(
            replace(TWICE, taken=(replace(TAKEN, yes=Yes.STALLED), AGAIN)),
            Cause.STALL,
            id="the yes never came",
        ),
        pytest.param(
            replace(TWICE, taken=(replace(TAKEN, yes=Yes.UNHEARD, at=109.0), AGAIN)),
            Cause.TIMEOUT,
            id="the yes came too late",
        ),
        pytest.param(
            replace(TWICE, hold_ups=(HoldUp(0, 100.1, 109.0),)),
            Cause.HOLD_UP,
            id="the machine gave the worker no turn for longer than its lease",
        ),
        pytest.param(
            replace(TWICE, outages=(Outage(100.1, 104.2),)),
            Cause.OUTAGE,
            id="the database was away for longer than a lease",
        ),
    ],
)
def test_a_double_that_could_not_be_helped_is_counted_with_its_cause(seen, cause):
    verdict = judge(seen, ALLOWED)

    assert verdict.has_passed, verdict.faults
    assert verdict.doubled == {cause: 1}
