// SPDX-License-Identifier: Apache-2.0
// Elements are made here and filled with text nodes only: nothing that a data source holds is ever read as HTML.

/** element("td", {class: "number", onclick: f}, "text", child, …) */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** Tells those who can't see it what has changed. */
export function announce(text) {
  document.getElementById("announcement").textContent = text;
}

export function errorBox(error, ...more) {
  return element("div", { class: "error", role: "alert" }, element("pre", {}, error.message), ...more);
}

/** A region that scrolls sideways must be reachable by keyboard. */
export function scroller(label, ...children) {
  return element("div", { class: "scroller", role: "region", "aria-label": label, tabindex: "0" }, ...children);
}

/** A button that copies what `text()` gives. */
export function copyButton(label, text) {
  const button = element("button", { type: "button", class: "quiet" }, label);
  button.addEventListener("click", async () => {
    try {
      await copy(await text());
      button.textContent = "Copied";
      announce("Copied");
    } catch (error) {
      button.textContent = "Not copied";
      announce(`Not copied: ${error.message}`);
    }
    setTimeout(() => (button.textContent = label), 2000);
  });
  return button;
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Browsers keep the clipboard from pages that come over plain HTTP from another machine.
  const box = element("textarea", { class: "visually-hidden" });
  box.value = text;
  document.body.append(box);
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  if (!copied) throw new Error("the browser refused it");
  return undefined;
}
