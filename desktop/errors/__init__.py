"""What can go wrong, as the person is told it.

Every class is one situation; ``str(error)`` is the sentence a person reads: it names the thing, the rule and
the way out. Nothing here imports anything of ours, so that every layer may raise these.
"""

from desktop.errors.base import AppError, InvalidField, RuleViolation, Unavailable
from desktop.errors.door import NotAdmitted
from desktop.errors.events import InvalidFields, NotBegun, NotReady, UnclearTime, WrongEventState
from desktop.errors.files import ColumnsUnclear, ImportRefused
from desktop.errors.gone import NotFound, Stale
from desktop.errors.packages import CapacityBelowSeats, PackageInUse, PackageOccupied, SeatsUnpaid
from desktop.errors.people import (
    AccountClosed,
    Deactivated,
    LastAdmin,
    NoPassword,
    NotAllowed,
    OldPasswordWrong,
    OwnAccount,
    ResetRefused,
    SignInFailed,
    SignInPaused,
    SignInRefused,
)
from desktop.errors.registrations import (
    AnswersUnreadable,
    ChangedSince,
    NoMove,
    NoSeatFor,
    OrderShared,
    PaidAlready,
    PaymentUnderWay,
    PriceDiffers,
    SeatPassedOn,
    TransitionRefused,
)
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
    "AnswersUnreadable",
    "AppError",
    "Busy",
    "CannotAdopt",
    "CapacityBelowSeats",
    "ChangedSince",
    "ColumnsUnclear",
    "DatabaseDown",
    "DatabaseRefused",
    "Deactivated",
    "EventClosed",
    "ImportRefused",
    "InvalidField",
    "InvalidFields",
    "KeyringMissing",
    "LastAdmin",
    "LocalServerFailed",
    "NoMove",
    "NoPassword",
    "NoSeatFor",
    "NotAdmitted",
    "NotAllowed",
    "NotBegun",
    "NotFound",
    "NotReady",
    "OldPasswordWrong",
    "OrderShared",
    "OwnAccount",
    "PackageFull",
    "PackageInUse",
    "PackageOccupied",
    "PackageRetired",
    "PaidAlready",
    "PaymentUnderWay",
    "PriceDiffers",
    "ResetRefused",
    "RuleViolation",
    "SchemaNewer",
    "SchemaOlder",
    "SeatPassedOn",
    "SeatsUnpaid",
    "SignInFailed",
    "SignInPaused",
    "SignInRefused",
    "Stale",
    "TransitionRefused",
    "Unavailable",
    "UnclearTime",
    "WaitlistEmpty",
    "WrongEventState",
    "WrongState",
]
