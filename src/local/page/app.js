// SPDX-License-Identifier: Apache-2.0
// Which view is shown: #/, #/ds/NAME, #/ds/NAME/quarantine, #/sql?q=…

import { takeTokenFromAddress, takeTokenFromServer, token } from "./api.js";
import { dataSourceView, quarantineView } from "./data_source_view.js";
import { element } from "./dom.js";
import { listView } from "./list_view.js";
import { sqlView } from "./sql_view.js";
import { tokenView } from "./token_view.js";

const main = document.getElementById("main");
let current = null;
let first = true;

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function askForToken(error) {
  current?.stop();
  current = null;
  const view = tokenView(error, () => route());
  document.title = "Token · Tinybird local";
  main.replaceChildren(view.node);
  view.focus();
}

function viewOf(hash) {
  const [path, parameters] = hash.replace(/^#/, "").split(/\?(.*)/s);
  if (path === "/sql") return ["sql", (sql) => sqlView(sql), new URLSearchParams(parameters).get("q")];
  const quarantine = /^\/ds\/([^/]+)\/quarantine$/.exec(path);
  if (quarantine) return ["ds", () => quarantineView(decoded(quarantine[1]), askForToken)];
  const source = /^\/ds\/([^/]+)$/.exec(path);
  if (source) return ["ds", () => dataSourceView(decoded(source[1]), askForToken)];
  return ["list", () => listView(askForToken)];
}

function route() {
  takeTokenFromAddress();
  if (!token()) {
    askForToken(null);
    return;
  }
  const [kind, make, sql] = viewOf(location.hash);
  for (const link of document.querySelectorAll("nav a")) {
    const here = link.dataset.route === kind || (kind === "ds" && link.dataset.route === "list");
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (kind === "sql" && current?.kind === "sql") {
    current.show(sql ?? null);
    return;
  }
  current?.stop();
  const view = make(sql ?? null);
  current = { ...view, kind };
  document.title = `${view.title} · Tinybird local`;
  main.replaceChildren(view.node);
  scrollTo(0, 0);
  // Whoever reads by ear or keyboard is taken to the new view; at the first one the browser's own start is right.
  if (view.focus) view.focus();
  else if (!first) view.node.querySelector("h1").focus();
  first = false;
}

document.getElementById("token-button").addEventListener("click", () => askForToken(null));
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", route);
takeTokenFromAddress();
if (!token()) await takeTokenFromServer();
main.replaceChildren(element("p", { class: "muted" }, "Reading …"));
route();
