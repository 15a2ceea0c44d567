"""A real browser for tests: nothing is pretended, nothing leaves the machine."""

from __future__ import annotations

import re
import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright

__all__ = ["CHROMIUM", "Visit", "launch", "needs_browser"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
CHROMIUM = next((found for name in _NAMES if (found := shutil.which(name))), None)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium, Chrome or Edge is on this machine's path"
)
_OWN = {"localhost", "127.0.0.1", ""}


def launch(playwright: Playwright) -> Browser:
    """Start the browser of this machine."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )


class Visit:
    """One officer at one browser window."""

    def __init__(self, browser: Browser, url: str, **options: object) -> None:
        settings = {"viewport": {"width": 1280, "height": 720}, "accept_downloads": True, **options}
        self.context: BrowserContext = browser.new_context(**settings)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.url = url
        self.foreign: list[str] = []
        self.page.on("request", self._watch)

    def _watch(self, request: object) -> None:
        address = str(getattr(request, "url", ""))
        parts = urlsplit(address)
        if parts.scheme not in ("data", "blob") and parts.hostname not in _OWN:
            self.foreign.append(address)

    def open(self, path: str = "", **address: str) -> Visit:
        """Open a page by its address, as from a link."""
        query = "&".join(f"{name}={value}" for name, value in address.items())
        self.page.goto(f"{self.url}/{path}{'?' + query if query else ''}")
        self.page.wait_for_selector("h1")
        return self.settle()

    def settle(self) -> Visit:
        """Wait until the app is connected and its script has come to an end."""
        for _ in range(2):  # an interaction takes a moment to reach the server
            self.page.wait_for_timeout(200)
            self.page.wait_for_selector(
                '[data-testid="stApp"][data-test-script-state="notRunning"]'
                '[data-test-connection-state="CONNECTED"]'
            )
        return self

    def at(self, key: str) -> Locator:
        """Return the widget of a key; a key that ends with a star matches by its beginning."""
        name = re.sub(r"[^a-zA-Z0-9_-]", "-", key.rstrip("*"))
        if key.endswith("*"):
            return self.page.locator(f'[class*="st-key-{name}"]').first
        return self.page.locator(f".st-key-{name}").first

    def press(self, key: str) -> Visit:
        """Press a button."""
        self.at(key).get_by_role("button").first.click()
        return self.settle()

    def write(self, key: str, text: str) -> Visit:
        """Write into a field and leave it."""
        field = self.at(key).locator("input, textarea").first
        field.fill(text)
        field.press("Tab")
        return self.settle()

    def value(self, key: str) -> str:
        """Return what a field or a list of choices holds."""
        return self.at(key).locator("input").first.input_value()

    def go(self, name: str) -> Visit:
        """Go to a page by the menu."""
        self.page.locator(".st-key-pages").get_by_role("link", name=name, exact=True).click()
        self.page.wait_for_timeout(200)
        return self.settle()

    def tab(self, name: str) -> Visit:
        """Open a tab of the page."""
        self.page.get_by_role("tab", name=name).click()
        return self.settle()

    def sees(self, text: str, within: float = 60.0) -> Visit:
        """Wait until a text can be seen."""
        self.page.get_by_text(text).first.wait_for(timeout=1000 * within)
        return self

    def close(self) -> None:
        """Leave; no request may have left the machine, and no trace may have been shown."""
        assert self.foreign == []
        self.context.close()
