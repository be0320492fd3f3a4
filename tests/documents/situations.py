"""An example of every situation that makes its sentence itself; what a person would read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db.upgrading import running
from desktop.services import transitions
from desktop.services.preparing import PreparingStopped

if TYPE_CHECKING:
    from collections.abc import Callable

ZOE = "Zoë Fernández"
PASS = "“Workshop pass” of “Monsoon Data Summit”"
SUMMIT = "Monsoon Data Summit"

SPECIMENS: dict[str, list[Callable[[], Exception]]] = {
    "AlreadyPaid": [lambda: errors.AlreadyPaid(ZOE, PASS, "noor.door, in cash, Today 19:02")],
    "AlreadyRefunded": [lambda: errors.AlreadyRefunded(ZOE, PASS, "asha.menon, Today 19:02")],
    "AlreadySubscribed": [
        lambda: errors.AlreadySubscribed(
            ZOE, "“Gold”", "3 Mar 2027", "asha.menon, Today 19:02", datetime(2027, 3, 3)
        )
    ],
    "AnswersUnreadable": [lambda: errors.AnswersUnreadable(ZOE)],
    "BuyerInactive": [lambda: errors.BuyerInactive("zoe@example.org")],
    "CannotPromote": [
        lambda: errors.CannotPromote(ZOE, "Workshop pass", "duplicate"),
        lambda: errors.CannotPromote(ZOE, "Workshop pass", "inactive"),
    ],
    "CapacityBelowSeats": [lambda: errors.CapacityBelowSeats("Workshop pass", 100, 120)],
    "ChangedSince": [lambda: errors.ChangedSince(ZOE, "no_show")],
    "Deactivated": [lambda: errors.Deactivated("noor.door")],
    "EventNotOver": [lambda: errors.EventNotOver(SUMMIT)],
    "GatewayDecides": [lambda: errors.GatewayDecides(ZOE, PASS, "razorpay")],
    "InvalidFields": [
        lambda: errors.InvalidFields(
            [
                errors.InvalidField("name", "A name is needed."),
                errors.InvalidField("price", "A price is needed."),
            ]
        )
    ],
    "LastAdmin": [lambda: errors.LastAdmin("ada.admin", "be deactivated")],
    "NoMove": [
        lambda: errors.NoMove(ZOE, "Workshop pass", same=True),
        lambda: errors.NoMove(ZOE, "Workshop pass", same=False),
    ],
    "NoPassword": [lambda: errors.NoPassword("local"), lambda: errors.NoPassword("google")],
    "NoPlaceToPayFor": [
        lambda: errors.NoPlaceToPayFor(ZOE, PASS, "waitlisted"),
        lambda: errors.NoPlaceToPayFor(ZOE, PASS, "cancelled"),
        lambda: errors.NoPlaceToPayFor(ZOE, PASS, "event_cancelled"),
        lambda: errors.NoPlaceToPayFor(ZOE, PASS, "no_registration"),
    ],
    "NobodyEligible": [
        lambda: errors.NobodyEligible(
            "Workshop pass",
            [(ZOE, "has a seat in this package already"), ("Ann", "has a deactivated account")],
        )
    ],
    "NobodyExpected": [lambda: errors.NobodyExpected(SUMMIT)],
    "NotBegun": [lambda: errors.NotBegun(SUMMIT, "Mon 14 Dec 2026, 09:00 IST")],
    "NotForSale": [
        lambda: errors.NotForSale("“Gold”", "retired"),
        lambda: errors.NotForSale("“Gold”", "no_duration"),
    ],
    "NotOnWaitlist": [lambda: errors.NotOnWaitlist(ZOE, "registered")],
    "NotPaid": [lambda: errors.NotPaid(ZOE, PASS, "pending"), lambda: errors.NotPaid(ZOE, PASS, "failed")],
    "NotPending": [
        lambda: errors.NotPending(ZOE, PASS, "paid"),
        lambda: errors.NotPending(ZOE, PASS, "refunded"),
    ],
    "NotReady": [
        lambda: errors.NotReady(
            SUMMIT, {"location": "Say where it takes place.", "start_time": "Say when it begins."}
        )
    ],
    "NothingDue": [lambda: errors.NothingDue(PASS)],
    "NumberTaken": [lambda: errors.NumberTaken("Door 2", 41)],
    "OldPasswordWrong": [lambda: errors.OldPasswordWrong(3)],
    "OperationReused": [errors.OperationReused],
    "OrderShared": [lambda: errors.OrderShared(ZOE)],
    "OwnAccount": [errors.OwnAccount],
    "PackageInUse": [
        lambda: errors.PackageInUse("Early bird", 3, 2),
        lambda: errors.PackageInUse("Early bird", elsewhere="invoices"),
    ],
    "PackageOccupied": [
        lambda: errors.PackageOccupied("Workshop pass", 12, 3),
        lambda: errors.PackageOccupied("Workshop pass", buying=1),
    ],
    "PaidAlready": [lambda: errors.PaidAlready(ZOE, "Workshop pass")],
    "PaidBefore": [lambda: errors.PaidBefore(ZOE, PASS, "noor.door, in cash, Today 19:02")],
    "PaymentUnderWay": [lambda: errors.PaymentUnderWay(ZOE)],
    "PreparingStopped": [PreparingStopped],
    "PreviewChanged": [
        lambda: errors.PreviewChanged("Workshop pass", ["Zoë Fernández is not waiting any more."], None)
    ],
    "PriceDiffers": [lambda: errors.PriceDiffers(ZOE, "₹900", "Workshop pass", "₹1,200")],
    "ResetRefused": [
        lambda: errors.ResetRefused.wrong(3),
        errors.ResetRefused.inactive,
        errors.ResetRefused.no_role,
    ],
    "SeatPassedOn": [lambda: errors.SeatPassedOn(ZOE, "Ann", "Workshop pass")],
    "SeatsUnpaid": [lambda: errors.SeatsUnpaid("Workshop pass", 2, "₹1,200")],
    "StationsSilent": [
        lambda: errors.StationsSilent(SUMMIT, ("Door 2",), ("Door 2 (not heard since 19:31)",))
    ],
    "TransitionRefused": [
        lambda: transitions.refusal(ZOE, "cancelled", "no_show"),
        lambda: transitions.refusal(ZOE, "promoted", "registered"),
    ],
    "WrongAmount": [
        lambda: errors.WrongAmount("₹600", "₹1,200", less=True),
        lambda: errors.WrongAmount("₹1,500", "₹1,200", less=False),
        lambda: errors.WrongAmount("€12", "₹1,200", less=True, other_currency=True),
    ],
    "WrongEventState": [
        lambda: errors.WrongEventState(SUMMIT, "published", "cancelled"),
        lambda: errors.WrongEventState(SUMMIT, "cancelled", "deleted"),
    ],
    "AccountClosed": [lambda: errors.AccountClosed("check people in")],
    "AlreadyRegistered": [lambda: errors.AlreadyRegistered("zoe@example.org", "Workshop pass", "waitlisted")],
    "Busy": [errors.Busy],
    "ProgramClosing": [errors.ProgramClosing],
    "CannotAdopt": [
        lambda: errors.CannotAdopt("“summit” on db.example.org", (), 2),
        lambda: errors.CannotAdopt("“summit” on db.example.org", (), 1, begun=True),
    ],
    "DatabaseDown": [
        lambda: errors.DatabaseDown("“summit” on db.example.org", "no answer in time"),
        lambda: errors.DatabaseDown(
            "“summit” on db.example.org", "the connection broke", unknown_outcome=True
        ),
    ],
    "EventClosed": [
        lambda: errors.EventClosed("Monsoon Data Summit", "draft"),
        lambda: errors.EventClosed("Monsoon Data Summit", "cancelled"),
        lambda: errors.EventClosed("Monsoon Data Summit", "completed"),
        lambda: errors.EventClosed("Monsoon Data Summit", "deleted"),
    ],
    "KeyringMissing": [
        errors.KeyringMissing,
        lambda: errors.KeyringMissing("locked"),
        lambda: errors.KeyringMissing("silent"),
        lambda: errors.KeyringMissing("failed"),
    ],
    "NotAdmitted": [
        lambda: errors.NotAdmitted(
            "cancelled", "Zoë cancelled. Register the person again if there is a seat."
        )
    ],
    "NotAllowed": [lambda: errors.NotAllowed("cancel registrations", "door")],
    "NotFound": [
        lambda: errors.NotFound("registration"),
        lambda: errors.NotFound("event", "monsoon-data-summit"),
    ],
    "PackageFull": [
        lambda: errors.PackageFull("Workshop pass"),
        lambda: errors.PackageFull("Workshop pass", 120, 120),
    ],
    "PackageRetired": [lambda: errors.PackageRetired("Early bird")],
    "SchemaNewer": [lambda: errors.SchemaNewer("0042")],
    "SchemaOlder": [errors.SchemaOlder],
    "SignInFailed": [errors.SignInFailed, lambda: errors.SignInFailed(1)],
    "SignInPaused": [lambda: errors.SignInPaused(30), lambda: errors.SignInPaused(900)],
    "Stale": [lambda: errors.Stale("event"), lambda: errors.Stale("event", ("location", "start_time"))],
    "TablesBusy": [
        lambda: running.TablesBusy("“backup” (site), in a transaction for 190 s, is using orders")
    ],
    "Unavailable": [lambda: errors.Unavailable("The database is away.")],
    "WaitlistEmpty": [lambda: errors.WaitlistEmpty("Workshop pass")],
}
