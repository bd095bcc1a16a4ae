// SPDX-License-Identifier: Apache-2.0
// Reads TabSeparatedWithNamesAndTypes (https://clickhouse.com/docs/interfaces/formats/TabSeparated).

const escapes = { b: "\b", f: "\f", r: "\r", n: "\n", t: "\t", 0: "\0", a: "\x07", v: "\v" };

/** A field as text; NULL is null, and the two letters \N of a text come with their backslash doubled. */
export function unescaped(field) {
  if (field === "\\N") return null;
  return field.includes("\\") ? field.replace(/\\(.)/gs, (_, letter) => escapes[letter] ?? letter) : field;
}

/** Keeps the first rows of an answer and counts the others, so that memory does not grow with the answer. */
export class TsvReader {
  #limit;
  #lines = [];
  #rest = "";
  #total = -2;
  #kept = 0;
  // Rows may be long too.
  #largest = 32 << 20;

  constructor(limit) {
    this.#limit = limit;
  }

  write(piece) {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop();
    for (const line of lines) this.#take(line);
  }

  #take(line) {
    this.#total += 1;
    if (this.#total <= 0 || (this.#total <= this.#limit && this.#kept + line.length <= this.#largest)) {
      this.#lines.push(line);
      this.#kept += line.length;
    } else {
      this.#limit = 0;
    }
  }

  end() {
    if (this.#rest !== "") this.#take(this.#rest);
    if (this.#lines.length < 2) return { names: [], types: [], rows: [], total: 0 };
    const [names, types, ...rows] = this.#lines.map((line) => line.split("\t").map(unescaped));
    return { names, types, rows, total: this.#total };
  }
}
