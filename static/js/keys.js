/* The keyboard. An element with data-key="c" is clicked, or focused if one types in it, when that key is
   pressed; data-key="g c" takes two presses. Lists ([data-list] with [data-row]s) know j, k, o and x. The
   help on "?" is made of what the page declares, so that it never tells of a key that does nothing. */

const PATIENCE = 1000;

let pending = "";
let pendingTimer;
let currentRow = null;

const typing = (target) =>
  target.isContentEditable ||
  target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");

const declared = () => [...document.querySelectorAll("[data-key]")].filter((element) => !element.closest("[inert]"));

function use(element) {
  if (element.matches("input, textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

/* Rows ---------------------------------------------------------------------------------------- */

const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];

function activeRow() {
  const focused = document.activeElement?.closest("[data-row]");
  if (focused) return focused;
  return currentRow?.isConnected ? currentRow : null;
}

function move(step) {
  const all = rows();
  const index = all.indexOf(activeRow());
  const next = all[index < 0 ? (step > 0 ? 0 : all.length - 1) : index + step];
  if (!next) return;
  currentRow = next;
  (next.querySelector("[data-open]") ?? next.querySelector("a, button, input"))?.focus();
  next.scrollIntoView({ block: "nearest" });
}

const rowKeys = {
  j: () => move(1),
  k: () => move(-1),
  o: () => activeRow()?.querySelector("[data-open]")?.click(),
  x: () => activeRow()?.querySelector("[data-select]")?.click(),
};

/* Presses ------------------------------------------------------------------------------------- */

function wait(key) {
  pending = key;
  clearTimeout(pendingTimer);
  pendingTimer = setTimeout(() => {
    pending = "";
  }, PATIENCE);
}

function press(key) {
  const wanted = pending ? `${pending} ${key}` : key;
  pending = "";
  const elements = declared();
  const element = elements.filter((one) => one.dataset.key === wanted).at(-1);
  if (element) {
    use(element);
    return true;
  }
  if (elements.some((one) => one.dataset.key.startsWith(`${key} `))) {
    wait(key);
    return true;
  }
  if (rowKeys[key] && rows().length) {
    rowKeys[key]();
    return true;
  }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!(event.target instanceof Element) || document.querySelector("dialog:modal")) return;
  if (typing(event.target)) {
    if (event.key === "Escape" && event.target.matches("[data-key]")) event.target.blur();
    return;
  }
  if (press(event.key)) event.preventDefault();
});

/* Help ---------------------------------------------------------------------------------------- */

function* lines() {
  const told = new Set();
  for (const element of declared()) {
    const { key, keyLabel } = element.dataset;
    if (keyLabel && !told.has(key)) yield [key, keyLabel];
    told.add(key);
  }
  if (!rows().length) return;
  yield ["j", "Next in the list"];
  yield ["k", "Previous in the list"];
  yield ["o", "Open"];
  if (document.querySelector("[data-list] [data-select]")) yield ["x", "Select"];
}

function fillHelp() {
  const list = document.querySelector("[data-keys]");
  const template = document.getElementById("key");
  list.replaceChildren(
    ...[...lines()].map(([key, label]) => {
      const line = template.content.firstElementChild.cloneNode(true);
      line.firstElementChild.textContent = label;
      for (const part of key.split(" ")) {
        const kbd = document.createElement("kbd");
        kbd.textContent = part;
        line.lastElementChild.append(kbd);
      }
      return line;
    }),
  );
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dialog=keys]")) fillHelp();
});
