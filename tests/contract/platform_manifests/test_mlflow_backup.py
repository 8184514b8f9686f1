"""Backup and restore of MLflow: the scripts that the pods run, against a real PostgreSQL."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.contract.platform_manifests.postgresql import SCRIPTS, Database

pytestmark = pytest.mark.packages


@pytest.fixture
def record(postgresql: Database):
    """A database with a table and an artifact, and no backups."""
    postgresql.sql("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public")
    postgresql.sql("CREATE TABLE runs (id serial PRIMARY KEY, note text)")
    postgresql.sql("INSERT INTO runs (note) VALUES ('first'), ('second')")
    for volume in ("artifacts", "backups"):
        subprocess.run(["find", postgresql.folder / volume, "-mindepth", "1", "-delete"], check=True)
    write(postgresql, "1/model.pkl", "the bytes that were gated")
    return postgresql


def write(record: Database, name: str, text: str) -> None:
    path = record.folder / "artifacts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    for made in (path, *path.parents):
        if made == record.folder / "artifacts":
            break
        made.chmod(0o777)


def artifacts(record: Database) -> dict[str, str]:
    root = record.folder / "artifacts"
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def backups(record: Database) -> list[Path]:
    return sorted((record.folder / "backups").iterdir())


def backed_up(record: Database) -> Path:
    ran = record.script("backup.sh")
    assert ran.returncode == 0, ran.stderr
    return backups(record)[-1]


def age(backup: Path, name: str) -> Path:
    """The same backup, as if made at another time."""
    return backup.rename(backup.parent / name)


def test_what_was_destroyed_comes_back(record):
    backed_up(record)
    record.sql("DROP TABLE runs")
    write(record, "1/model.pkl", "damaged")
    write(record, "2/model.pkl", "later")
    ran = record.script("restore.sh")
    assert ran.returncode == 0, ran.stderr
    assert record.sql("SELECT string_agg(note, ',' ORDER BY id) FROM runs") == "first,second"
    assert artifacts(record) == {"1/model.pkl": "the bytes that were gated"}


def test_a_restored_database_goes_on_counting_and_can_be_backed_up_again(record):
    age(backed_up(record), "2020-01-01T000000Z")
    assert record.script("restore.sh").returncode == 0
    record.sql("INSERT INTO runs (note) VALUES ('third')")
    backed_up(record)
    record.sql("DELETE FROM runs")
    assert record.script("restore.sh").returncode == 0
    assert record.sql("SELECT max(id) FROM runs") == "3"


def test_tables_that_came_after_the_backup_are_gone(record):
    backed_up(record)
    record.sql("CREATE TABLE of_a_newer_mlflow (id int REFERENCES runs (id))")
    assert record.script("restore.sh").returncode == 0
    assert record.sql("SELECT to_regclass('of_a_newer_mlflow') IS NULL") == "t"


def test_an_older_backup_is_chosen_by_name(record):
    age(backed_up(record), "2020-01-01T000000Z")
    record.sql("DELETE FROM runs")
    backed_up(record)
    assert record.script("restore.sh", BACKUP="2020-01-01T000000Z").returncode == 0
    assert record.sql("SELECT count(*) FROM runs") == "2"


def test_a_damaged_backup_changes_nothing(record):
    damaged = backed_up(record) / "database.dump"
    damaged.chmod(0o666)
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    record.sql("INSERT INTO runs (note) VALUES ('third')")
    ran = record.script("restore.sh")
    assert ran.returncode != 0
    assert "database.dump: FAILED" in ran.stdout
    assert record.sql("SELECT count(*) FROM runs") == "3"


def test_a_failure_in_the_middle_of_the_database_changes_nothing(record):
    record.sql("CREATE VIEW a_view AS SELECT nextval('runs_id_seq')")
    backup = backed_up(record)
    call_what_does_not_exist(backup)
    write(record, "2/model.pkl", "later")
    before = artifacts(record)
    ran = record.script("restore.sh")
    assert ran.returncode != 0
    assert "nextvax" in ran.stderr
    assert record.sql("SELECT count(*) FROM runs") == "2"
    assert artifacts(record) == before


def call_what_does_not_exist(backup: Path) -> None:
    """Make the dump one that can be listed and not loaded, and whose sum is right."""
    dump = backup / "database.dump"
    dump.chmod(0o666)
    dump.write_bytes(dump.read_bytes().replace(b"nextval(", b"nextvax("))
    files = ["sha256sum", dump.name, "artifacts.tar"]
    (backup / "SHA256SUMS").chmod(0o666)
    sums = subprocess.run(files, cwd=backup, capture_output=True, check=True)
    (backup / "SHA256SUMS").write_bytes(sums.stdout)


def test_no_backup_is_a_sentence(record):
    ran = record.script("restore.sh", BACKUP="2001-01-01T000000Z")
    assert ran.returncode == 2
    assert "no backup '2001-01-01T000000Z'" in ran.stderr


def test_only_the_newest_are_kept(record):
    for day in range(1, 6):
        age(backed_up(record), f"2020-01-0{day}T000000Z")
    assert record.script("backup.sh").returncode == 0
    names = [backup.name for backup in backups(record)]
    assert names[:2] == ["2020-01-04T000000Z", "2020-01-05T000000Z"]
    assert len(names) == 3


def test_a_backup_without_a_database_fails_and_leaves_nothing(record):
    ran = record.script("backup.sh", PGPORT="1")
    assert ran.returncode != 0
    assert backups(record) == []


def test_what_a_killed_backup_left_goes_with_the_next(record):
    left = record.folder / "backups" / ".partial-2020-01-01T000000Z"
    left.mkdir(mode=0o777)
    left.chmod(0o777)
    backed_up(record)
    assert not left.exists()


def test_keeping_none_is_refused(record):
    assert record.script("backup.sh", KEEP="0").returncode == 2


def test_the_password_is_in_no_argument(record):
    backed_up(record)
    for script in SCRIPTS.glob("*.sh"):
        assert "--password" not in script.read_text()
        assert "postgresql://" not in script.read_text()
