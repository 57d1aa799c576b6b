"""Progress lines, flushed at once so that a person sees them while the run goes on."""

import time


class Clock:
    """Seconds since the start, and a deadline for the search."""

    def __init__(self, budget_s):
        self.start = time.monotonic()
        self.budget_s = budget_s

    def elapsed(self):
        return time.monotonic() - self.start

    def used_up(self):
        return self.elapsed() >= self.budget_s

    def long_overdue(self):
        return self.elapsed() >= 2 * self.budget_s

    def line(self, text, remaining=None):
        left = "" if remaining is None else f", about {min(remaining, self.budget_s):.0f} s left"
        print(f"{text} ({self.elapsed():.1f} s elapsed{left})", flush=True)
