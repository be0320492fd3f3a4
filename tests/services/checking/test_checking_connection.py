"""A check says what the way to the server gives up: encryption, certainty who answers, being told of changes."""

from __future__ import annotations

import pytest

from desktop.db import locations
from desktop.db.session import Database
from desktop.services import checking
from desktop.services.checking import connection, repairing
from desktop.services.checking.model import Severity
from tests.connections import poolers

WRONG, NOTE = Severity.WRONG, Severity.NOTE


@pytest.mark.parametrize(
    ("host", "mode", "encrypted", "found"),
    [
        ("db.example.org", "", True, []),
        ("db.example.org", "?sslmode=verify-full", True, []),
        ("db.example.org", "?sslmode=require", True, [("not_verified", NOTE)]),
        ("db.example.org", "?sslmode=verify-ca", True, [("not_verified", NOTE)]),
        ("db.example.org", "?sslmode=disable", False, [("not_encrypted", WRONG)]),
        ("db.example.org", "?sslmode=prefer", False, [("not_encrypted", WRONG)]),
        ("localhost", "", False, []),
        ("127.0.0.1", "?sslmode=disable", False, []),
    ],
)
def test_other_computers_are_reached_encrypted_and_known(host, mode, encrypted, found):
    url = locations.parse(f"postgresql://greenroom@{host}/website{mode}")

    told = connection.tls(url, encrypted=encrypted)

    assert [(finding.kind, finding.severity) for finding in told] == found


def test_whether_this_connection_is_encrypted_is_asked_of_itself(summit, monkeypatch):
    monkeypatch.setattr(locations, "is_local", lambda _url: False)

    assert [finding.kind for finding in summit.found()] == ["not_encrypted"]


@pytest.mark.skipif(
    poolers.PGBOUNCER is None, reason="PgBouncer is not installed (Debian's package pgbouncer)"
)
def test_behind_a_pooler_a_check_says_what_is_lost_and_a_repair_works(summit, admin, server, database_url):
    summit.do("UPDATE package_seats SET held = 0")
    with poolers.pooler(server.folder, "transaction") as pooler:
        database = Database(pooler.url(database_url))
        subjects = {subject.name: subject.findings for subject in checking.check(database).subjects}
        mended = repairing.repair(database, admin)
        database.close()

    (found,) = subjects["connection"]
    assert (found.kind, found.severity) == ("pooler", NOTE)
    assert "LISTEN" in found.remedy
    assert [finding.kind for finding in subjects["seats"]] == ["seat_counter"]
    assert [one.done for one in mended] == [True]
    assert summit.found() == []
