"""The one translation of driver errors into situations, by SQLSTATE and constraint name.

Never quotes DETAIL, which prints whole rows whatever SQLAlchemy hides (ruling 26).
"""

from __future__ import annotations

import psycopg
import sqlalchemy as sa

from desktop import errors

RETRIED = frozenset({"40001", "40P01", "55P03"})
"""serialization_failure, deadlock_detected, lock_not_available: the whole transaction is tried again."""

READ_ONLY = "25006"
"""The server that answers takes no changes: it is, or became, a standby. Or the transaction was meant to read only,
and then it is a bug of ours; `desktop.db.session` knows, and leaves the server only in the first case."""

NOT_LET_IN = "did not accept the user name or password of the connection."

WRONG_PASSWORD = (
    "password authentication failed",
    "SASL authentication failed",  # a pooler's word for the same
)
NOT_GIVEN = "no password supplied"

REFUSALS = (
    (
        "no pg_hba.conf entry",
        "does not let this user in from this computer: its pg_hba.conf has no line for that. Ask its owner for one.",
    ),
    ("FATAL:  role ", "knows no user of that name. Check the user of the connection, or ask its owner."),
    (
        "Peer authentication failed",
        "lets in only the account of this computer that has the name of the database's user. Use that user, or ask"
        " its owner for a password.",
    ),
    (
        "does not match host name",
        "showed a TLS certificate that was made for another name. Use the name the certificate was made for.",
    ),
    (
        "certificate verify failed",
        "showed a TLS certificate that no authority this computer trusts has signed, or that has expired. If its owner"
        " has an authority of their own, add the file of its certificate to the address: sslrootcert=….",
    ),
    (
        "server does not support SSL",
        "offers no TLS, so passwords and names would travel in the clear. Ask its owner to switch TLS on; where the"
        " way there is safe by other means, say so in the address: sslmode=disable.",
    ),
    (
        "root certificate file",
        "cannot be checked, because the file of trusted authorities cannot be read: look at sslrootcert in the"
        " address.",
    ),
    (
        "could not load system root certificate",
        "cannot be checked, because this computer has no list of trusted authorities. Name a file of them in the"
        " address: sslrootcert=….",
    ),
    (
        "weak sslmode",
        "cannot be checked: sslrootcert=system in the address goes with sslmode=verify-full only.",
    ),
)
"""What the server, or we before it, said no to: trying again does not help. By the words of libpq, because an
attempt to connect has no SQLSTATE."""

REASONS = (
    ("session is read-only", "only a standby answers, which takes no changes"),
    ("server is in hot standby mode", "only a standby answers, which takes no changes"),
    ("server is in standby mode", "only a standby answers, which takes no changes"),
    ("Connection refused", "nothing answers there"),
    ("timeout expired", "no answer in time"),
    ("timed out", "no answer in time"),
    ("could not translate host name", "the host name is unknown"),
    ("failed to resolve host", "the host name is unknown"),
    ("No route to host", "there is no way to it"),
    ("Network is unreachable", "there is no way to it"),
    ("No such file or directory", "no server is running there"),
    ("too many clients", "the server has no connection left"),
    ("remaining connection slots", "the server has no connection left"),
    ("no more connections allowed", "the connection pooler has no connection left"),
    ("query_wait_timeout", "the connection pooler has no connection left"),
    ("server login", "the connection pooler does not reach the server"),
    ("cannot connect to server", "the connection pooler does not reach the server"),
    ("starting up", "the server is still starting"),
    ("shutting down", "the server is shutting down"),
    ("terminating connection", "the server closed the connection"),
    ("certificate", "its TLS certificate was not accepted"),
)


class Scrubbed(Exception):
    """A database error that is our bug: SQLSTATE, constraint and primary message only (ruling 26)."""

    def __init__(self, state: str | None, constraint: str | None, message: str | None) -> None:
        super().__init__(f"{state} {constraint or ''} {message or ''}".strip())
        self.sqlstate = state
        self.constraint = constraint


