"""Names and numbers in sentences."""

import pytest

from desktop.views.wording import called, filled, joined, named


def test_a_name_with_a_percent_sign_stays_as_it_is() -> None:
    assert filled("%1 waits, then %2.", "100 %2 Anna", "Zoë") == "100 %2 Anna waits, then Zoë."


@pytest.mark.parametrize("name", ["محمد العلي", "שרה Cohen", "Dr. עדי"])
def test_a_name_with_letters_from_right_to_left_is_isolated(name: str) -> None:
    assert named(name) == f"\u2068{name}\u2069"


def test_other_names_are_left_alone() -> None:
    assert named("Łukasz 李 雷 O'Neill") == "Łukasz 李 雷 O'Neill"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Zoë Fernández", "Zoë"),
        ("李 雷", "李 雷"),
        ("Dr. Ana Souza", "Dr. Ana Souza"),
        ("A. Gayathri", "A. Gayathri"),
        ("Sulastri", "Sulastri"),
        ("Wolfeschlegelsteinhausenbergerdorff", "Wolfeschlegelsteinha…"),
        ("anna@example.org", "anna@example.org"),
        ("محمد العلي", "\u2068محمد\u2069"),
    ],
)
def test_a_button_calls_people_by_their_first_name_where_that_is_one(name: str, short: str) -> None:
    assert called(name) == short


@pytest.mark.parametrize(
    ("names", "text"), [(["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C"), ([], "")]
)
def test_names_are_joined_as_they_are_spoken(names: list[str], text: str) -> None:
    assert joined(names) == text
