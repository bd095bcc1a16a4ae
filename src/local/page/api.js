// SPDX-License-Identifier: Apache-2.0
// The page is a client of the API like any other. The token lives as long as the tab.

import { TsvReader } from "./tsv.js";

const key = "tb-cdk-local-token";
// Where a browser lets pages keep nothing, the token lasts until the page is loaded anew.
let unkept = "";

export function token() {
  try {
    return sessionStorage.getItem(key) ?? unkept;
  } catch {
    return unkept;
  }
}

export function setToken(value) {
  unkept = value;
  try {
    if (value) sessionStorage.setItem(key, value);
    else sessionStorage.removeItem(key);
  } catch {
    // Kept in `unkept`.
  }
}

/** What the server refused, in its own words. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** A link with #token=… hands over a token, and loses it at once: it must not stay in the history. */
export function takeTokenFromAddress() {
  const match = /^#token=([^&]*)/.exec(location.hash);
  if (!match) return;
  try {
    setToken(decodeURIComponent(match[1]));
  } catch {
    setToken(match[1]);
  }
  history.replaceState(null, "", "/#/");
}

/** On loopback the server gives its token to whoever asks. */
export async function takeTokenFromServer() {
  try {
    const answer = await fetch("/tokens");
    const { admin_token: found } = answer.ok ? await answer.json() : {};
    if (found) setToken(found);
  } catch {
    // The page asks for one.
  }
}

async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { ...options, headers: { Authorization: `Bearer ${token()}`, ...options.headers } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (!/^[\x20-\x7e]*$/.test(token())) throw new ApiError(403, "the token holds letters that no token has");
    throw new ApiError(0, "The server does not answer. Is tb-cdk-local still running?");
  }
  if (answer.ok) return answer;
  const text = await answer.text();
  let message = text;
  try {
    message = JSON.parse(text).error || text;
  } catch {
    // Not JSON: the text is what there is.
  }
  throw new ApiError(answer.status, message || `HTTP ${answer.status}`);
}

export async function json(path) {
  return (await call(path)).json();
}

export async function text(path) {
  return (await call(path)).text();
}

export const dataSourcePath = (name) => `/v0/datasources/${encodeURIComponent(name)}`;

/** The answer to `sql` piece by piece, as text. */
async function* piecesOf(sql, signal) {
  const answer = await call("/v0/sql", {
    method: "POST",
    body: sql,
    headers: { "Content-Type": "text/plain; charset=utf-8" },
    signal,
  });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}

/**
 * Runs a query that ends with FORMAT TabSeparatedWithNamesAndTypes, for in it each value is text that has lost nothing:
 * no digit of a number, not which cell is NULL, not the second of two columns with one name, not what NaN is.
 * Gives {names, types, rows, total}: the first rows, and how many there are.
 */
export async function query(sql, { limit = 1000, signal } = {}) {
  const reader = new TsvReader(limit);
  for await (const piece of piecesOf(sql, signal)) reader.write(piece);
  return reader.end();
}

/** Runs a query that says its own format. Gives {text, complete}. */
export async function rawQuery(sql, { limit = 1 << 20, signal } = {}) {
  let result = "";
  let complete = true;
  for await (const piece of piecesOf(sql, signal)) {
    complete = complete && result.length + piece.length <= limit;
    if (complete) result += piece;
    else if (result.length < limit) result += piece.slice(0, limit - result.length);
  }
  return { text: result, complete };
}
