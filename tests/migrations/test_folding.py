"""Names as people sort and find them: case and accents gone, other scripts left alone."""

from __future__ import annotations

import psycopg

from desktop.db import upgrade
from desktop.db.session import Database

FOLDED = {
    "José": "jose",
    "JOSE": "jose",
    "Jose\u0301": "jose",
    "Łukasz ŁUKASZ": "lukasz lukasz",
    "Øystein Đorđe": "oystein dorde",
    "Strauß STRAUẞ": "strauss strauss",
    "Isık ısı": "isik isi",
    "İstanbul": "istanbul",
    "Ægir Cœur": "aegir coeur",
    "Þór": "thor",
    "Ħal Ŋ Ŧ": "hal n t",
    "Zoë Fernández-Müller": "zoe fernandez-muller",
    "Nguyễn Thị Ánh": "nguyen thi anh",
    "王小明": "王小明",
    "محمد علي": "محمد علي",
    "Ｚｏｅ": "zoe",
    "": "",
}


def test_case_and_accents_are_folded_and_other_scripts_stay(building):
    found = building.rows(
        "SELECT n AS name, greenroom.fold(n) AS key FROM unnest(%s::text[]) AS n", list(FOLDED)
    )
    assert {row["name"]: row["key"] for row in found} == FOLDED


def test_capitals_without_decomposition_are_folded_in_a_database_that_only_knows_ascii(server):
    address = server.url("postgres").replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(address, autocommit=True) as maintenance:
        maintenance.execute("DROP DATABASE IF EXISTS ascii_only")
        maintenance.execute(
            "CREATE DATABASE ascii_only ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        )
        plain = Database(server.url("ascii_only"))
        upgrade.upgrade(plain)
        with plain.transaction() as tx:
            assert tx.value("SELECT greenroom.fold('ŁØĐ JOSÉ ÆŒÞẞ İ')") == "lod jose aeoethss i"
        plain.close()
        maintenance.execute("DROP DATABASE ascii_only")


def test_the_key_follows_the_name_and_falls_back_to_the_address(building):
    registration = building.registration(building.package(), "Zoë@Example.org", attendee_name="Łukasz")
    assert building.registered(registration)["name_key"] == "lukasz"
    building.do("UPDATE event_registrations SET attendee_name = '  ' WHERE id = %s", registration)
    assert building.registered(registration)["name_key"] == "zoe@example.org"
    building.do("UPDATE event_registrations SET name_key = 'forged' WHERE id = %s", registration)
    assert building.registered(registration)["name_key"] == "zoe@example.org"
