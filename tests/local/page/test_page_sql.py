# SPDX-License-Identifier: Apache-2.0
"""The SQL box: values as they are, errors, the chart, history."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select


def test_a_query_is_run_by_keyboard(page):
    page.open("#/sql")
    page.until(lambda: page.driver.switch_to.active_element.get_attribute("id") == "sql")
    page.press("SELECT count() AS n FROM orders")
    page.chord(Keys.CONTROL, Keys.ENTER)
    page.until(lambda: page.rows("Result") == [["12346"]])
    assert page.texts("#summary")[0].startswith("1 row · ")
    assert page.driver.current_url.endswith("#/sql?q=SELECT%20count()%20AS%20n%20FROM%20orders")


def test_numbers_keep_every_digit_and_null_is_not_empty(page):
    page.open("#/sql")
    page.run("SELECT i, u, t FROM exact ORDER BY u")
    page.until(lambda: page.rows("Result"))
    assert page.rows("Result") == [
        ["-9223372036854775808", "0", "''"],
        ["7", "9", "\\N"],
        ["9007199254740993", "18446744073709551615", "NULL"],
    ]
    assert len(page.texts("td .null")) == 1


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("toInt256('-57896044618658097711785492504343953926634992332820282019728792003956564819968')", None),
        ("toDecimal128('123456789012345678901.123456789', 9)", "123456789012345678901.123456789"),
        ("nan", "nan"),
        ("-inf", "-inf"),
        ("'a\\tb\\nc\\\\d'", "a\tb\nc\\d"),
        ("[1, NULL]", "[1,NULL]"),
        ("'NULL'", "NULL"),
        ("'ᴺᵁᴸᴸ ☃'", "ᴺᵁᴸᴸ ☃"),
    ],
)
def test_a_value_is_shown_as_it_is(page, expression, shown):
    page.open("#/sql")
    page.run(f"SELECT {expression} AS v -- a comment at the end")
    cells = page.driver.execute_script("return [...document.querySelectorAll('td')].map(c => c.textContent)")
    assert cells == [shown or expression.split("'")[1]]
    assert page.driver.find_elements(By.CSS_SELECTOR, "td .null") == []


def test_columns_of_one_name_are_all_shown(page):
    page.open("#/sql")
    page.run("SELECT a, a FROM (SELECT 1 AS a);")
    assert page.rows("Result") == [["1", "1"]]


def test_headers_sort_exactly(page):
    page.open("#/sql")
    page.run("SELECT * FROM values('v Nullable(Int64)', 9007199254740993, 9007199254740992, NULL, 10, 9)")
    header = page.find("th .sort")
    header.click()
    page.until(lambda: page.find("th").get_attribute("aria-sort") == "ascending")
    ascending = ["9", "10", "9007199254740992", "9007199254740993", "NULL"]
    assert [row[0] for row in page.rows("Result")] == ascending
    header.click()
    page.until(lambda: page.find("th").get_attribute("aria-sort") == "descending")
    assert [row[0] for row in page.rows("Result")] == [*reversed(ascending[:-1]), "NULL"]


def test_a_large_result_is_counted_and_its_begin_shown(page):
    page.open("#/sql")
    page.run("SELECT number FROM numbers(200000)")
    assert page.texts("#summary")[0].startswith("200\u202f000 rows, the first 1\u202f000 shown · ")
    assert len(page.rows("Result")) == 1000


def test_no_rows(page):
    page.open("#/sql")
    page.run("SELECT id, city FROM orders WHERE 0")
    assert page.texts("#summary")[0].startswith("0 rows · ")
    assert page.texts(".grid .name") == ["id", "city"]


def test_a_format_of_ones_own_is_shown_as_it_comes(page):
    page.open("#/sql")
    page.run("SELECT 1 AS a, NULL AS b FORMAT CSVWithNames;")
    assert page.texts("pre.raw") == ['"a","b"\n1,\\N\n']


def test_an_error_is_shown_with_its_place(page):
    page.open("#/sql")
    page.run("SELECT 1,\n  'ü' +* 2")
    [error] = page.texts("[role=alert]")
    assert "Syntax error" in error and "TabSeparated" not in error
    # ClickHouse counts bytes, and the place is shown in letters.
    assert page.texts(".place") == ["  'ü' +* 2\n         ^"]
    page.button("Go to line 2, column 10").click()
    assert page.driver.execute_script("return [document.activeElement.id, document.activeElement.selectionStart]") == [
        "sql",
        19,
    ]
    page.run("DROP TABLE orders")
    assert page.texts("[role=alert]") == ["only SELECT is allowed"]


def test_a_chart_is_drawn_with_a_choice(page):
    page.open("#/sql")
    page.run("SELECT city, count() AS orders, sum(amount) AS amount FROM orders GROUP BY city ORDER BY city")
    page.button("Chart").click()
    page.until(lambda: len(page.driver.find_elements(By.CSS_SELECTOR, ".stage svg rect[height] title")) == 10)
    assert page.texts(".legend li") == ["orders", "amount"]
    label = "Bars of orders, amount by city, 5 points"
    assert page.find(".stage svg[role=img]").get_attribute("aria-label") == label
    kind, _, y = (Select(each) for each in page.driver.find_elements(By.CSS_SELECTOR, ".choices select"))
    kind.select_by_visible_text("lines")
    y.select_by_visible_text("orders")
    page.until(lambda: len(page.driver.find_elements(By.CSS_SELECTOR, ".stage path.line")) == 1)
    page.run("SELECT 'text' AS only")
    page.button("Chart").click()
    page.until(lambda: "A chart needs rows with a numeric column." in page.texts("p"))


def test_back_forward_and_history(page):
    page.open("#/sql")
    for number in (1, 2):
        page.run(f"SELECT {number} AS n")
        page.until(lambda number=number: page.rows("Result") == [[str(number)]])
    page.driver.back()
    page.until(lambda: page.rows("Result") == [["1"]])
    assert page.find("#sql").get_attribute("value") == "SELECT 1 AS n"
    page.driver.forward()
    page.until(lambda: page.rows("Result") == [["2"]])
    Select(page.find("#history")).select_by_visible_text("SELECT 1 AS n")
    assert page.find("#sql").get_attribute("value") == "SELECT 1 AS n"


def test_a_link_fills_the_box_and_does_not_run_it(page):
    page.open("#/sql?q=SELECT%2042%20AS%20n")
    page.until(lambda: page.find("#sql").get_attribute("value") == "SELECT 42 AS n")
    assert page.rows("Result") == []
