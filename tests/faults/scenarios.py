"""The runs: in full (`make faults`), and short ones among the tests."""

from dataclasses import replace

from tests.faults.run import Scenario

FULL = {
    "postgresql": Scenario(
        "postgresql",
        workers=4,
        reminders=2000,
        kills=20,
        restarts=2,
        pauses=6,
        speed=15,
        due_seconds=40,
        give_up_seconds=120,
    ),
    "sqlite": Scenario(
        "sqlite",
        workers=1,
        reminders=2000,
        kills=6,
        restarts=0,
        pauses=2,
        speed=15,
        due_seconds=40,
        give_up_seconds=120,
    ),
}
SHORT = {
    "postgresql": Scenario(
        "postgresql",
        workers=3,
        reminders=200,
        kills=3,
        restarts=1,
        pauses=2,
        speed=15,
        due_seconds=4,
        give_up_seconds=30,
        patience=(1.0, 7.0),
    ),
    "sqlite": Scenario(
        "sqlite",
        workers=1,
        reminders=200,
        kills=2,
        restarts=0,
        pauses=1,
        speed=15,
        due_seconds=4,
        give_up_seconds=30,
        patience=(1.0, 7.0),
    ),
}

# The other runner does the same work: the claims on the rows are what is tried, once more.
FULL["procrastinate"] = replace(
    FULL["postgresql"], runner="procrastinate", reminders=500, kills=8, due_seconds=10
)
SHORT["procrastinate"] = replace(SHORT["postgresql"], runner="procrastinate")
