"""What happened to a registration, in a few words beside its time; the whole sentence is the log's.

The log's sentences name whom and what they are about, which whoever reads them beside that person knows already. They
are written by functions of ours in fixed words (`docs/log.md`); a sentence in other words, a website's, stays whole.
"""

from __future__ import annotations

import re
from typing import Final

_BRIEF: Final = tuple(
    (re.compile(form, re.DOTALL), words)
    for form, words in (
        (r"Registered again .* on the waitlist of .*” at #(\d+)", "Back on the waitlist at #{0}"),
        (r"Registered .* on the waitlist of .*” at #(\d+)", "Joined the waitlist at #{0}"),
        (r"Registered again .*", "Registered again"),
        (r"Registered .*", "Registered"),
        (r"Cancelled .*” \(was waitlisted\)", "Left the waitlist"),
        (r"Cancelled .*” \(was registered\) with the event", "Cancelled with the event"),
        (r"Cancelled .*", "Cancelled"),
        (r"Promoted .*”, ahead of (\d+) others?", "Got a seat, ahead of {0}"),
        (r"Promoted .*", "Got a seat"),
        (r"Put .* back on the waitlist of .*” at #(\d+)", "Back on the waitlist at #{0}"),
        (r"Put .* back on the waitlist of ", "Back on the waitlist"),
        (r"Moved .* from #(\d+) to #(\d+) on the waitlist of ", "Moved from #{0} to #{1}"),
        (r"Moved .* to “([^”]*)” of “", "Moved to “{0}”"),
        (r"Checked in .* at (.+) \(“", "Checked in at {0}"),
        (r"Took in .*, who had been let in without a seat", "Taken in, with a seat"),
        (r".* was let in at (.+) without a seat \(“", "Let in at {0} without a seat"),
        (r"Took back the check-in of ", "Check-in taken back"),
        (r"Took back the no-show of ", "No-show taken back"),
        (
            r"Took back the .*: .* → (registered|waitlisted|cancelled|attended|no_show)",
            "Taken back: {0} again",
        ),
        (r"Recorded .* as (?:a )?no-show ", "No-show"),
        (r"Released the seat of no-show .* to (.+) at .* \(“", "Seat went to {0}"),
        (r"Edited .*” of “.*”: ", "Contact corrected"),
        (r"Changed the answers of ", "Answers changed"),
    )
)
_NOBODYS: Final = re.compile(r"Registered$|(Let in|Turned away) at ")
"""What is told by the rows themselves, with nobody's name behind it."""


def brief(told: str) -> str:
    """A line of `greenroom.history_of` in a few words: “Got a seat, ahead of 2 · asha.menon”."""
    if _NOBODYS.match(told):
        return told
    sentence, dot, who = told.rpartition(" · ")
    for form, words in _BRIEF:
        if found := form.match(sentence):
            said = words.format(*found.groups()).replace("no_show", "no-show")
            return f"{said}{dot}{who}"
    return told