def translated(error: Exception, where: str, *, committing: bool = False) -> errors.AppError | Exception:
    """The situation a driver error stands for; our own bugs come back as `Scrubbed`, and what is no driver error as it
    is. The driver's error is emptied of secrets as well: a printed traceback shows it as the cause.

    ``committing``: a COMMIT was on its way, so that a lost connection leaves an unknown outcome.
    """
    if isinstance(error, sa.exc.TimeoutError):
        return errors.Busy()
    original: object = error
    if isinstance(error, sa.exc.StatementError):
        original = error.orig
        error.params = None  # what people typed
    if not isinstance(original, psycopg.Error):
        ours = isinstance(error, sa.exc.StatementError)
        return Scrubbed(None, None, type(error).__name__) if ours else error
    state, constraint, told = original.sqlstate, original.diag.constraint_name, _told(original)
    _forget(error, original, f"{state} {told}" if state is not None else str(original))
    if state in RETRIED:
        return errors.Busy()
    if state == "57014":
        return errors.DatabaseDown(where, "the server took too long to answer")
    if state == READ_ONLY and isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
        return errors.DatabaseDown(where, "only a standby answers, which takes no changes")
    if state == "23514" and constraint == "package_capacity":
        return errors.PackageFull("The package")
    if state == "42501":
        return errors.DatabaseRefused(
            f"The account used for {where} may not do this. Ask the owner of the database for the privilege."
        )
    if state == "53100":
        return errors.DatabaseRefused(
            f"The disk of the server of {where} is full. Nothing was changed; make room there, then try again."
        )
    lost = state is None or state[:2] in {"08", "57"} or state in {"25P03", "53300"}
    if lost and isinstance(
        original,
        # InternalError without SQLSTATE: libpq lost the thread, as when a pooler adds an error to the server's.
        psycopg.OperationalError | psycopg.InterfaceError | psycopg.InternalError,
    ):
        return _unreachable(original, where, committing=committing)
    if state in {"28P01", "28000", "3D000"}:
        return _unreachable(original, where, committing=committing)
    return Scrubbed(state, constraint, told)


def _told(original: psycopg.Error) -> str:
    """The primary message, or the error's name where the message quotes values: class 22 repeats what could not be
    read, and functions (pl_exec.c of PL/pgSQL, plpy_elog.c, plperl.c) raise what their authors like."""
    by_function = (original.diag.source_file or "").startswith("pl")
    if by_function or (original.sqlstate or "").startswith("22"):
        return type(original).__name__
    return original.diag.message_primary or ""


def _forget(error: Exception, original: psycopg.Error, text: str) -> None:
    """Leave only ``text`` in the driver's error, not even in memory, where a crash reporter may find more: DETAIL
    prints rows, and an attempt to connect keeps its connection string, password included."""
    error.args = (text,)
    psycopg.Error.__init__(original, text)


def _unreachable(original: psycopg.Error, where: str, *, committing: bool) -> errors.AppError:
    text = str(original)
    if original.sqlstate in {"28P01", "28000"} or any(sign in text for sign in WRONG_PASSWORD):
        return errors.PasswordWrong(f"{where} {NOT_LET_IN}")
    if NOT_GIVEN in text:
        return errors.PasswordWanted(
            f"{where} wants a password, and neither the address nor your password file (.pgpass) has one for it."
        )
    if original.sqlstate == "3D000" or ("database" in text and "does not exist" in text):
        return errors.DatabaseRefused(f"There is no database of that name: {where}. Check the address.")
    refusal = next((words for sign, words in REFUSALS if sign in text), None)
    if refusal is not None:
        return errors.DatabaseRefused(f"{where} {refusal}")
    reason = next(
        (words for sign, words in REASONS if sign in text),
        "the connection broke" if "connection" in text.lower() else "",
    )
    return errors.DatabaseDown(where, reason, unknown_outcome=committing)
