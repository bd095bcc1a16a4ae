// SPDX-License-Identifier: Apache-2.0
// What the page has to know of a query's text.

const token =
  /--[^\n]*|#[! ][^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^'\\]|\\[\s\S]|'')*'?|"(?:[^"\\]|\\[\s\S]|"")*"?|`(?:[^`\\]|\\[\s\S]|``)*`?|[A-Za-z_]\w*|\s+|[\s\S]/g;

export function identifier(name) {
  return `\`${name.replace(/[\\`]/g, "\\$&")}\``;
}

const readable = "FORMAT TabSeparatedWithNamesAndTypes";

/** An error's text without what the page put behind the query. */
export function withoutFormat(message) {
  return message.replace(new RegExp(`\\s*${readable}`, "g"), "");
}

/** {text, own}: what to send, and whether it says a format of its own. Positions in it stay those of `sql`. */
export function withFormat(sql) {
  const tokens = [...sql.matchAll(token)].filter(([text]) => !/^(\s|--|#[! ]|\/\*)/.test(text));
  let end = sql.length;
  while (tokens.length > 0 && tokens.at(-1)[0] === ";") end = tokens.pop().index;
  const last = tokens.length - 2;
  const word = (index) => tokens[index]?.[0].toLowerCase();
  const ends = word(last) === "format" && /^[a-z]\w*$/.test(word(last + 1));
  // FORMAT x SETTINGS … is the other way to end a query.
  const before = tokens.findLastIndex((_, index) => word(index) === "format" && word(index + 2) === "settings");
  if (ends || before >= 0) return { text: sql.slice(0, end), own: true };
  // On a line of its own, for the last one may end in a comment.
  return { text: `${sql.slice(0, end)}\n${readable}`, own: false };
}

/** Where an error of ClickHouse is, as {line, column, offset} of `sql`, or null. It counts bytes, from 1. */
export function errorPosition(message, sql) {
  const match = /\(line (\d+), col (\d+)\)/.exec(message);
  const place = match ? [Number(match[1]), Number(match[2])] : positionOnly(message, sql);
  if (!place) return null;
  const lines = sql.split("\n");
  const [line, column] = place;
  if (line > lines.length) return null;
  const characters = charactersIn(lines[line - 1], column - 1);
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  return { line, column: characters + 1, offset: before + characters, text: lines[line - 1] };
}

/** "failed at position 8", for queries of one line. */
function positionOnly(message, sql) {
  const match = /at position (\d+)/.exec(message);
  return match && !sql.includes("\n") ? [1, Number(match[1])] : null;
}

function charactersIn(text, byteCount) {
  return new TextDecoder().decode(new TextEncoder().encode(text).slice(0, byteCount)).length;
}
