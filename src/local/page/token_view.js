// SPDX-License-Identifier: Apache-2.0
// Asks for a token when there is none, or none that the server knows.

import { setToken, token } from "./api.js";
import { element, errorBox } from "./dom.js";

/** @param error what the server said of the last one, if it said something. @param done called with a new token kept */
export function tokenView(error, done) {
  const input = element("input", {
    id: "token",
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
    "aria-describedby": "token-help",
  });
  const form = element(
    "form",
    { class: "panel narrow" },
    element("h1", { tabindex: "-1" }, "Token"),
    error ? errorBox(error) : null,
    element(
      "p",
      { id: "token-help", class: "muted" },
      "The server prints it when it starts, with a link that opens this page with it. It is kept for this tab only.",
    ),
    element("label", { for: "token" }, token() ? "Another token" : "Token of this server"),
    input,
    element("button", { type: "submit" }, "Use this token"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    setToken(input.value.trim());
    done();
  });
  return { node: form, focus: () => input.focus() };
}
