// SPDX-License-Identifier: Apache-2.0
// One data source: schema, sample, recent jobs; and its quarantine.

import { dataSourcePath, json, query, text } from "./api.js";
import { copyButton, element, errorBox, scroller } from "./dom.js";
import { bytes, count, grouped, parseTime, time } from "./format.js";
import { grid } from "./grid.js";
import { commandBlock, withToken } from "./list_view.js";
import { identifier, withFormat } from "./sql_text.js";

const sampleRows = 100;
const shownJobs = 20;

const section = (title, ...children) => element("section", {}, element("h2", {}, title), ...children);
const muted = (words) => element("p", { class: "muted" }, words);
const code = (words) => (words ? element("code", {}, words) : element("span", { class: "muted" }, "–"));

function appendCommand(source) {
  const format = source.type === "ndjson" ? "ndjson" : "csv";
  return (
    `curl "${location.origin}/v0/datasources?name=${encodeURIComponent(source.name)}&mode=append&format=${format}" \\\n` +
    `  -H "Authorization: Bearer $TB_CDK_TOKEN" \\\n  -F ${format}=@rows.${format}`
  );
}

function plainTable(label, headers, rows) {
  const cells = (values) => values.map((value, index) => element("td", { class: headers[index][1] }, value));
  return scroller(
    label,
    element(
      "table",
      {},
      element("caption", { class: "visually-hidden" }, label),
      element("thead", {}, element("tr", {}, ...headers.map(([name, kind]) => element("th", { scope: "col", class: kind }, name)))),
      element("tbody", {}, ...rows.map(({ values, flagged }) => element("tr", { class: flagged ? "flagged" : null }, ...cells(values)))),
    ),
  );
}

