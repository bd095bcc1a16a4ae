// SPDX-License-Identifier: Apache-2.0
// A table of result rows: typed, sorted by its headers.

import { announce, element, scroller } from "./dom.js";

const base = (type) => type.replace(/^(?:(?:LowCardinality|Nullable)\()+|\)+$/g, "");
export const isNumeric = (type) => /^(U?Int|B?Float|Decimal)/.test(base(type));
export const isTime = (type) => /^(Date|Time)/.test(base(type));
export const isText = (type) => /^(String|FixedString|Enum|UUID|IPv|Bool)/.test(base(type));

const longest = 500;

function cell(value, numeric) {
  if (value === null) return element("td", { class: numeric ? "number" : null }, element("span", { class: "null" }, "NULL"));
  if (value === "") return element("td", {}, element("span", { class: "empty", title: "a text of no length" }, "''"));
  if (value.length <= longest) return element("td", { class: numeric ? "number" : null }, value);
  const more = element("button", { type: "button", class: "quiet" }, `… all ${value.length} characters`);
  const td = element("td", {}, value.slice(0, longest), more);
  more.addEventListener("click", () => td.replaceChildren(value));
  return td;
}

/** Whole numbers compare as such at any length; NULL is last in both directions. */
function comparison(column, numeric, sign) {
  const whole = /^-?\d+$/;
  const cells = new Map();
  const keyOf = (row) => {
    if (!cells.has(row)) {
      const value = row[column];
      cells.set(row, value === null || !numeric ? value : whole.test(value) ? BigInt(value) : Number(value));
    }
    return cells.get(row);
  };
  return (left, right) => {
    const a = keyOf(left);
    const b = keyOf(right);
    if (a === null || b === null) return (a === null) - (b === null);
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return a < b ? -sign : a > b ? sign : 0;
  };
}

/** @param result {names, types, rows} */
export function grid(label, { names, types, rows }, { flagged = [] } = {}) {
  const body = element("tbody");
  const show = (sorted) =>
    body.replaceChildren(
      ...sorted.map((row) => {
        const line = row.map((value, index) => cell(value, isNumeric(types[index])));
        for (const index of flagged) line[index]?.classList.add("flagged");
        return element("tr", {}, ...line);
      }),
    );
  let direction = "none";
  const headers = names.map((name, index) => {
    const button = element(
      "button",
      { type: "button", class: "sort" },
      element("span", { class: "name" }, name || "(no name)"),
      element("span", { class: "type" }, types[index]),
    );
    const header = element("th", { scope: "col", class: isNumeric(types[index]) ? "number" : null, "aria-sort": "none" }, button);
    button.addEventListener("click", () => {
      const current = header.getAttribute("aria-sort");
      direction = current === "ascending" ? "descending" : current === "descending" ? "none" : "ascending";
      for (const other of headers) other.setAttribute("aria-sort", "none");
      header.setAttribute("aria-sort", direction);
      const sign = direction === "descending" ? -1 : 1;
      show(direction === "none" ? rows : rows.toSorted(comparison(index, isNumeric(types[index]), sign)));
      announce(direction === "none" ? "As it came" : `Sorted by ${name}, ${direction}`);
    });
    return header;
  });
  show(rows);
  return scroller(label, element("table", { class: "grid" }, element("caption", { class: "visually-hidden" }, label), element("thead", {}, element("tr", {}, ...headers)), body));
}
