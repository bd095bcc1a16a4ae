# SPDX-License-Identifier: Apache-2.0
"""Tokens; both themes; narrow screens; the keyboard."""

from __future__ import annotations

import urllib.parse

import pytest
from selenium.webdriver.common.keys import Keys

ROUTES = ["#/", "#/ds/orders", "#/ds/orders/quarantine", "#/sql"]

CONTRASTS = """
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
};
const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
const luminance = (c) => c.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const backgroundOf = (e) => {
  const layers = [];
  for (let each = e; each; each = each.parentElement) layers.push(rgba(getComputedStyle(each).backgroundColor));
  return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
};
const seen = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || !e.getClientRects().length || e.closest("select")) continue;
  const style = getComputedStyle(e);
  const colour = e.closest("svg") ? style.fill : style.color;
  const [a, b] = [luminance(over(rgba(colour), backgroundOf(e))), luminance(backgroundOf(e))].sort((x, y) => y - x);
  seen.push([(a + 0.05) / (b + 0.05), e.tagName + "." + e.className + ": " + e.textContent.slice(0, 40)]);
}
return seen;
"""


def settle(page, route):
    page.open(route)
    if route == "#/sql":
        page.run("SELECT city, count() AS n FROM orders GROUP BY city ORDER BY city NULLS FIRST")
        page.button("Chart").click()
        page.find(".stage svg[role=img]")
    elif route != "#/":
        page.until(lambda: page.rows("Sample") or page.rows("Quarantine"))


def test_a_token_of_the_address_is_kept_and_hidden(page):
    page.driver.get(f"{page.endpoint}/#token={urllib.parse.quote(page.token)}")
    page.until(lambda: page.texts(".list tbody a"))
    assert page.driver.current_url == page.endpoint + "/#/"
    assert page.driver.execute_script("return Object.values({...sessionStorage})") == [page.token]


def test_a_wrong_token_is_told_and_another_may_be_given(page):
    page.driver.get(f"{page.endpoint}/#token=wrong")
    page.until(lambda: page.texts("[role=alert]"))
    assert "invalid authentication token" in page.texts("[role=alert]")[0]
    page.press("still wrong", Keys.ENTER)
    page.until(lambda: page.driver.execute_script("return Object.values({...sessionStorage})") == ["still wrong"])
    page.until(lambda: page.texts("[role=alert]"))
    page.find("#token").send_keys(page.token, Keys.ENTER)
    page.until(lambda: page.texts(".list tbody a"))


def test_without_a_token_the_server_s_own_is_used_on_loopback(page):
    page.driver.get(page.endpoint + "/#/ds/orders")
    page.until(lambda: page.rows("Sample"))
    page.button("Token").click()
    page.until(lambda: page.driver.switch_to.active_element.get_attribute("id") == "token")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("route", ROUTES)
def test_text_can_be_read_in_both_themes(page, theme, route):
    page.theme(theme)
    settle(page, route)
    background = page.driver.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
    channels = [int(each) for each in background.strip("rgb()").split(",")]
    assert all(each > 200 for each in channels) if theme == "light" else all(each < 60 for each in channels)
    contrasts = page.driver.execute_script(CONTRASTS)
    assert len(contrasts) > 10
    assert [each for each in contrasts if each[0] < 4.5] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["#token=wrong", "#/ds/nothing"])
def test_errors_can_be_read_in_both_themes(page, theme, address):
    page.theme(theme)
    page.driver.get(f"{page.endpoint}/{address}")
    page.until(lambda: page.texts("[role=alert]"))
    contrasts = page.driver.execute_script(CONTRASTS)
    assert [each for each in contrasts if each[0] < 4.5] == []


@pytest.mark.parametrize("width", [320, 390, 768])
@pytest.mark.parametrize("route", ROUTES)
def test_narrow_screens_do_not_scroll_sideways(page, width, route):
    page.size(width, 700)
    settle(page, route)
    needed, given, window = page.driver.execute_script(
        "const root = document.documentElement; return [root.scrollWidth, root.clientWidth, innerWidth]"
    )
    assert needed <= given <= window == width


@pytest.mark.parametrize("route", ROUTES)
def test_everything_is_reached_by_keyboard_and_seen(page, route):
    settle(page, route)
    # There and back by keyboard: what a script focuses may show no focus.
    page.driver.execute_script("document.getElementById('skip').focus()")
    page.press(Keys.TAB)
    page.chord(Keys.SHIFT, Keys.TAB)
    wanted = page.driver.execute_script(
        "return [...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex=\"0\"]')]"
        ".filter(e => e.getClientRects().length).length"
    )
    reached = []
    for _ in range(wanted + 5):
        node, visible = page.driver.execute_script(
            "const e = document.activeElement, s = getComputedStyle(e);"
            "return [e, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]"
        )
        if node in reached or node.tag_name == "body":
            break
        assert visible, node.get_attribute("outerHTML")[:200]
        reached.append(node)
        page.press(Keys.TAB)
    assert len(reached) == wanted
