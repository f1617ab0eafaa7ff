"""The runs: in full (`make faults`), and short ones among the tests."""

from tests.faults.run import Scenario

FULL = {
    "postgresql": Scenario(
        "postgresql",
        workers=4,
        reminders=2000,
        kills=40,
        restarts=2,
        speed=12,
        faulty_seconds=50,
        give_up_seconds=60,
    ),
    "sqlite": Scenario(
        "sqlite",
        workers=1,
        reminders=2000,
        kills=10,
        restarts=0,
        speed=12,
        faulty_seconds=50,
        give_up_seconds=60,
    ),
}
SHORT = {
    "postgresql": Scenario(
        "postgresql",
        workers=4,
        reminders=200,
        kills=4,
        restarts=1,
        speed=20,
        faulty_seconds=5,
        give_up_seconds=30,
        patience=(1.0, 5.0),
    ),
    "sqlite": Scenario(
        "sqlite",
        workers=1,
        reminders=200,
        kills=3,
        restarts=0,
        speed=20,
        faulty_seconds=5,
        give_up_seconds=30,
        patience=(1.0, 5.0),
    ),
}
