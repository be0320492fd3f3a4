"""What a door, and its stations, are told."""

from __future__ import annotations

from desktop.errors.base import RuleViolation


class NotAdmitted(RuleViolation):
    """The door says no; ``verdict`` is the reason's code, the sentence is for the person at the door."""

    def __init__(self, verdict: str, sentence: str) -> None:
        super().__init__(sentence)
        self.verdict = verdict


class NumberTaken(RuleViolation):
    """Two computers call themselves the same: the station's number belongs to another operation (ruling 16)."""

    def __init__(self, station: str, sequence: int) -> None:
        super().__init__(
            f"Another computer uses the station name “{station}”: its number {sequence} belongs to another scan. "
            "Nothing was changed; give this station a name of its own and scan again."
        )
        self.station = station
        self.sequence = sequence


class StationsSilent(RuleViolation):
    """Not every station surely has nothing left to send (ruling 11). ``stations`` are the names to confirm."""

    def __init__(self, event: str, stations: tuple[str, ...], told: tuple[str, ...]) -> None:
        super().__init__(
            f"Stations of “{event}” may still have scans to send: {', '.join(told)}. Whoever they let in would become "
            "a no-show. Let them connect, or confirm each by name to go on without it. Nothing was recorded."
        )
        self.stations = stations


class EventNotOver(RuleViolation):
    """No-shows are recorded in bulk after the event only (ruling 11)."""

    def __init__(self, event: str) -> None:
        super().__init__(
            f"“{event}” is not over, and people may still come. Record its no-shows after its end, or complete it "
            "first."
        )


class NobodyExpected(RuleViolation):
    """There are no no-shows of an event that does not take place."""

    def __init__(self, event: str) -> None:
        super().__init__(
            f"“{event}” is cancelled or deleted, so nobody was expected and nobody is a no-show."
        )
