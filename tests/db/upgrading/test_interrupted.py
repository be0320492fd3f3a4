"""An upgrade that was killed is finished by the next one, wherever it was."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time

import pytest

from desktop import errors
from desktop.db import upgrade
from desktop.db.session import Database
from desktop.db.upgrading import building
from tests.adoption import snapshots, websites
from tests.db.upgrading.conftest import Site

BEFORE_THE_FIRST_COUNT = 130
IN_THE_INDEXES = 60


def _dies(url, number, when="after"):
    return subprocess.run(
        [sys.executable, "-m", "tests.db.upgrading.dying", url, str(number), when],
        capture_output=True,
        text=True,
        check=False,
    )


def _survived(site, before):
    after = site.snapshot()
    return all(
        not snapshots.surviving(rows, rows) - snapshots.surviving(rows, after[table])
        for table, rows in before.items()
    )


@pytest.mark.parametrize("number", [IN_THE_INDEXES, BEFORE_THE_FIRST_COUNT])
def test_an_upgrade_killed_half_way_is_finished_by_the_next_one(site, number):
    before = site.snapshot()
    assert _dies(site.url, number).returncode == -9
    assert not upgrade.is_current(site.database)
    site.upgraded()
    assert site.is_whole()
    assert _survived(site, before)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [websites.UPDATED, websites.PARTLY, websites.MAPPED], ids=str)
def test_wherever_an_upgrade_is_killed_the_next_one_finishes_it(server, kind):
    number, finished = 1, False
    while not finished:
        with websites.empty(server) as url, websites.connect(url) as website:
            websites.build(url, kind)
            database = Database(url)
            site = Site(database, website, url)
            before = site.snapshot()
            died = _dies(url, number, random.choice(["before", "after"]))
            finished = died.returncode == 0
            assert died.returncode in {0, -9}, died.stderr
            site.upgraded()
            assert site.is_whole()
            assert _survived(site, before)
            database.close()
        number += random.randint(1, 4)
    assert number > 100


@pytest.mark.slow
def test_whenever_an_upgrade_is_killed_beside_writers_the_next_one_finishes_it(server):
    for _ in range(25):
        with websites.empty(server) as url, websites.connect(url) as website:
            websites.build(url, websites.PARTLY)
            website.execute(
                "INSERT INTO users (username, email, password_hash)"
                " SELECT 'many' || n, 'many' || n || '@example.org', 'x' FROM generate_series(1, 20000) n"
            )
            database = Database(url)
            site = Site(database, website, url)
            before = site.snapshot()
            running = subprocess.Popen([sys.executable, "-m", "tests.db.upgrading.dying", url, "0"])
            time.sleep(random.uniform(0.5, 3.0))
            running.kill()
            running.wait()
            site.upgraded()
            assert site.is_whole()
            assert _survived(site, before)
            database.close()


def test_an_index_waits_for_an_old_transaction_says_so_and_an_interrupted_one_is_built_again(
    site, monkeypatch
):
    monkeypatch.setattr(building, "LOOK_SECONDS", 0.02)
    told: list[str] = []
    waiting = threading.Event()

    def say(line: str) -> None:
        told.append(line)
        if "Waiting for the transaction of" in line:
            waiting.set()

    failed: list[BaseException] = []

    def run() -> None:
        try:
            upgrade.upgrade(site.database, say)
        except errors.AppError as error:
            failed.append(error)

    with websites.connect(site.url, autocommit=False, application_name="nightly report") as old:
        old.execute("SELECT txid_current()")
        old.execute(
            "INSERT INTO contacts (name, email, country_code, phone_number, message) VALUES ('a', 'b', '1', '2', 'c')"
        )
        upgrading = threading.Thread(target=run)
        upgrading.start()
        assert waiting.wait(60)
        assert "“nightly report”" in told[-1]
        site.website.execute(
            "INSERT INTO contacts (name, email, country_code, phone_number, message) VALUES ('d', 'b', '1', '2', 'c')"
        )
        site.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND query LIKE 'CREATE%%INDEX CONCURRENTLY%%' AND pid <> pg_backend_pid()"
        )
        upgrading.join()
        assert site.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 1
        old.rollback()
    assert isinstance(failed[0], errors.DatabaseDown)
    site.upgraded()
    assert site.is_whole()
