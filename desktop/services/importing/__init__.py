"""Registrations from the exports of other systems.

``prepared = plan_file(path, overrides, event_zone(...))`` reads and checks a file; ``preview`` says what it
would do to a package, ``apply`` does it. Both give an `ImportReport`.
"""

from desktop.services.importing.applying import Prepared, apply, event_zone, plan_file, preview
from desktop.services.importing.checking import Problem
from desktop.services.importing.headers import FIELDS
from desktop.services.importing.reading import Progress
from desktop.services.importing.report import ImportReport

__all__ = [
    "FIELDS",
    "ImportReport",
    "Prepared",
    "Problem",
    "Progress",
    "apply",
    "event_zone",
    "plan_file",
    "preview",
]
