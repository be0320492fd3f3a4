"""A person's history in a few words, of the sentences the real operations write."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from desktop.services import attendance, registrations, waitlist
from desktop.services.attendance import Admission
from desktop.services.lists import history, registration_detail
from desktop.services.registrations import Contact

KOLKATA = ZoneInfo("Asia/Kolkata")
NASTY = "Zoë at #9 on the waitlist of “VIP” · (“x”)"
"""A name in which the words of our sentences stand."""


def test_what_each_operation_writes_is_told_in_a_few_words(building, database, organizer, register, cancel):
    event = building.event(title="Night · Two")
    full = building.package(event, name="Workshop", capacity=1)
    other = building.package(event, name="VIP", capacity=9)
    seated = register(full, "seated@example.org", name="Seated").registration_id
    zoe = register(full, "zoe@example.org", name=NASTY, when_full="waitlist").registration_id
    register(full, "ahead@example.org", name="Ahead", when_full="waitlist")
    waitlist.move_to(database, organizer, zoe, 2, "asked for it")
    building.do("UPDATE packages SET capacity = 2 WHERE id = %s", full)
    waitlist.promote(database, organizer, zoe)
    registrations.put_back(database, organizer, zoe, "a mistake")
    building.do("UPDATE packages SET capacity = 3 WHERE id = %s", full)
    waitlist.promote(database, organizer, zoe)
    registrations.edit_contact(
        database,
        organizer,
        zoe,
        Contact("zoe@example.org", NASTY),
        Contact("zoe@example.org", NASTY, "+49 30 1"),
    )
    registrations.move(database, organizer, zoe, other, reason="moved at #5")
    admission = Admission(zoe, "Gate (“North”)")
    attendance.admit(database, organizer, admission)
    attendance.undo(database, organizer, Admission(zoe, "Gate 2"))
    cancel(zoe, "unwell")
    registrations.revive(database, organizer, zoe)
    cancel(seated)

    told = registration_detail.read(database, organizer, zoe, KOLKATA).history
    assert [line.brief for line in reversed(told)] == [
        f"{said} · {organizer.name}"
        for said in (
            "Joined the waitlist at #1",
            "Moved from #1 to #2",
            "Got a seat, ahead of 1",
            "Back on the waitlist at #2",
            "Got a seat",
            "Contact corrected",
            "Moved to “VIP”",
            "Checked in at Gate (“North”)",
            "Check-in taken back",
            "Cancelled",
            "Registered again",
        )
    ]
    assert all(NASTY in line.what for line in told)


def test_what_is_in_other_words_stays_whole():
    for told in ("Merged two accounts · asha", "Registered", "Turned away at Gate · North: payment due", ""):
        assert history.brief(told) == told
