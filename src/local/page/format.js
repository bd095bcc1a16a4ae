// SPDX-License-Identifier: Apache-2.0
// How numbers, sizes and times are shown.

import { element } from "./dom.js";

/** Thousands apart, whatever the length: the digits are not made a float. */
export function grouped(number) {
  return String(number).replace(/^-?\d+/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, "\u202f"));
}

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function count(number, one, many = `${one}s`) {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

/** Tinybird writes times in UTC, as in "2026-01-01 00:00:00.000000". */
export function parseTime(text) {
  const date = new Date(`${String(text).replace(" ", "T").slice(0, 23)}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

export function relative(date, now = Date.now()) {
  const seconds = Math.round((date.getTime() - now) / 1000);
  if (Math.abs(seconds) < 5) return "just now";
  const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];
  let value = seconds;
  for (const [unit, size] of steps) {
    if (Math.abs(value) < size) return new Intl.RelativeTimeFormat("en").format(Math.trunc(value), unit);
    value /= size;
  }
  return "";
}

export function absolute(date) {
  const two = (value) => String(value).padStart(2, "0");
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  );
}

/** "2 minutes ago", with the time of day behind it. */
export function time(text) {
  const date = parseTime(text);
  if (!date) return element("span", { class: "muted" }, "–");
  return element(
    "time",
    { datetime: date.toISOString(), title: date.toISOString() },
    relative(date),
    " ",
    element("span", { class: "muted absolute" }, absolute(date)),
  );
}
