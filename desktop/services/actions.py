"""Every action code of `admin_logs`: what it says happened. ``<subject>.<verb>``; nothing else is written there.

``docs/log.md`` is made of this table (``make documents``), and a test compares it with the codes in the program.
"""

ACTIONS: dict[str, str] = {
    # accounts
    "auth.sign_in": "Somebody signed in",
    "staff.add": "An account was made, or given a role",
    "staff.change_password": "Somebody changed their own password",
    "staff.deactivate": "An account was deactivated",
    "staff.give_role": "An account was given a role",
    "staff.issue_reset": "A code was issued with which somebody may set a password",
    "staff.reactivate": "An account was reactivated",
    "staff.reset_password": "Somebody set a password with a code",
    "staff.set_password": "An admin set somebody else's password",
    "staff.take_role": "A role was taken from an account",
    # attendance
    "attendance.admit": "Somebody was let in",
    "attendance.undo": "A check-in was taken back",
    # events
    "event.add": "An event was drafted",
    "event.cancel": "An event was cancelled, and everybody's registration with it",
    "event.complete": "An event was completed",
    "event.delete": "An event was put into the bin",
    "event.duplicate": "A draft was made of another event, with its packages",
    "event.edit": "What an event says was changed",
    "event.publish": "An event was published",
    "event.restore": "An event was taken out of the bin",
    "event.unpublish": "An event was taken back to a draft",
    # packages
    "package.capacity": "A package was given more or fewer seats",
    "package.create": "A package was made",
    "package.delete": "A package nobody had used was deleted",
    "package.edit": "A package was edited",
    "package.move": "A package was moved to another event",
    "package.reactivate": "A retired package was put back on sale",
    "package.retire": "A package was taken off sale",
    # orders
    "order.fail": "A payment failed, and the order was closed",
    "order.pay": "The money of an order was taken by staff, or waived",
    "order.refund": "The money of an order was given back",
    "order.sell": "A ticket or a subscription was sold by staff",
    "attendance.no_show": "Somebody with a seat did not come",
    "attendance.no_shows": "The no-shows of an event were recorded",
    "attendance.over_capacity": "A station had let somebody in who has no seat (any more)",
    "attendance.release": "The seat of a no-show went to the next waiting person",
    "attendance.undo": "A check-in or a no-show was taken back",
    # packages
    "package.capacity": "A package was given more or fewer seats",
    # registrations
    "registration.add": "Somebody was registered, or put on the waitlist",
    "registration.answer": "Answers to an event's own questions were changed",
    "registration.cancel": "A registration was cancelled",
    "registration.edit": "A name, an address or a phone number was corrected",
    "registration.import": "A file was imported into a package",
    "registration.move": "Somebody was moved to another package",
    "registration.put_back": "Somebody lost a seat and was put back on the waitlist",
    "registration.revive": "Somebody who had cancelled was registered again",
    "registration.undo": "What was done to somebody was taken back",
    # repairs
    "repair.packages_ids": "The list of an event's packages was put right",
    "repair.seats": "The seat counter of a package was put right",
    "repair.waitlist": "The places of a waitlist were put right",
    # waitlist
    "waitlist.promote": "Somebody waiting was given a seat",
}
