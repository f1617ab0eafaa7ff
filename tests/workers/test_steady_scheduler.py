"""The timer of the embedded worker while it is told to end."""

from datetime import timedelta

from breachdesk.workers.steady_scheduler import SteadyScheduler


class Ending(SteadyScheduler):
    """Throws its jobs away, as a timer that ends does, between looking at them and moving them."""

    def get_jobs(self, *arguments, **options):
        jobs = super().get_jobs(*arguments, **options)
        self.remove_all_jobs()
        return jobs


def test_a_timer_told_to_end_while_it_looks_at_its_jobs_ends_quietly():
    timer = Ending(furthest=timedelta(0))
    timer.add_job(print, "interval", hours=1)
    timer.start(paused=True)
    try:
        assert timer._process_jobs() is not None
    finally:
        timer.shutdown()
