"""`make screenshots`: every page of a running screen, light, dark and as on a phone.

python -m tests.browser.screenshots --address http://127.0.0.1:8080 --to screenshots
"""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import chromium

SIZES = {"light": (1280, 860), "dark": (1280, 860), "phone": (390, 844)}
TABS = {
    "alerts": "/",
    "map": "/map",
    "articles": "/articles",
    "rules": "/rules",
    "feeds": "/feeds",
    "pipeline": "/pipeline",
}


def pages(page: Page, address: str) -> dict[str, str]:
    """The tabs, and from the first alert on what they lead to."""
    page.goto(address)
    found = {"alert": "a.what", "actor": ".alert a[href^='/actors/']", "place": ".alert a[href^='/places/']"}
    more = {name: page.locator(css).first for name, css in found.items() if page.locator(css).count()}
    return TABS | {name: str(link.get_attribute("href")) for name, link in more.items()}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8080")
    parser.add_argument("--to", type=Path, default=Path("screenshots"))
    options = parser.parse_args()
    path = chromium.find()
    if path is None:
        sys.exit("no Chromium: install Debian's package chromium")
    options.to.mkdir(parents=True, exist_ok=True)
    with chromium.launch(path) as browser:
        for name, (width, height) in SIZES.items():
            scheme = "dark" if name == "dark" else "light"
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            for title, address in pages(page, options.address).items():
                page.goto(options.address + address)
                page.screenshot(path=options.to / f"{title}-{name}.png", full_page=name == "phone" and title == "alert")
                print(options.to / f"{title}-{name}.png")
            page.close()


if __name__ == "__main__":
    main()
