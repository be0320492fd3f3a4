"""The words for why a package gives out no seats."""

from desktop import errors


def refusal(outcome: str, package: str | None, event: str | None) -> errors.AppError | None:
    """The error for an outcome of ``greenroom.closed_because``, or None when it is another outcome."""
    if outcome in {"package_not_found", "not_an_event_package"}:
        return errors.NotFound("event package", package or "")
    if outcome == "package_retired":
        return errors.PackageRetired(package or "The package")
    if outcome.startswith("event_"):
        return errors.EventClosed(event or "The event", outcome.removeprefix("event_"))
    return None
