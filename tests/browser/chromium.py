"""Debian's Chromium, driven by Playwright; installed where it can be."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.support import debian

FLAGS = (
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",  # it would ask its maker for news, all the time
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Where the browser is; installed by apt when we may."""
    found = _where()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with debian.alone():
            if not _where():
                debian.apt("update")
                debian.apt("install", "-y", "chromium")
        found = _where()
    return found


@contextmanager
def launch(path: str) -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def _where() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
