// SPDX-License-Identifier: Apache-2.0
// A box for SQL, with the result as a table and as a chart.

import { query, rawQuery } from "./api.js";
import { chart } from "./chart.js";
import { announce, element, errorBox } from "./dom.js";
import { count, grouped } from "./format.js";
import { grid } from "./grid.js";
import { errorPosition, withFormat, withoutFormat } from "./sql_text.js";

const historyKey = "tb-cdk-local-queries";
const shownRows = 1000;
const keptQueries = 50;

function queries() {
  try {
    return JSON.parse(sessionStorage.getItem(historyKey) ?? "[]");
  } catch {
    return [];
  }
}

function remember(sql) {
  try {
    const kept = [sql, ...queries().filter((each) => each !== sql)].slice(0, keptQueries);
    sessionStorage.setItem(historyKey, JSON.stringify(kept));
  } catch {
    // A history that is full or forbidden is no reason not to run the query.
  }
}

const addressOf = (sql) => `#/sql?q=${encodeURIComponent(sql)}`;

function failure(cause, sql, box) {
  const error = new Error(withoutFormat(cause.message));
  const place = errorPosition(error.message, sql);
  if (!place) return errorBox(error);
  const go = () => {
    box.focus();
    box.setSelectionRange(place.offset, place.offset + 1);
  };
  const caret = `${place.text.slice(0, place.column - 1).replace(/[^\t]/g, " ")}^`;
  return errorBox(
    error,
    element("pre", { class: "place" }, `${place.text}\n${caret}`),
    element("button", { type: "button", class: "quiet", onclick: go }, `Go to line ${place.line}, column ${place.column}`),
  );
}

function outcome(result, took) {
  const shown = result.rows.length < result.total ? `, the first ${grouped(result.rows.length)} shown` : "";
  const summary = `${count(result.total, "row")}${shown} · ${grouped(Math.round(took))} ms`;
  announce(summary);
  const table = grid("Result", result);
  const picture = element("div", { hidden: true });
  const tab = (name, pressed) => element("button", { type: "button", class: "quiet", "aria-pressed": String(pressed) }, name);
  const [asTable, asChart] = [tab("Table", true), tab("Chart", false)];
  const choose = (wanted) => {
    asTable.setAttribute("aria-pressed", String(wanted === asTable));
    asChart.setAttribute("aria-pressed", String(wanted === asChart));
    table.hidden = wanted !== asTable;
    picture.hidden = wanted !== asChart;
    if (wanted === asChart && picture.childElementCount === 0) picture.append(chart(result));
  };
  for (const each of [asTable, asChart]) each.addEventListener("click", () => choose(each));
  return [element("div", { class: "result-bar" }, element("p", { id: "summary" }, summary), element("div", { role: "group", "aria-label": "View", class: "tabs" }, asTable, asChart)), table, picture];
}

export function sqlView(sql) {
  const box = element("textarea", { id: "sql", rows: "5", spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-label": "SQL", "aria-describedby": "sql-help", placeholder: "SELECT …" });
  const button = element("button", { type: "button", id: "run" }, "Run");
  const cancel = element("button", { type: "button", class: "quiet", hidden: true }, "Cancel");
  const past = element("select", { id: "history", "aria-label": "Queries of this tab" });
  const results = element("div", { id: "result" });
  let running = null;

  const showHistory = () => {
    const line = (text) => text.replace(/\s+/g, " ").slice(0, 80);
    past.replaceChildren(element("option", { value: "" }, "History"), ...queries().map((each) => element("option", { value: each }, line(each))));
    past.hidden = past.options.length < 2;
  };

  const run = async () => {
    const text = box.value;
    if (text.trim() === "") {
      box.focus();
      return;
    }
    running?.abort();
    const mine = (running = new AbortController());
    remember(text);
    showHistory();
    if (location.hash !== addressOf(text)) history.pushState(null, "", addressOf(text));
    cancel.hidden = false;
    results.setAttribute("aria-busy", "true");
    const begin = performance.now();
    try {
      const { text: sent, own } = withFormat(text);
      let nodes;
      if (own) {
        const { text: answer, complete } = await rawQuery(sent, { signal: mine.signal });
        const note = complete ? "" : " · the first 1 MB";
        nodes = [element("p", { id: "summary" }, `${grouped(Math.round(performance.now() - begin))} ms${note}`), element("pre", { class: "raw", tabindex: "0" }, answer)];
      } else {
        nodes = outcome(await query(sent, { limit: shownRows, signal: mine.signal }), performance.now() - begin);
      }
      if (running === mine) results.replaceChildren(...nodes);
    } catch (error) {
      if (running !== mine) return;
      results.replaceChildren(error.name === "AbortError" ? element("p", { class: "muted" }, "Cancelled.") : failure(error, text, box));
    } finally {
      if (running === mine) {
        running = null;
        cancel.hidden = true;
        results.removeAttribute("aria-busy");
      }
    }
  };

  const show = (text) => {
    if (text !== null && text !== box.value) box.value = text;
    // A link from elsewhere fills the box; only what was run in this tab is run again.
    if (text && queries().includes(text)) run();
  };

  button.addEventListener("click", run);
  cancel.addEventListener("click", () => running?.abort());
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  });
  past.addEventListener("change", () => {
    if (past.value === "") return;
    box.value = past.value;
    past.value = "";
    box.focus();
  });
  showHistory();
  show(sql);
  const node = element(
    "div",
    {},
    element("h1", { tabindex: "-1" }, "SQL"),
    box,
    element("div", { class: "buttons" }, button, cancel, element("span", { id: "sql-help", class: "muted" }, element("kbd", {}, "Ctrl"), " or ", element("kbd", {}, "⌘"), " + ", element("kbd", {}, "Enter"), " runs it"), past),
    results,
  );
  return {
    node,
    title: "SQL",
    focus: () => box.focus(),
    show,
    stop: () => running?.abort(),
  };
}
