"""Any sound plan of reminders, for properties that must hold whatever an organisation chose."""

from datetime import time, timedelta

from hypothesis import strategies as st

from breachdesk.domain.public_holidays import CALENDARS
from breachdesk.domain.quiet_hours import QuietHours
from breachdesk.domain.reminder_plans import PlannedNotice, ReminderPlan
from breachdesk.domain.reminders import LINE, ReminderChannel

# At any hour of any day a reminder rings.
NO_QUIET = QuietHours(time(), time(), weekends=False)

_clock_times = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
_roles = st.lists(st.sampled_from(LINE), min_size=1, unique=True).map(tuple)


def _minutes(least: timedelta, most: timedelta) -> st.SearchStrategy[timedelta]:
    first, last = (int(bound / timedelta(minutes=1)) for bound in (least, most))
    return st.integers(first, last).map(lambda count: timedelta(minutes=count))


@st.composite
def _notices(draw, near: timedelta) -> tuple[PlannedNotice, ...]:
    offsets = [
        draw(_minutes(timedelta(0), near)),
        *draw(st.lists(_minutes(timedelta(0), timedelta(days=60)), max_size=8)),
    ]
    return tuple(
        PlannedNotice(
            before,
            draw(_roles),
            ReminderChannel.MAIL if before <= near else draw(st.sampled_from(ReminderChannel)),
        )
        for before in dict.fromkeys(offsets)
    )


@st.composite
def any_plan(draw) -> ReminderPlan:
    """A plan that could be kept, with whole minutes as pages ask for them."""
    near = draw(_minutes(timedelta(hours=6), timedelta(days=7)))
    patience = draw(_minutes(timedelta(minutes=15), timedelta(days=2)))
    return ReminderPlan(
        notices=draw(_notices(near)),
        chase=draw(_notices(near)),
        open_ended_every=draw(_minutes(timedelta(hours=1), timedelta(days=7))),
        late_every=draw(_minutes(timedelta(hours=1), timedelta(days=2))),
        escalate_after=patience,
        escalate_after_when_near=draw(
            _minutes(timedelta(minutes=15), min(patience, timedelta(hours=12)))
        ),
        near=near,
        quiet=QuietHours(
            draw(_clock_times),
            draw(_clock_times),
            draw(st.booleans()),
            draw(st.sampled_from(CALENDARS)),
        ),
        quiet_yields=draw(_minutes(timedelta(hours=6), timedelta(days=30))),
    )
