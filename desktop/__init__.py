"""Greenroom: the back office event organizers keep on their own desks."""

import logging

__version__ = "0.1.0"

# Where no log is kept (`desktop.faults.logbook`), nothing is to reach a terminal by logging's last resort.
logging.getLogger("greenroom").addHandler(logging.NullHandler())
