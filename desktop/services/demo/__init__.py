"""The demo: a believable year of an events office, written into an empty database.

``fill`` writes it, ``STAFF`` and ``DEMO_PASSWORD`` are what a newcomer signs in with, ``export_csv`` is a file to
import, and the slugs say where to look: `MONSOON` is the big event ahead, `RUNNING` has an open door,
`FAIR` is where nearly all registrations of a large demo are.
"""

from desktop.services.demo.coming import MONSOON, MONSOON_CONFERENCE, MONSOON_WORKSHOP
from desktop.services.demo.export import export_csv
from desktop.services.demo.fair import FAIR, READING, REGISTRATIONS, Scale
from desktop.services.demo.running import RUNNING, RUNNING_PASS, TONIGHT
from desktop.services.demo.staff import DEMO_PASSWORD, STAFF, StaffAccount
from desktop.services.demo.writing import DemoSummary, Progress, fill, is_filled

__all__ = [
    "DEMO_PASSWORD",
    "FAIR",
    "MONSOON",
    "MONSOON_CONFERENCE",
    "MONSOON_WORKSHOP",
    "READING",
    "REGISTRATIONS",
    "RUNNING",
    "RUNNING_PASS",
    "STAFF",
    "TONIGHT",
    "DemoSummary",
    "Progress",
    "Scale",
    "StaffAccount",
    "export_csv",
    "fill",
    "is_filled",
]
