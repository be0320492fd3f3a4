"""Who may do what: one table, operation by role, enforced by the services (ruling 24).

Rights are read with each operation, not at sign-in: a service hands `acting` to the database, which looks the
actor's roles up in the call that does the work. `allowed` is for the window, which hides what would be refused.
"""

from enum import Enum

from desktop.db.session import Acting, Actor


class Role(Enum):
    """The roles of section 5.5 that Greenroom knows."""

    ADMIN = "admin"
    ORGANIZER = "organizer"
    DOOR = "door"
    EDITOR = "editor"


class Operation(Enum):
    """What staff do; the value completes “may not …”."""

    SEE_EVENTS = "see events"
    EDIT_EVENTS = "create or edit events"
    PUBLISH_EVENTS = "publish or unpublish events"
    CLOSE_EVENTS = "cancel or complete events"
    DELETE_EVENTS = "delete or restore events"
    EDIT_PACKAGES = "create or edit packages"
    CHANGE_CAPACITY = "change how many seats a package has"
    SEE_REGISTRATIONS = "see registrations"
    REGISTER = "add registrations"
    EDIT_REGISTRATIONS = "edit registrations"
    CANCEL = "cancel registrations"
    MOVE_REGISTRATIONS = "move registrations to another package"
    PROMOTE = "promote people from the waitlist"
    REORDER_WAITLIST = "change the order of the waitlist"
    PUT_BACK = "put people back on the waitlist"
    ADMIT = "check people in"
    UNDO_OWN_ADMISSION = "take back a check-in"
    UNDO_ANY_ADMISSION = "take back somebody else's check-in"
    RECORD_NO_SHOW = "record a no-show"
    RECORD_NO_SHOWS = "record the no-shows of an event"
    RELEASE_NO_SHOWS = "give the seats of no-shows to waiting people"
    SEE_ORDERS = "see orders"
    TAKE_PAYMENT = "take payments"
    SELL = "sell packages"
    WAIVE = "let people in without paying"
    REFUND = "refund orders"
    IMPORT = "import registrations"
    EXPORT = "export lists"
    SEE_LOG = "see the audit log"
    CHANGE_OWN_PASSWORD = "change their own password"  # noqa: S105
    SEE_STAFF = "see staff accounts"
    MANAGE_STAFF = "manage staff accounts"
    REPAIR = "repair the database"


# fmt: off
_TABLE: dict[Operation, str] = {
    #                              admin organizer door editor
    Operation.SEE_EVENTS:          "admin organizer door -",
    Operation.EDIT_EVENTS:         "admin organizer -    -",
    Operation.PUBLISH_EVENTS:      "admin organizer -    -",
    Operation.CLOSE_EVENTS:        "admin organizer -    -",
    Operation.DELETE_EVENTS:       "admin organizer -    -",
    Operation.EDIT_PACKAGES:       "admin organizer -    -",
    Operation.CHANGE_CAPACITY:     "admin organizer -    -",
    Operation.SEE_REGISTRATIONS:   "admin organizer door -",
    Operation.REGISTER:            "admin organizer -    -",
    Operation.EDIT_REGISTRATIONS:  "admin organizer -    -",
    Operation.CANCEL:              "admin organizer -    -",
    Operation.MOVE_REGISTRATIONS:  "admin organizer -    -",
    Operation.PROMOTE:             "admin organizer -    -",
    Operation.REORDER_WAITLIST:    "admin organizer -    -",
    Operation.PUT_BACK:            "admin organizer -    -",
    Operation.ADMIT:               "admin organizer door -",
    Operation.UNDO_OWN_ADMISSION:  "admin organizer door -",
    Operation.UNDO_ANY_ADMISSION:  "admin organizer -    -",
    Operation.RECORD_NO_SHOW:      "admin organizer door -",
    Operation.RECORD_NO_SHOWS:     "admin organizer -    -",
    Operation.RELEASE_NO_SHOWS:    "admin organizer door -",
    Operation.SEE_ORDERS:          "admin organizer -    -",
    Operation.TAKE_PAYMENT:        "admin organizer door -",
    Operation.SELL:                "admin organizer -    -",
    Operation.WAIVE:               "admin organizer -    -",
    Operation.REFUND:              "admin organizer -    -",
    Operation.IMPORT:              "admin organizer -    -",
    Operation.EXPORT:              "admin organizer -    -",
    Operation.SEE_LOG:             "admin organizer -    -",
    Operation.CHANGE_OWN_PASSWORD: "admin organizer door editor",
    Operation.SEE_STAFF:           "admin organizer -    -",
    Operation.MANAGE_STAFF:        "admin -         -    -",
    Operation.REPAIR:              "admin -         -    -",
}
# fmt: on

ALLOWED: dict[Operation, tuple[str, ...]] = {
    operation: tuple(word for word in row.split() if word != "-") for operation, row in _TABLE.items()
}
"""The names of the roles that may do it."""


def acting(actor: Actor, operation: Operation) -> Acting:
    """The actor doing this, for `Database.call`, ``once`` and ``transaction``, which raise `NotAllowed` and
    `AccountClosed` when the rights are not there (any more)."""
    return Acting(actor, ALLOWED[operation], operation.value)


def allowed(roles: frozenset[str], operation: Operation) -> bool:
    """True when one of the roles includes the operation; roles Greenroom does not know include nothing."""
    return not roles.isdisjoint(ALLOWED[operation])