function facts(source) {
  const path = `#/ds/${encodeURIComponent(source.name)}`;
  const entries = [
    ["Rows", grouped(source.statistics.row_count)],
    ["Size", element("span", { title: `${grouped(source.statistics.bytes)} bytes` }, bytes(source.statistics.bytes))],
    ["Quarantine", source.quarantine_rows > 0 ? element("a", { class: "flag", href: `${path}/quarantine` }, `⚠ ${count(source.quarantine_rows, "row")}`) : "0"],
    ["Changed", time(source.updated_at)],
    ["Made", time(source.created_at)],
  ];
  return element("dl", { class: "facts" }, ...entries.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function schemaSection(source) {
  const { engine, engine_sorting_key: sorting, engine_partition_key: partition } = source.engine;
  const rows = source.columns.map((column) => ({
    values: [
      code(column.name),
      code(column.nullable && !column.type.startsWith("Nullable(") ? `Nullable(${column.type})` : column.type),
      code(column.jsonpath),
      code(column.default_value?.replace(/^DEFAULT /, "")),
    ],
  }));
  return section(
    "Schema",
    element("p", { class: "keys" }, ...[["Engine", engine], ["Sorting key", sorting], ["Partition key", partition]].map(([name, value]) => element("span", {}, element("span", { class: "muted" }, `${name} `), code(value)))),
    plainTable("Schema", [["Column"], ["Type"], ["jsonpath"], ["Default"]], rows),
  );
}

/** What jobs tell of their rows, in the shapes that imports and deletes have. */
function jobRow(job) {
  const returned = (job.blocks ?? []).flatMap((block) => block.process_return ?? []);
  const sum = (key) => returned.reduce((total, each) => total + (each[key] ?? 0), 0);
  const quarantined = (job.quarantine_rows ?? sum("quarantine")) + (job.invalid_lines ?? sum("invalid_lines"));
  const failed = job.status === "error";
  const reasons = [job.error, ...(job.errors ?? [])].filter((each) => typeof each === "string" && each !== "");
  const [started, ended] = [parseTime(job.started_at), parseTime(job.updated_at)];
  const rows = returned.length > 0 ? grouped(sum("lines")) : job.rows_affected !== undefined ? grouped(job.rows_affected) : "–";
  return {
    flagged: failed || quarantined > 0,
    values: [
      time(job.created_at),
      job.mode ?? String(job.kind ?? "").replaceAll("_", " "),
      element("span", { class: failed ? "flag" : "" }, job.status),
      rows,
      quarantined > 0 ? element("span", { class: "flag" }, `⚠ ${grouped(quarantined)}`) : "0",
      started && ended && ended >= started ? `${grouped(ended - started)} ms` : "–",
      reasons.length > 0 ? element("span", { class: "reason" }, [...new Set(reasons)].join("\n")) : "",
    ],
  };
}

async function jobsSection(source) {
  const { jobs } = await json("/v0/jobs");
  const own = jobs.filter((job) => job.datasource?.id === source.id || job.datasource?.name === source.name);
  if (own.length === 0) return section("Recent jobs", muted("None since the server started."));
  const headers = [["When"], ["What"], ["Status"], ["Rows", "number"], ["Rejected", "number"], ["Took", "number"], ["Error"]];
  return section("Recent jobs", plainTable("Recent jobs", headers, own.slice(0, shownJobs).map(jobRow)));
}

async function sampleSection(source) {
  const sql = `SELECT * FROM ${identifier(source.name)} LIMIT ${sampleRows}`;
  const more = element("a", { href: `#/sql?q=${encodeURIComponent(sql)}` }, "Query it");
  const result = await query(withFormat(sql).text, { limit: sampleRows });
  if (result.rows.length === 0) {
    return section("Sample", muted("No rows yet. Append some:"), commandBlock(appendCommand(source)));
  }
  const label = result.rows.length < sampleRows ? count(result.rows.length, "row") : `The first ${sampleRows} rows the server finds`;
  return section("Sample", element("p", { class: "muted" }, `${label}. `, more), grid("Sample", result));
}

/** A part that can't be read must not hide the others. */
async function part(title, make) {
  try {
    return await make();
  } catch (error) {
    return section(title, errorBox(error));
  }
}

export function dataSourceView(name, onRefused) {
  const node = element("div", {}, element("p", { class: "crumb" }, element("a", { href: "#/" }, "Data sources"), " /"), element("h1", { tabindex: "-1" }, name));
  const content = element("div", {}, muted("Reading …"));
  node.append(content);
  const load = async () => {
    try {
      const source = await json(dataSourcePath(name));
      const parts = await Promise.all([part("Sample", () => sampleSection(source)), part("Recent jobs", () => jobsSection(source))]);
      content.replaceChildren(
        source.description ? element("p", {}, source.description) : "",
        facts(source),
        element(
          "div",
          { class: "buttons" },
          element("button", { type: "button", class: "quiet", onclick: load }, "Refresh"),
          copyButton("Copy curl for an append", () => withToken(appendCommand(source))),
          copyButton("Copy .datasource", () => text(`${dataSourcePath(name)}.datasource`)),
        ),
        schemaSection(source),
        ...parts,
      );
    } catch (error) {
      if (error.status === 401) onRefused(error);
      else content.replaceChildren(errorBox(error, element("p", {}, element("a", { href: "#/" }, "All data sources"))));
    }
  };
  load();
  return { node, title: name, stop() {} };
}

export function quarantineView(name, onRefused) {
  const path = `#/ds/${encodeURIComponent(name)}`;
  const crumb = element("p", { class: "crumb" }, element("a", { href: "#/" }, "Data sources"), " / ", element("a", { href: path }, name), " /");
  const content = element("div", {}, muted("Reading …"));
  const node = element("div", {}, crumb, element("h1", { tabindex: "-1" }, "Quarantine"), content);
  const load = async () => {
    const sql =
      "SELECT c__error_column, c__error, insertion_date, * EXCEPT (c__error_column, c__error, insertion_date)\n" +
      `FROM ${identifier(`${name}_quarantine`)}\nORDER BY insertion_date DESC LIMIT ${sampleRows}`;
    try {
      const [source, result] = await Promise.all([json(dataSourcePath(name)), query(withFormat(sql).text, { limit: sampleRows })]);
      if (result.rows.length === 0) {
        content.replaceChildren(muted("No row was rejected."));
        return;
      }
      const shown = result.rows.length < source.quarantine_rows ? `The last ${grouped(result.rows.length)} of ${count(source.quarantine_rows, "row")}` : count(result.rows.length, "row");
      content.replaceChildren(
        element(
          "p",
          {},
          `${shown} did not fit the schema and stayed out of ${name}: which columns, why, and the values as they came. `,
          element("a", { href: `#/sql?q=${encodeURIComponent(sql)}` }, "Query it"),
        ),
        grid("Quarantine", result, { flagged: [0, 1] }),
      );
    } catch (error) {
      if (error.status === 401) onRefused(error);
      else content.replaceChildren(errorBox(error));
    }
  };
  load();
  return { node, title: `${name}: quarantine`, stop() {} };
}
