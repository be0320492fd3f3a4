"""What takes long is not collected while somebody scrolls, and is in the end."""

from __future__ import annotations

import pytest

from desktop import collecting


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    told: list[int] = []
    monkeypatch.setattr(collecting, "_resting_from", [0.0])
    monkeypatch.setattr(collecting.gc, "collect", told.append)
    monkeypatch.setattr(collecting.gc, "get_threshold", lambda: (700, 10, 10))
    return told


def counts(monkeypatch: pytest.MonkeyPatch, *found: int) -> None:
    monkeypatch.setattr(collecting.gc, "get_count", lambda: found)


@pytest.mark.parametrize(
    ("found", "at_rest", "scrolling"),
    [
        ((700, 10, 10), [], []),
        ((701, 10, 10), [0], [0]),
        ((701, 11, 10), [1], [0]),
        ((0, 11, 11), [2], []),
        ((0, 1_001, 10), [1], [1]),
        ((0, 0, 1_001), [2], [2]),
    ],
)
def test_old_generations_wait_while_somebody_scrolls(
    monkeypatch: pytest.MonkeyPatch,
    collected: list[int],
    found: tuple[int, int, int],
    at_rest: list[int],
    scrolling: list[int],
) -> None:
    counts(monkeypatch, *found)
    collecting.collect_due()
    assert collected == at_rest
    collected.clear()
    collecting.put_off()
    collecting.collect_due()
    assert collected == scrolling


def test_it_is_made_up_for_when_the_scrolling_has_ended(
    monkeypatch: pytest.MonkeyPatch, collected: list[int]
) -> None:
    counts(monkeypatch, 0, 11, 0)
    now = collecting.time.monotonic()
    collecting.put_off()
    monkeypatch.setattr(collecting.time, "monotonic", lambda: now + collecting.REST_SECONDS + 1)
    collecting.collect_due()
    assert collected == [1]
