"""What can go wrong, as the person is told it.

Every class is one situation; ``str(error)`` is the sentence a person reads: it names the thing, the rule and
the way out. Nothing here imports anything of ours, so that every layer may raise these.
"""

from desktop.errors.base import AppError, InvalidField, RuleViolation, Unavailable
from desktop.errors.door import EventNotOver, NobodyExpected, NotAdmitted, NumberTaken, StationsSilent
from desktop.errors.files import ColumnsUnclear, ImportRefused
from desktop.errors.gone import NotFound, Stale
from desktop.errors.people import AccountClosed, NotAllowed, SignInFailed, SignInPaused, SignInRefused
from desktop.errors.schema import CannotAdopt, SchemaNewer, SchemaOlder
from desktop.errors.seats import (
    AlreadyRegistered,
    EventClosed,
    PackageFull,
    PackageRetired,
    WaitlistEmpty,
    WrongState,
)
from desktop.errors.world import Busy, DatabaseDown, DatabaseRefused, KeyringMissing, LocalServerFailed

__all__ = [
    "AccountClosed",
    "AlreadyRegistered",
    "AppError",
    "Busy",
    "CannotAdopt",
    "ColumnsUnclear",
    "DatabaseDown",
    "DatabaseRefused",
    "EventClosed",
    "EventNotOver",
    "ImportRefused",
    "InvalidField",
    "KeyringMissing",
    "LocalServerFailed",
    "NobodyExpected",
    "NotAdmitted",
    "NotAllowed",
    "NotFound",
    "NumberTaken",
    "PackageFull",
    "PackageRetired",
    "RuleViolation",
    "SchemaNewer",
    "SchemaOlder",
    "SignInFailed",
    "SignInPaused",
    "SignInRefused",
    "Stale",
    "StationsSilent",
    "Unavailable",
    "WaitlistEmpty",
    "WrongState",
]
