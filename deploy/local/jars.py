"""The jars of the embedded Kafka: fetched once by `jgo`, and checked against `jars.lock` every time.

The lock names every jar with its Maven coordinates and the SHA-256 of its bytes, so nothing is resolved at run time: what a repository
answers can only match or be refused. `python -m deploy.local.jars lock` writes the lock anew after a change of version (that one time the
dependency graph is walked).

Failure: `JarError` when a jar can't be fetched, or is not the one that the lock names.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from msgspec import Struct

from deploy.local import background
from pipeline.errors import RetryableError

KAFKA = ("org.apache.kafka:kafka_2.13:4.1.1", "org.slf4j:slf4j-simple:1.7.36")
"""The broker, and what its log goes through: without a binding of slf4j Kafka logs nothing."""
LOCK = Path(__file__).with_name("jars.lock")
CACHE_VARIABLE = "TOCSIN_CACHE_DIR"
REPOSITORY_VARIABLE = "TOCSIN_MAVEN_URL"
"""A mirror of Maven Central, for machines that reach no other."""
DOWNLOADS_AT_ONCE = 4
TIMEOUT_SECONDS = 60

Progress = Callable[[int, int], None]
"""Called with jars ready and jars in all."""


class JarError(RetryableError):
    """A jar can't be had, or is not the one in the lock."""


class Jar(Struct, frozen=True):
    """One line of the lock."""

    sha256: str  # of the file's bytes, in hex
    coordinates: str  # group:artifact:version

    @property
    def file_name(self) -> str:
        """As Maven repositories name it."""
        _, artifact, version = self.coordinates.split(":")
        return f"{artifact}-{version}.jar"

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Parse `SHA-256  file name  group:artifact:version`; ValueError on anything else."""
        sha256, file_name, coordinates = line.split()
        jar = cls(sha256, coordinates)
        if len(bytes.fromhex(sha256)) != hashlib.sha256().digest_size or jar.file_name != file_name:
            raise ValueError(line)
        return jar

    def to_line(self) -> str:
        """The line of the lock."""
        return f"{self.sha256}  {self.file_name}  {self.coordinates}"


def default_cache_dir() -> Path:
    """`$TOCSIN_CACHE_DIR`, else `$XDG_CACHE_HOME/tocsin`, else `~/.cache/tocsin`."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tocsin"


def read_lock(path: Path = LOCK) -> tuple[Jar, ...]:
    """The jars of a lock file. Raises `JarError` naming the line that makes no sense."""
    jars = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            jars.append(Jar.from_line(line))
        except ValueError as error:
            raise JarError(f"{path}:{number}: not a line of the lock: {line!r}") from error
    return tuple(jars)


def fetch(
    jars: Sequence[Jar], *, cache: Path | None = None, progress: Progress | None = None, offline: bool = False
) -> list[Path]:
    """The files of `jars`, in their order; fetched if the cache lacks them, each checked against its SHA-256.

    A file in the cache that doesn't match (a download cut short) is fetched once more. `JarError` when a fresh one doesn't
    match either, or can't be fetched.
    """
    from jgo.maven import MavenContext  # half a second, and only needed to start a broker

    mirror = os.environ.get(REPOSITORY_VARIABLE)
    context = MavenContext(
        repo_cache=(cache or default_cache_dir()) / "maven",
        remote_repos={"mirror": mirror} if mirror else None,
        timeout=TIMEOUT_SECONDS,
        offline=offline,
    )
    futures = background.run_each(lambda jar: _fetch_one(jar, context), jars, threads=DOWNLOADS_AT_ONCE, name="jars")
    paths: list[Path] = []
    try:
        for future in futures:
            paths.append(future.result())
            if progress:
                progress(len(paths), len(jars))
    finally:
        for future in futures:
            future.cancel()
    return paths


def _fetch_one(jar: Jar, context: object) -> Path:
    artifact = _artifact(jar.coordinates, context)
    cached: Path = artifact.cached_path  # type: ignore[attr-defined]
    if cached.exists() and compute_sha256(cached) == jar.sha256:
        return cached
    cached.unlink(missing_ok=True)
    try:
        artifact.resolve()  # type: ignore[attr-defined]
    except (OSError, RuntimeError) as error:  # jgo raises RuntimeError, requests' errors are OSErrors
        cached.unlink(missing_ok=True)
        raise JarError(f"{jar.file_name} can't be fetched from the Maven repository: {error}") from error
    found = compute_sha256(cached)
    if found != jar.sha256:
        refused = cached.with_suffix(".refused")
        cached.replace(refused)
        raise JarError(
            f"{jar.file_name} is not the file that {LOCK.name} names, and is not used: SHA-256 {found}, expected {jar.sha256}."
            f" It is kept as {refused}. A proxy or mirror may have answered with a page of its own, or altered the file."
        )
    return cached


def _artifact(coordinates: str, context: object) -> object:
    group, name, version = coordinates.split(":")
    return context.project(group, name).at_version(version).artifact()  # type: ignore[attr-defined]


def compute_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def lock(coordinates: Sequence[str] = KAFKA, *, cache: Path) -> tuple[Jar, ...]:
    """Walk the dependency graph of `coordinates` and hash every jar in it, ordered by coordinates."""
    context = _make_context(cache)
    found, transitive = context.resolver.resolve([context.create_dependency(c) for c in coordinates])
    needed = [*found, *[d for d in transitive if d.scope in ("compile", "runtime")]]
    names = sorted({f"{d.groupId}:{d.artifactId}:{d.version}" for d in needed})
    return tuple(_hash(names, context))


def _make_context(cache: Path) -> Any:
    from jgo.maven import MavenContext

    return MavenContext(repo_cache=cache, timeout=TIMEOUT_SECONDS)


def _hash(names: Sequence[str], context: object) -> list[Jar]:
    return [Jar(compute_sha256(_artifact(name, context).resolve()), name) for name in names]  # type: ignore[attr-defined]


def write_lock(
    path: Path = LOCK,
    coordinates: Sequence[str] = KAFKA,
    *,
    alone: Sequence[str] = (),
    command: str = "python -m deploy.local.jars lock",
) -> None:
    """Write a lock anew, from an empty cache so that every byte comes from the repository.

    `coordinates` with what they need, `alone` without; `command` is what its head names as its origin.
    """
    cache = path.with_name(".jars.lock.cache")
    try:
        jars = [*lock(coordinates, cache=cache), *_hash(alone, _make_context(cache))]
    finally:
        shutil.rmtree(cache, ignore_errors=True)
    without = f", and {', '.join(alone)} alone" if alone else ""
    head = f"# {', '.join(coordinates)} and what they need{without}: SHA-256, file, coordinates.\n# Written by `{command}`.\n"
    path.write_text(head + "".join(jar.to_line() + "\n" for jar in jars), encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """`fetch` the jars of the lock into the cache, or write the `lock` anew."""
    if list(arguments) == ["lock"]:
        write_lock()
        sys.stdout.write(f"{len(read_lock())} jars in {LOCK}\n")
    elif list(arguments) == ["fetch"]:
        sys.stdout.write(f"{len(fetch(read_lock()))} jars in {default_cache_dir()}, each as {LOCK.name} has it\n")
    else:
        sys.exit("usage: python -m deploy.local.jars fetch|lock")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except JarError as error:
        sys.exit(str(error))
