"""What staff do with registrations works on a connection of their group, and on no lesser one."""

from __future__ import annotations

import pytest

from desktop import errors
from desktop.services import registrations


@pytest.mark.parametrize("group", ["organizer", "admin"])
def test_organizers_move_correct_and_take_back_on_their_own_role(group, connected, staff, building):
    mine, person = connected(group), staff(group)
    event = building.event()
    here, there = (building.package(event, name=name, capacity=2) for name in ("A", "B"))
    people = [building.registration(here, f"{n}@example.org") for n in range(2)]
    building.waiting(here, "next@example.org")

    assert registrations.move(mine, person, people[0], there).promoted_who == "next@example.org"
    done = registrations.cancel_all(mine, person, [people[1]])
    assert registrations.undo(mine, person, done.undo).done == 1
    assert registrations.put_back(mine, person, people[1], "a mistake").waitlist_position == 1
    building.do("UPDATE event_registrations SET status = 'cancelled' WHERE id = %s", people[0])
    assert registrations.revive(mine, person, people[0]).status == "registered"
    contact = registrations.Contact("0@example.org")
    new = registrations.Contact("zoe@example.org", "Zoë")
    assert registrations.edit_contact(mine, person, people[0], contact, new).contact == new
    assert registrations.set_answers(mine, person, people[0], {"meal": "vegan"}, seen={}) == {"meal": "vegan"}


@pytest.mark.parametrize("group", ["door", "editor"])
def test_a_lesser_role_may_not_even_with_an_organizers_name(group, connected, staff, building):
    """The database refuses it as well, whoever the caller says to be."""
    mine, person = connected(group), staff("organizer")
    event = building.event()
    one = building.registration(building.package(event))
    with pytest.raises(errors.DatabaseRefused):
        registrations.move(mine, person, one, building.package(event))
    with pytest.raises(errors.DatabaseRefused):
        registrations.put_back(mine, person, one, "a mistake")
    with pytest.raises(errors.DatabaseRefused):
        registrations.set_answers(mine, person, one, {"meal": "vegan"}, seen={})
    assert building.status(one) == "registered"
