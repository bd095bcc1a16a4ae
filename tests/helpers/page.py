# SPDX-License-Identifier: Apache-2.0
"""Chromium by its own driver, and what the tests do with the page in it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import urllib.parse
from collections.abc import Iterator

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"


def create(api, name, schema, **parameters):
    form = urllib.parse.urlencode({"name": name, "schema": schema, **parameters})
    status, answer = api.call("POST", "/v0/datasources", form, {"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 200, answer


@contextlib.contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    with tempfile.TemporaryDirectory(prefix="cdk_chromium_", ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # A given path: Selenium must not look for a driver to download.
        os.environ.update(SE_OFFLINE="true", SE_AVOID_STATS="true")
        driver = webdriver.Chrome(options=options, service=Service(executable_path="/usr/bin/chromedriver"))
        try:
            yield driver
        finally:
            driver.quit()


class Page:
    def __init__(self, driver: webdriver.Chrome, endpoint: str, token: str) -> None:
        self.driver = driver
        self.endpoint = endpoint
        self.token = token

    def reset(self) -> None:
        self.size(1280, 900)
        self.theme("light")
        self.driver.get(self.endpoint + "/page/icon.svg")
        self.driver.execute_script("sessionStorage.clear()")
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)

    def size(self, width: int, height: int) -> None:
        """Of the viewport, which a window can't be made as narrow as."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def theme(self, name: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def open(self, route: str = "#/") -> None:
        """The page with its token. Elsewhere first, for a change of the fragment loads nothing."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.endpoint}/#token={urllib.parse.quote(self.token)}")
        self.until(lambda: self.texts(".list tbody a"))
        if route != "#/":
            self.driver.execute_script("location.hash = arguments[0]", route)

    def until(self, condition, seconds: float = 10):
        """Waits for what `condition` gives to be true."""
        return WebDriverWait(self.driver, seconds, poll_frequency=0.02).until(lambda _: condition())

    def find(self, selector: str):
        return self.until(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, selector)), None))

    def button(self, text: str):
        return self.until(
            lambda: next((b for b in self.driver.find_elements(By.CSS_SELECTOR, "button") if b.text == text), None)
        )

    def texts(self, selector: str) -> list[str]:
        """The visible ones, all read at one moment."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".filter(e => e.getClientRects().length).map(e => e.innerText)",
            selector,
        )

    def rows(self, label: str) -> list[list[str]]:
        return self.driver.execute_script(
            "return [...document.querySelectorAll(`[aria-label='${arguments[0]}'] tbody tr`)]"
            ".filter(e => e.getClientRects().length).map(e => [...e.cells].map(c => c.innerText))",
            label,
        )

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    def chord(self, held: str, key: str) -> None:
        ActionChains(self.driver).key_down(held).send_keys(key).key_up(held).perform()

    def run(self, sql: str) -> None:
        """As somebody at the SQL box does; waits for the answer."""
        box = self.find("#sql")
        self.driver.execute_script("document.getElementById('result').replaceChildren()")
        box.clear()
        box.send_keys(sql)
        self.button("Run").click()
        self.until(lambda: self.driver.execute_script("return document.querySelector('#result').childElementCount"))

    def complaints(self) -> list[str]:
        """Of the console, where breaches of the Content-Security-Policy go too. A refused call is no complaint."""
        refused = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("WARNING", "SEVERE") and not refused.search(entry["message"])
        ]

    def hosts(self) -> set[str]:
        """Whom Chromium sent a request for this page."""
        found = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.add(urllib.parse.urlsplit(message["params"]["request"]["url"]).netloc)
        return found
