# SPDX-License-Identifier: Apache-2.0
"""The list of data sources, one of them, and its quarantine."""

from __future__ import annotations

from helpers.api import Api
from helpers.local_tinybird import local_tinybird
from helpers.page import HOSTILE, Page, chromium, create

GROUPED = "12\u202f346"


def listed(page):
    return {row[0]: row[1:] for row in page.rows("Data sources")}


def test_the_list_tells_rows_size_last_import_and_quarantine(page):
    page.open()
    page.until(lambda: len(listed(page)) == 4)
    rows, size, last, quarantine = listed(page)["orders"]
    assert rows == GROUPED
    assert size.split(" ")[1] in ("kB", "MB")
    assert "now" in last or "ago" in last
    assert quarantine == "⚠ 2 rows"
    assert listed(page)["visits"] == ["0", "0 B", "never", "0"]


def test_typing_filters_the_list(page):
    page.open()
    box = page.find("#filter")
    box.send_keys("ORD")
    page.until(lambda: list(listed(page)) == ["orders"])
    assert page.texts("#list-state") == ["1 of 4 data sources"]
    box.send_keys("x")
    page.until(lambda: page.texts("#list-state") == ["No name holds “ORDx”; there are 4 data sources."])
    assert listed(page) == {}


def test_the_list_follows_what_happens(page, served):
    page.open()
    page.find("#filter").send_keys("late")
    create(served, "late", "id Int32")
    page.until(lambda: "late" in listed(page))
    assert page.driver.switch_to.active_element.get_attribute("id") == "filter"
    assert served.call("DELETE", "/v0/datasources/late")[0] == 204
    page.until(lambda: "late" not in listed(page))


def test_a_data_source_in_detail(page):
    page.open()
    page.find("a[href='#/ds/orders']").click()
    page.until(lambda: len(page.rows("Sample")) == 100)
    assert page.texts("h1") == ["orders"]
    assert page.rows("Schema") == [
        ["id", "UInt64", "$.id", "\u2013"],
        ["day", "Date", "$.day", "\u2013"],
        ["city", "Nullable(String)", "$.city", "\u2013"],
        ["amount", "Float64", "$.amount", "1.5"],
    ]
    [keys] = page.texts(".keys")
    assert "MergeTree" in keys and "day, id" in keys and "toYYYYMM(day)" in keys
    jobs = page.rows("Recent jobs")
    assert [job[1:5] for job in jobs] == [["append", "done", "1", "⚠ 2"], ["append", "done", "12\u202f345", "0"]]
    page.driver.back()
    page.until(lambda: page.texts("h1") == ["Data sources"])
    page.driver.forward()
    page.until(lambda: page.texts("h1") == ["orders"])


def copied_by(page, button):
    page.driver.execute_script(
        "window.copied = null; navigator.clipboard.writeText = async (text) => { window.copied = text; }"
    )
    page.button(button).click()
    return page.until(lambda: page.driver.execute_script("return window.copied"))


def test_what_the_buttons_copy(page, served):
    page.open("#/ds/orders")
    command = copied_by(page, "Copy curl for an append")
    assert f'{served.endpoint}/v0/datasources?name=orders&mode=append&format=ndjson"' in command
    assert f"Bearer {served.token}" in command
    assert copied_by(page, "Copy .datasource") == served.call("GET", "/v0/datasources/orders.datasource")[1]


def test_quarantine_is_shown_with_its_reasons(page):
    page.open()
    page.find("a[href='#/ds/orders/quarantine']").click()
    page.until(lambda: len(page.rows("Quarantine")) == 2)
    rows = {row[0]: row for row in page.rows("Quarantine")}
    assert set(rows) == {"['day']", "['amount']"}
    assert "2026-02-30" in rows["['day']"] and "much" in rows["['amount']"]
    assert all("not" in row[1] for row in rows.values())


def test_a_data_source_without_rows_says_how_to_append(page):
    page.open("#/ds/visits")
    page.until(lambda: any("mode=append" in text for text in page.texts(".command pre")))
    assert "None since the server started." in page.texts("p")


def test_a_data_source_that_is_not_there(page):
    page.open("#/ds/nothing")
    page.until(lambda: page.texts("[role=alert]"))
    assert 'Data Source "nothing" does not exist' in page.texts("[role=alert]")[0]


def test_a_workspace_without_data_sources_says_how_to_begin():
    with local_tinybird() as variables, chromium() as browser:
        page = Page(browser, variables["TB_CDK_ENDPOINT"], variables["TB_CDK_TOKEN"])
        page.driver.get(page.endpoint)
        page.until(lambda: "There is no data source yet" in page.texts("h2"))
        commands = page.texts(".command pre")
        assert "curl" in commands[0] and "tb-cdk" in commands[-1]
        create(Api(variables), "first", "id Int32")
        page.until(lambda: list(listed(page)) == ["first"])


def test_what_is_stored_is_never_html(page):
    page.open("#/ds/hostile")
    page.until(lambda: page.rows("Sample"))
    assert page.rows("Sample") == [["1", HOSTILE]]
    assert HOSTILE in page.texts("main p")
    page.driver.execute_script("location.hash = '#/ds/hostile/quarantine'")
    page.until(lambda: page.rows("Quarantine"))
    assert page.rows("Quarantine")[0].count(HOSTILE) == 2
    page.driver.execute_script("location.hash = '#/sql'")
    page.run(f"SELECT value AS `{HOSTILE}`, 1 AS n FROM hostile")
    page.until(lambda: page.rows("Result") == [[HOSTILE, "1"]])
    assert page.texts(".grid .name")[0] == HOSTILE
    page.button("Chart").click()
    page.find(".stage svg[role=img]")
    page.run(f"SELECT '{HOSTILE}' + x")
    assert HOSTILE in page.texts("[role=alert]")[0]
    page.driver.execute_script("location.hash = '#/ds/' + encodeURIComponent(arguments[0])", HOSTILE)
    page.until(lambda: page.texts("h1") == [HOSTILE])
    # The only pictures are the page's own.
    assert page.driver.execute_script("return [...document.images].map(i => i.getAttribute('src'))") == [
        "/page/icon.svg"
    ]
    assert "taken over" not in page.driver.title.replace(HOSTILE, "")
