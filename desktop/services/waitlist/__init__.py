"""The waitlist of a package: who is next, and what happens to people who wait (rulings 10, 11 and 17).

People join it by `registering.register`, which puts them at its end when no seat is free, or others wait already.
"""

from desktop.services.waitlist.closing import close_gaps
from desktop.services.waitlist.ordering import Left, Moved, leave, move_to
from desktop.services.waitlist.previewing import Candidate, Preview, commit, preview, preview_one
from desktop.services.waitlist.promoting import Passed, Promoted, promote, promote_next

__all__ = [
    "Candidate",
    "Left",
    "Moved",
    "Passed",
    "Preview",
    "Promoted",
    "close_gaps",
    "commit",
    "leave",
    "move_to",
    "preview",
    "preview_one",
    "promote",
    "promote_next",
]
