"""What asks every month without anybody: timers for systemd, cron and GitHub, made from the release calendar.

Nothing here runs a report. A timer asks a few hours after each office publishes, on every day on which its figures are
due, and once more on the day after, when they are overdue. What it starts is ``diversion report --if-new``.
"""

from helpers.schedule import cron, github, systemd

KINDS = {"systemd": systemd, "cron": cron, "github": github}
