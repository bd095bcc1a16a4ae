// SPDX-License-Identifier: Apache-2.0
// A simple chart of a result: bars or lines.

import { element, svg } from "./dom.js";
import { grouped } from "./format.js";
import { isNumeric, isText, isTime } from "./grid.js";

const size = { width: 880, height: 300, left: 64, right: 12, top: 12, bottom: 44 };
const mostPoints = { bar: 60, line: 1000 };
const mostSeries = 4;

/** Steps of 1, 2 or 5 times a power of ten. */
function ticks(low, high) {
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: Math.min(last - first + 1, 12) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

const short = (value) =>
  Math.abs(value) >= 1e4 ? new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 }).format(value) : grouped(value);

const clipped = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

function picture(kind, xName, x, series) {
  const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom };
  const values = series.flatMap((each) => each.values).filter(Number.isFinite);
  const marks = ticks(Math.min(0, ...values), Math.max(0, ...values));
  const [low, high] = [marks[0], marks.at(-1)];
  const y = (value) => size.top + inner.height * (1 - (value - low) / (high - low || 1));
  const slot = inner.width / Math.max(x.length, 1);
  const middle = (index) => size.left + slot * (index + 0.5);
  const lines = marks.flatMap((mark) => [
    svg("line", { class: mark === 0 ? "axis" : "guide", x1: size.left, x2: size.width - size.right, y1: y(mark), y2: y(mark) }),
    svg("text", { x: size.left - 8, y: y(mark) + 4, "text-anchor": "end" }, short(mark)),
  ]);
  const every = Math.ceil(x.length / 10);
  const labels = x
    .map((text, index) => (index % every === 0 ? svg("text", { x: middle(index), y: size.height - 24, "text-anchor": "middle" }, clipped(text, 12)) : null))
    .filter(Boolean);
  const shapes = series.flatMap(({ name, values: points }, number) => {
    const title = (index) => svg("title", {}, `${x[index]}: ${name} ${points[index]}`);
    if (kind === "bar") {
      const width = Math.max((slot * 0.8) / series.length, 1);
      return points.flatMap((value, index) => {
        if (!Number.isFinite(value)) return [];
        const left = middle(index) - (width * series.length) / 2 + width * number;
        return [svg("rect", { class: `series-${number}`, x: left, width, y: Math.min(y(value), y(0)), height: Math.abs(y(value) - y(0)) }, title(index))];
      });
    }
    // A value that is missing breaks the line.
    let path = "";
    points.forEach((value, index) => {
      if (Number.isFinite(value)) path += `${path === "" || !Number.isFinite(points[index - 1]) ? "M" : "L"}${middle(index).toFixed(1)} ${y(value).toFixed(1)}`;
    });
    const dots = x.length > 60 ? [] : points.flatMap((value, index) => (Number.isFinite(value) ? [svg("circle", { class: `series-${number}`, cx: middle(index), cy: y(value), r: 3 }, title(index))] : []));
    return [svg("path", { class: `line series-${number}`, d: path }), ...dots];
  });
  const summary = `${kind === "bar" ? "Bars" : "Lines"} of ${series.map((each) => each.name).join(", ")} by ${xName}, ${x.length} points`;
  return svg(
    "svg",
    { viewBox: `0 0 ${size.width} ${size.height}`, role: "img", "aria-label": summary },
    ...lines,
    ...labels,
    svg("text", { class: "axis-name", x: size.left + inner.width / 2, y: size.height - 6, "text-anchor": "middle" }, clipped(xName, 60)),
    ...shapes,
  );
}

/** A chart with its choices, or a sentence that says why there is none. */
export function chart({ names, types, rows }) {
  const numeric = names.map((_, index) => index).filter((index) => isNumeric(types[index]));
  const usual = names.findIndex((_, index) => isText(types[index]) || isTime(types[index]));
  const hasX = usual >= 0;
  if (numeric.length === 0 || rows.length === 0) {
    return element("p", { class: "muted" }, "A chart needs rows with a numeric column.");
  }
  const options = (indexes) => indexes.map((index) => element("option", { value: index }, names[index]));
  const kind = element("select", {}, element("option", { value: "bar" }, "bars"), element("option", { value: "line" }, "lines"));
  kind.value = (hasX && isTime(types[usual])) || rows.length > mostPoints.bar ? "line" : "bar";
  const x = element("select", {}, element("option", { value: -1 }, "row number"), ...options(names.map((_, index) => index)));
  x.value = String(usual);
  const y = element("select", {}, numeric.length > 1 ? element("option", { value: "all" }, "all numeric") : null, ...options(numeric));
  const stage = element("div", { class: "stage" });
  const draw = () => {
    const shown = rows.slice(0, mostPoints[kind.value]);
    const xIndex = Number(x.value);
    const wanted = y.value === "all" ? numeric.filter((index) => index !== xIndex).slice(0, mostSeries) : [Number(y.value)];
    const series = wanted.map((index) => ({
      name: names[index],
      values: shown.map((row) => (row[index] === null ? NaN : Number(row[index]))),
    }));
    const xs = shown.map((row, index) => (xIndex < 0 ? String(index + 1) : (row[xIndex] ?? "NULL")));
    const notes = [];
    if (shown.length < rows.length) notes.push(`The first ${shown.length} of ${rows.length} rows.`);
    if (y.value === "all" && numeric.length > mostSeries) notes.push(`The first ${mostSeries} numeric columns.`);
    stage.replaceChildren(
      element("ul", { class: "legend" }, ...series.map(({ name }, number) => element("li", {}, svg("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { class: `series-${number}`, width: 10, height: 10 })), name))),
      picture(kind.value, xIndex < 0 ? "row number" : names[xIndex], xs, series),
      notes.length > 0 ? element("p", { class: "muted" }, notes.join(" ")) : "",
    );
  };
  for (const select of [kind, x, y]) select.addEventListener("change", draw);
  draw();
  return element("div", { class: "chart" }, element("div", { class: "choices" }, element("label", {}, "Chart ", kind), element("label", {}, "x ", x), element("label", {}, "y ", y)), stage);
}
