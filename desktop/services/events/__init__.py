"""What staff do with events: draft, edit, publish, close, put into the bin, duplicate.

Times come in on the clocks of the event's zone, naive or with the offset that is meant, and go out as stored, naive UTC
(ruling 5). ``zone`` is the workspace's everywhere: it counts where an event names none.
"""

from desktop.services.events.binning import Binned, Deleted, Restored, binned, delete, restore
from desktop.services.events.cancelling import Cancelled, Toll, cancel, preview_cancel
from desktop.services.events.duplicating import Duplicated, duplicate
from desktop.services.events.editing import Created, create, edit
from desktop.services.events.fields import Fields
from desktop.services.events.finishing import Absent, Completed, complete, no_shows
from desktop.services.events.publishing import Published, Unpublished, publish, unpublish
from desktop.services.events.reading import Event, read

__all__ = [
    "Absent",
    "Binned",
    "Cancelled",
    "Completed",
    "Created",
    "Deleted",
    "Duplicated",
    "Event",
    "Fields",
    "Published",
    "Restored",
    "Toll",
    "Unpublished",
    "binned",
    "cancel",
    "complete",
    "create",
    "delete",
    "duplicate",
    "edit",
    "no_shows",
    "preview_cancel",
    "publish",
    "read",
    "restore",
    "unpublish",
]
