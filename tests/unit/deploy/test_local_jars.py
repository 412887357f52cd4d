"""The lock of the jars, and what happens to a jar that is not in it as it is."""

import hashlib
from pathlib import Path

import pytest

from deploy.local import jars
from deploy.local.jars import Jar, JarError

CONTENT = b"the jar's bytes"
JAR = Jar(hashlib.sha256(CONTENT).hexdigest(), "org.example:thing:1.0")


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where jgo finds "the repository": files put there are what it downloads."""
    from jgo.maven import PythonResolver

    there = tmp_path / "mirror"

    def download(_: object, artifact: object) -> Path:
        source = there / artifact.filename  # type: ignore[attr-defined]
        if not source.exists():
            raise RuntimeError(f"{source.name}: not found")
        target: Path = artifact.cached_path  # type: ignore[attr-defined]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        return target

    monkeypatch.setattr(PythonResolver, "download", download)
    there.mkdir()
    return there


def test_the_committed_lock_is_complete_and_sorted() -> None:
    locked = jars.read_lock()
    names = [jar.coordinates for jar in locked]
    assert names == sorted(set(names))
    assert set(jars.KAFKA) <= set(names)
    assert {"org.apache.kafka:kafka-clients:4.1.1", "org.apache.kafka:kafka-metadata:4.1.1"} <= set(names)


@pytest.mark.parametrize(
    "line",
    [
        "abc  thing-1.0.jar  org.example:thing:1.0",
        f"{JAR.sha256}  other-1.0.jar  {JAR.coordinates}",
        f"{JAR.sha256}  thing-1.0.jar  thing:1.0",
        f"{JAR.sha256}  thing-1.0.jar",
        f"{'g' * 64}  thing-1.0.jar  {JAR.coordinates}",
    ],
)
def test_a_line_that_makes_no_sense_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "jars.lock"
    path.write_text(f"# a comment\n\n{JAR.to_line()}\n{line}\n")
    with pytest.raises(JarError, match=r"jars\.lock:4: "):
        jars.read_lock(path)


def test_lines_are_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "jars.lock"
    path.write_text(JAR.to_line() + "\n")
    assert jars.read_lock(path) == (JAR,)


def test_a_jar_is_fetched_once(tmp_path: Path, mirror: Path) -> None:
    (mirror / JAR.file_name).write_bytes(CONTENT)
    progress: list[tuple[int, int]] = []
    [path] = jars.fetch([JAR], cache=tmp_path / "cache", progress=lambda done, total: progress.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert progress == [(1, 1)]
    (mirror / JAR.file_name).unlink()
    assert jars.fetch([JAR], cache=tmp_path / "cache") == [path]


def test_another_file_under_the_name_is_refused(tmp_path: Path, mirror: Path) -> None:
    (mirror / JAR.file_name).write_bytes(b"something else")
    with pytest.raises(JarError, match=r"thing-1\.0\.jar is not the file that jars\.lock names") as error:
        jars.fetch([JAR], cache=tmp_path / "cache")
    assert JAR.sha256 in str(error.value)
    assert hashlib.sha256(b"something else").hexdigest() in str(error.value)
    assert not list((tmp_path / "cache").rglob("*.jar")), "it must not be found by the next start"


def test_a_download_cut_short_is_fetched_again(tmp_path: Path, mirror: Path) -> None:
    (mirror / JAR.file_name).write_bytes(CONTENT)
    [path] = jars.fetch([JAR], cache=tmp_path / "cache")
    path.write_bytes(CONTENT[:3])
    assert jars.fetch([JAR], cache=tmp_path / "cache")[0].read_bytes() == CONTENT


def test_a_jar_that_cannot_be_fetched_is_named(tmp_path: Path, mirror: Path) -> None:
    with pytest.raises(JarError, match=r"thing-1\.0\.jar can't be fetched"):
        jars.fetch([JAR], cache=tmp_path / "cache")


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert jars.default_cache_dir() == Path("/somewhere/tocsin")
    monkeypatch.setenv(jars.CACHE_VARIABLE, "/elsewhere")
    assert jars.default_cache_dir() == Path("/elsewhere")
