"""What can go wrong, as the person is told it.

Every class is one situation; ``str(error)`` is the sentence a person reads: it names the thing, the rule and
the way out. Nothing here imports anything of ours, so that every layer may raise these.
"""

from desktop.errors.base import AppError, InvalidField, RuleViolation, Unavailable
from desktop.errors.door import NotAdmitted
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
from desktop.errors.waitlist import CannotPromote, NobodyEligible, NotOnWaitlist, PreviewChanged
from desktop.errors.world import Busy, DatabaseDown, DatabaseRefused, KeyringMissing, LocalServerFailed

__all__ = [
    "AccountClosed",
    "AlreadyRegistered",
    "AppError",
    "Busy",
    "CannotAdopt",
    "CannotPromote",
    "ColumnsUnclear",
    "DatabaseDown",
    "DatabaseRefused",
    "EventClosed",
    "ImportRefused",
    "InvalidField",
    "KeyringMissing",
    "LocalServerFailed",
    "NobodyEligible",
    "NotAdmitted",
    "NotAllowed",
    "NotFound",
    "NotOnWaitlist",
    "PackageFull",
    "PackageRetired",
    "PreviewChanged",
    "RuleViolation",
    "SchemaNewer",
    "SchemaOlder",
    "SignInFailed",
    "SignInPaused",
    "SignInRefused",
    "Stale",
    "Unavailable",
    "WaitlistEmpty",
    "WrongState",
]
