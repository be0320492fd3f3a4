"""Every action code of `admin_logs`: what it says happened. ``<subject>.<verb>``; nothing else is written there.

``docs/log.md`` is made of this table (``make documents``), and a test compares it with the codes in the program.
"""

ACTIONS: dict[str, str] = {
    # accounts
    "auth.sign_in": "Somebody signed in",
    "staff.add": "An account was made, or given a role",
    # attendance
    "attendance.admit": "Somebody was let in",
    "attendance.undo": "A check-in was taken back",
    # registrations
    "registration.add": "Somebody was registered, or put on the waitlist",
    "registration.cancel": "A registration was cancelled",
    "registration.import": "A file was imported into a package",
    "registration.revive": "Somebody who had cancelled was registered again",
    # repairs
    "repair.packages_ids": "The list of an event's packages was put right",
    "repair.seats": "The seat counter of a package was put right",
    "repair.waitlist": "The places of a waitlist were put right",
    # waitlist
    "waitlist.move": "Somebody waiting was put at another place of the queue",
    "waitlist.promote": "Somebody waiting was given a seat",
}
