"""A case with a clock in every state, for the pictures and the walk."""

from datetime import datetime, timedelta

from breachdesk.domain.access import Role
from breachdesk.domain.deadlines import StopReason
from breachdesk.services import clock_changes
from tests import cases
from tests.cases import Work


def sample_clocks(work: Work, now: datetime) -> dict[str, str]:
    """Ransomware two days ago: a complaint soon due, others late, without figure, refused, done."""
    then = now - timedelta(hours=60)
    reference = cases.open_case(
        work, now=then, description="Rançongiciel : le serveur de fichiers est chiffré."
    )
    cases.know(work, reference, now=then, **cases.FACTS_OF_THE_SHOP | {"vector": "ransomware"})
    cases.qualify(work, reference, now=then + timedelta(minutes=20))
    cases.file(work, reference, now=then + timedelta(hours=30))

    def start(regime: str, hours: float) -> int:
        begun = then + timedelta(hours=hours)
        return cases.start_clock(work, reference, regime, now=now, started_at=begun)

    clock_id = start("insurance_complaint", 0)
    start("nis2_early_warning", 30)
    start("quebec_cai", 1)
    done = start("nis2_notification", 0)
    incident, by = cases.incident(work, reference), cases.seat(work, Role.HANDLER)
    clock_changes.stop_by_hand(
        work.session,
        incident,
        done,
        why=StopReason.DONE,
        stopped_at=then + timedelta(hours=40),
        remark="Accusé de réception n° 2026-118.",
        by=by,
        now=now,
    )
    clock_changes.refuse(
        work.session,
        incident,
        "telecom_611",
        reason="Nous ne fournissons pas d’accès au public.",
        by=by,
        now=now,
    )
    return {"clocked": reference, "clock": str(clock_id)}
