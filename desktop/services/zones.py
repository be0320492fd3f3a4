"""Time zones by their IANA names (ruling 5)."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def of_this_computer(name: str) -> ZoneInfo:
    """The zone the operating system calls ``name``; UTC when it is not one we know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def named(name: str | None, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone of an event, or the workspace's when it names none, or one this computer does not know."""
    if not name:
        return otherwise
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise
