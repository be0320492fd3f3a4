"""What is documented is what the program does."""

from __future__ import annotations

import re

import pytest

from desktop.services.actions import ACTIONS
from tests.documents import DOCUMENTS, log, messages, rulings
from tests.documents.situations import SPECIMENS

CODE = re.compile(r"\b\d{5}\b|\b(?!pg_)[a-z]+_[a-z]+|NoneType|Error\b|None\b|\bNULL\b|\bUUID\b")
"""What no sentence for a person has in it: codes, column names, values of the program."""


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_says_what_the_program_does(path):
    assert path.read_text(encoding="utf-8") == DOCUMENTS[path](), "run make documents"


def test_every_situation_has_an_example_or_its_sentence_where_it_is_raised():
    names = {situation.__name__ for situation in messages.situations()}
    assert names == SPECIMENS.keys() | messages.SPOKEN


def test_every_sentence_is_one_and_holds_no_code():
    sentences = [str(specimen()) for examples in SPECIMENS.values() for specimen in examples]
    spoken = (said.sentence for said in messages.spoken())
    sentences += [
        re.sub("‹[^›]*›", "Zoë", said.removesuffix("›") + "." * said.endswith("›")) for said in spoken if said
    ]
    for sentence in sentences:
        assert not CODE.search(re.sub("“[^”]*”", "", sentence)), sentence
        first = sentence.split()[0]
        assert not first[0].islower() or "@" in first, sentence
        assert sentence.rstrip().endswith((".", "?", "…")), sentence


def test_every_code_of_the_log_is_documented_and_every_documented_one_is_written():
    """Ruling 23: who reads the log knows every word in it."""
    assert log.in_the_program() == set(ACTIONS)


def test_every_ruling_has_its_place_and_its_test():
    for number, (_title, where) in rulings.RULINGS.items():
        for place in where.split():
            assert (rulings.ROOT / place).exists(), (number, place)
    missing = [
        number for number, named in rulings.tests().items() if not named or number not in rulings.RULINGS
    ]
    assert missing == []
