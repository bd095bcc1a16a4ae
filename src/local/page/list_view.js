// SPDX-License-Identifier: Apache-2.0
// All data sources: rows, size, last import, quarantine.

import { json, token } from "./api.js";
import { copyButton, element, errorBox, scroller } from "./dom.js";
import { bytes, count, grouped, time } from "./format.js";

const refreshMilliseconds = 3000;

/** The newest import that is known of each data source. Only the last jobs are, so older ones go by the data source. */
export function lastImports(jobs) {
  const found = new Map();
  for (const job of jobs) {
    const name = job.datasource?.name;
    if (job.kind === "import" && job.status === "done" && name && !found.has(name)) found.set(name, job.updated_at ?? job.created_at);
  }
  return found;
}

function beginning() {
  const create =
    `curl ${location.origin}/v0/datasources \\\n  -H "Authorization: Bearer $TB_CDK_TOKEN" \\\n  -d name=events \\\n` +
    "  --data-urlencode 'schema=time DateTime `json:$.time`, user String `json:$.user`, amount Int64 `json:$.amount`'";
  const load =
    `curl "${location.origin}/v0/events?name=events&wait=true" \\\n  -H "Authorization: Bearer $TB_CDK_TOKEN" \\\n` +
    `  -d '{"time":"2026-01-01 12:00:00","user":"ann","amount":3}'`;
  const kit =
    `export TB_CDK_ENDPOINT=${location.origin} TB_CDK_TOKEN=… TB_CDK_TAG=local\n` +
    "tb-cdk replace -c postgresql --parent schema=public --parent table=orders --data-source orders --create";
  return element(
    "section",
    { class: "panel start" },
    element("h2", {}, "There is no data source yet"),
    element("p", {}, "Make one, and put a row into it. The copied commands hold your token."),
    ...[create, load].map((command) => commandBlock(command)),
    element("p", {}, "Or load a table of a database with the kit:"),
    commandBlock(kit),
  );
}

export function withToken(command) {
  return command.replaceAll("$TB_CDK_TOKEN", () => token()).replaceAll("TB_CDK_TOKEN=…", () => `TB_CDK_TOKEN=${token()}`);
}

/** A command that is shown with the token's variable and copied with the token. */
export function commandBlock(command) {
  return element(
    "div",
    { class: "command" },
    element("pre", { tabindex: "0" }, command),
    copyButton("Copy", () => withToken(command)),
  );
}

function row(source) {
  const cells = {
    rows: element("td", { class: "number", "data-label": "Rows" }),
    size: element("td", { class: "number", "data-label": "Size" }),
    last: element("td", { "data-label": "Last import" }),
    quarantine: element("td", { class: "number", "data-label": "Quarantine" }),
  };
  const path = `#/ds/${encodeURIComponent(source.name)}`;
  const node = element("tr", {}, element("th", { scope: "row" }, element("a", { href: path }, source.name)), ...Object.values(cells));
  let quarantined = null;
  const update = (now, last) => {
    cells.rows.textContent = grouped(now.statistics.row_count);
    cells.size.textContent = bytes(now.statistics.bytes);
    const changed = now.updated_at !== now.created_at ? now.updated_at : null;
    cells.last.replaceChildren(last || changed ? time(last ?? changed) : element("span", { class: "muted" }, "never"));
    // Made anew only when it changes: it may have the focus.
    if (quarantined !== now.quarantine_rows) {
      quarantined = now.quarantine_rows;
      cells.quarantine.replaceChildren(
        quarantined > 0
          ? element("a", { class: "flag", href: `${path}/quarantine` }, `⚠ ${count(quarantined, "row")}`)
          : element("span", { class: "muted" }, "0"),
      );
    }
  };
  return { node, update };
}

export function listView(onRefused) {
  const rows = new Map();
  const body = element("tbody");
  const state = element("p", { class: "muted", id: "list-state" }, "Reading …");
  const filter = element("input", { id: "filter", type: "search", placeholder: "Filter by name", "aria-label": "Filter by name", autocomplete: "off", spellcheck: "false" });
  const table = scroller(
    "Data sources",
    element(
      "table",
      { class: "list" },
      element("caption", { class: "visually-hidden" }, "Data sources"),
      element("thead", {}, element("tr", {}, ...[["Name"], ["Rows", "number"], ["Size", "number"], ["Last import"], ["Quarantine", "number"]].map(([text, kind]) => element("th", { scope: "col", class: kind }, text)))),
      body,
    ),
  );
  const content = element("div");
  const trouble = element("div");
  const node = element("div", {}, element("div", { class: "title" }, element("h1", { tabindex: "-1" }, "Data sources"), filter), trouble, state, content);
  let shown = null;

  const applyFilter = () => {
    const wanted = filter.value.trim().toLowerCase();
    let visible = 0;
    for (const [name, each] of rows) {
      each.node.hidden = !name.toLowerCase().includes(wanted);
      visible += each.node.hidden ? 0 : 1;
    }
    const all = count(rows.size, "data source");
    state.textContent = wanted === "" ? all : visible === 0 ? `No name holds “${filter.value.trim()}”; there are ${all}.` : `${grouped(visible)} of ${all}`;
    state.hidden = rows.size === 0;
    table.hidden = visible === 0;
  };
  filter.addEventListener("input", applyFilter);

  const refresh = async () => {
    const [{ datasources }, { jobs }] = await Promise.all([json("/v0/datasources"), json("/v0/jobs").catch(() => ({ jobs: [] }))]);
    const imports = lastImports(jobs);
    const names = new Set(datasources.map((each) => each.name));
    for (const [name, each] of rows) {
      if (!names.has(name)) {
        each.node.remove();
        rows.delete(name);
      }
    }
    datasources
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .forEach((source, index) => {
        if (!rows.has(source.name)) {
          rows.set(source.name, row(source));
          body.insertBefore(rows.get(source.name).node, body.children[index] ?? null);
        }
        rows.get(source.name).update(source, imports.get(source.name));
      });
    const kind = datasources.length === 0 ? "beginning" : "table";
    if (shown !== kind) {
      shown = kind;
      filter.hidden = kind === "beginning";
      content.replaceChildren(kind === "table" ? table : beginning());
    }
    applyFilter();
    trouble.replaceChildren();
  };

  let timer = null;
  let stopped = false;
  const tick = async () => {
    clearTimeout(timer);
    try {
      if (document.visibilityState === "visible") await refresh();
    } catch (error) {
      if (stopped) return;
      if (error.status === 401 || error.status === 403) {
        onRefused(error);
        return;
      }
      trouble.replaceChildren(errorBox(error));
    }
    if (!stopped) timer = setTimeout(tick, refreshMilliseconds);
  };
  const seen = () => document.visibilityState === "visible" && tick();
  document.addEventListener("visibilitychange", seen);
  tick();
  return {
    node,
    title: "Data sources",
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
