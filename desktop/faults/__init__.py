"""Faults of ours: every way one can come, what is kept of it, the log, and the report a person can send.

Below all of it stands ruling 26: nothing that somebody typed or that the database holds is in any of them.
"""

from desktop.faults.telling import Fault, complain, of, tell, threads_told, unraisable_noted

__all__ = ["Fault", "complain", "of", "tell", "threads_told", "unraisable_noted"]
