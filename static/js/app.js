/* Behaviour that every page shares, on top of pages that work without it. Elements ask for it by data
   attributes (docs/ui.md), and everything listens on the document, so that what htmx swaps in needs no set-up. */

const TOAST_SECONDS = 8;

const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const element = event.target instanceof Element && event.target.closest(selector);
    if (element) act(element, event);
  });

/* Parts that make no sense without script come hidden. */
function reveal(root) {
  for (const element of root.querySelectorAll(
    "[data-copy], [data-reveal], [data-toast-close], [data-bulk-clear], [data-select-all], button[data-dialog]",
  )) {
    element.hidden = false;
  }
}

/* Toasts -------------------------------------------------------------------------------------- */

function dismiss(toast) {
  toast.classList.add("going");
  setTimeout(() => toast.remove(), 250);
}

function watchToast(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "yes";
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => dismiss(toast), TOAST_SECONDS * 1000);
  };
  const hold = () => clearTimeout(timer);
  const release = () => {
    if (!toast.matches(":hover, :focus-within")) wait();
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", () => setTimeout(release));
  wait();
}

function say(words, kind = "") {
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  toast.firstElementChild.textContent = words;
  if (kind) toast.classList.add(kind);
  document.getElementById("toasts").append(toast);
  watchToast(toast);
}

on("click", "[data-toast-close]", (button) => dismiss(button.closest("[data-toast]")));

/* Menus: at most one is open; Escape and a click elsewhere close it --------------------------- */

function closeMenus(except) {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) =>
  closeMenus(event.target.closest(".menu-item") ? null : event.target.closest("[data-menu]")),
);
document.addEventListener("keydown", (event) => {
  const menu = event.target instanceof Element && event.target.closest("[data-menu][open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  } else if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const items = [...menu.querySelectorAll(".menu-item:not([hidden])")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = items.indexOf(document.activeElement) + step;
    items.at(next % items.length)?.focus();
    event.preventDefault();
  }
});
document.addEventListener("focusin", (event) => closeMenus(event.target.closest("[data-menu]")));

/* Dialogs ------------------------------------------------------------------------------------- */

function openDialog(dialog) {
  closeMenus();
  if (dialog.open) dialog.close();
  dialog.showModal();
  dialog.querySelector("[autofocus], .dialog-body :is(input:not([type=hidden]), select, textarea)")?.focus();
}

on("click", "[data-dialog]", (opener, event) => {
  const dialog = document.getElementById(opener.dataset.dialog);
  if (!dialog || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  openDialog(dialog);
});
on("click", "[data-dialog-close]", (button) => button.closest("dialog").close());
on("click", "dialog", (dialog, event) => {
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});

/* Selections: [data-list] holds [data-select] ticks, [data-select-all] and one [data-bulk] bar.
   CSS shows the bar; here it only learns to count. --------------------------------------------- */

let lastTicked = null;

function refreshSelection(list) {
  const ticks = [...list.querySelectorAll("[data-select]")];
  const ticked = ticks.filter((tick) => tick.checked).length;
  for (const count of list.querySelectorAll("[data-bulk-count]")) count.textContent = ticked;
  for (const all of list.querySelectorAll("[data-select-all]")) {
    all.checked = ticked > 0 && ticked === ticks.length;
    all.indeterminate = ticked > 0 && ticked < ticks.length;
  }
  for (const matching of list.querySelectorAll("[data-bulk-matching]")) {
    matching.hidden = ticked === 0 || ticked < ticks.length;
    if (matching.hidden) for (const tick of matching.querySelectorAll("input")) tick.checked = false;
  }
}

function tickAll(list, checked) {
  for (const tick of list.querySelectorAll("[data-select]")) tick.checked = checked;
  refreshSelection(list);
}

on("change", "[data-select]", (tick) => refreshSelection(tick.closest("[data-list]")));
on("change", "[data-select-all]", (all) => tickAll(all.closest("[data-list]"), all.checked));
on("click", "[data-bulk-clear]", (button) => tickAll(button.closest("[data-list]"), false));
on("click", "[data-select]", (tick, event) => {
  const list = tick.closest("[data-list]");
  const ticks = [...list.querySelectorAll("[data-select]")];
  const [from, to] = [ticks.indexOf(lastTicked), ticks.indexOf(tick)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) {
    for (const between of ticks.slice(from, to)) between.checked = tick.checked;
    refreshSelection(list);
  }
  lastTicked = tick;
});

/* Small conveniences -------------------------------------------------------------------------- */

on("click", "[data-copy]", async (button) => {
  const field = document.getElementById(button.dataset.copy);
  const value = field.value ?? field.innerText.trim();
  try {
    await navigator.clipboard.writeText(value);
    say("Copied");
  } catch {
    // Without permission, or over plain http: select it, so that one key press is left to do.
    field.focus();
    field.select?.();
    say("Press Ctrl+C to copy");
  }
});
on("click", "[data-reveal]", (button) => {
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.textContent = shown ? "Show" : "Hide";
  button.setAttribute("aria-pressed", String(!shown));
});
on("change", "[data-theme-choice]", (choice) => {
  const picked = choice.matches("select") ? choice.value : choice.querySelector("input:checked")?.value;
  document.documentElement.dataset.theme = picked || "system";
});
on("change", "[data-submit]", (field) => field.form.requestSubmit());

document.addEventListener("allauth.error", (event) => {
  // Cancelled, timed out, or no such key: the browser has explained it, the console need not.
  event.preventDefault();
  say("The security key was not used. Please try again.", "error");
});

/* htmx ---------------------------------------------------------------------------------------- */

document.addEventListener("htmx:beforeSwap", (event) => {
  // A whole page where a part was asked for means that the session has ended: go there.
  const { xhr, boosted } = event.detail;
  if (!boosted && /^\s*<!doctype/i.test(xhr.responseText)) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
document.addEventListener("htmx:responseError", () => say("That did not work. Please try again.", "error"));
document.addEventListener("htmx:sendError", () => say("No connection to Postroom. Please try again.", "error"));
document.addEventListener("htmx:load", (event) => ready(event.detail.elt));

function ready(root) {
  reveal(root);
  for (const toast of document.querySelectorAll("[data-toast]")) watchToast(toast);
  for (const list of document.querySelectorAll("[data-list]")) refreshSelection(list);
  for (const dialog of root.querySelectorAll("dialog[open]:not(:modal)")) openDialog(dialog);
  root.querySelector("[data-focus]")?.focus();
}

/* Screen readers tell what is added to a live region, not what it came with. */
const toasts = document.getElementById("toasts");
const first = [...toasts.children];
toasts.replaceChildren();
requestAnimationFrame(() => {
  toasts.append(...first);
  ready(document);
});
