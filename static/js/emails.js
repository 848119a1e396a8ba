/* The list of the Email page, on top of one that works without: what is done to it happens in place, and going back
   finds it where it was. The list and the reader are swapped each by itself; the address names both. */

const PAGE = 30;
const MOST = 500;
/* How long before its end the list is continued, in pixels. */
const AHEAD = 800;
/* What deletes one email. */
const DELETES = /\/(\d+)\/delete\/(?:\?|$)/;

const list = () => document.querySelector("[data-mail-list]");
const scroller = () => document.querySelector("[data-mail-scroll]");
const reader = () => document.getElementById("reader");
const rows = () => [...document.querySelectorAll(".mail-rows [data-row]")];
const linkOf = (row) => row.querySelector("[data-open]");
const tickOf = (row) => row.querySelector("[data-select]");
const opened = () => reader().querySelector("[data-opened]");
const isNarrow = () => Boolean(reader().querySelector(".mail-back")?.offsetParent);

/* The query of the list that is shown, as the address bar has it. */
let shown = location.search;
let top = 0;

/* What is open -------------------------------------------------------------------------------- */

function openedRow() {
  const { opened: id, thread } = opened()?.dataset ?? {};
  return rows().find((row) => tickOf(row).value === id) ?? rows().find((row) => thread && row.dataset.thread === thread);
}

function markOpened() {
  const current = openedRow();
  for (const row of rows()) {
    if (row === current) linkOf(row).setAttribute("aria-current", "true");
    else linkOf(row).removeAttribute("aria-current");
  }
  const title = reader().querySelector(".mail-title")?.innerText ?? list().dataset.title;
  document.title = `${title} · Postroom`;
}

function closeReader() {
  const row = openedRow();
  const words = document.getElementById("nothing-open").content.cloneNode(true);
  reader().replaceChildren(...(row || rows().length ? [words] : []));
  // Hidden meanwhile on narrow screens, it may have lost its place.
  scroller().scrollTop = top;
  markOpened();
  return row;
}

function backToList() {
  const row = closeReader();
  history.pushState({ place: place() }, "", list().dataset.listUrl);
  if (row) linkOf(row).focus();
}

/* The list anew ------------------------------------------------------------------------------- */

/* What is asked of the server for one place, apart from what is asked for the other: htmx puts off the second request
   of one element, and says at once that it is done. */
const fill = (id, url) => htmx.ajax("GET", url, { source: `#${id}`, target: `#${id}`, swap: "innerHTML" });

/* Opens what a URL names, instead of what is on its way: a quick "back" must not be overtaken by what it left. */
async function read(url) {
  htmx.trigger(reader(), "htmx:abort");
  try {
    await fill("reader", url);
  } catch {
    // Given up for another, or said by a toast.
  }
}

let drawing = Promise.resolve();

/* Draws the list that a URL names, as many of its rows as there were; answers whether that worked. One at a time. */
function draw(url, place) {
  drawing = drawing.catch(() => false).then(() => drawNow(url, place));
  return drawing;
}

async function drawNow(url, { count = 0, at = 0, again = false } = {}) {
  const before = list();
  // Of another list nothing is ticked: what is done with the selection must be done with what one has seen.
  const ticked = new Set(again ? rows().map(tickOf).filter((tick) => tick.checked).map((tick) => tick.value) : []);
  const more = count > PAGE ? `${url.includes("?") ? "&" : "?"}rows=${Math.min(count, MOST)}` : "";
  try {
    await fill("mail-list", url + more);
  } catch {
    return false;
  }
  if (list() === before) return false;
  for (const tick of rows().map(tickOf)) {
    if (!ticked.has(tick.value)) continue;
    tick.checked = true;
    tick.dispatchEvent(new Event("change", { bubbles: true }));
  }
  scroller().scrollTop = at;
  markOpened();
  htmx.trigger(document.body, "drawn");
  return true;
}

const redraw = (at = top) => draw(list().dataset.listUrl, { count: rows().length, at, again: true });

/* Another box, or other filters: what is read stays open, unless another box was chosen. */
async function go(url, { closing }) {
  keepPlace();
  if (!(await draw(url))) return;
  document.getElementById("side")?.hidePopover?.();
  // The column is drawn anew: who walks it with the keyboard goes on where they were.
  if (document.activeElement === document.body) document.querySelector("#mail-side [aria-current]")?.focus();
  if (closing || isNarrow()) closeReader();
  const query = new URL(url, location).search;
  history.pushState(null, "", opened() ? location.pathname + query : url);
  shown = query;
  fillSearch();
}

/* What is found is at hand at once: the next key is for the list, not for one more letter. */
async function find(url) {
  const field = document.activeElement;
  await go(url, { closing: true });
  const first = rows()[0];
  if (first && document.activeElement === field) linkOf(first).focus({ preventScroll: true });
}

/* The search box goes on from the list that is shown. */
function fillSearch() {
  const form = document.getElementById("email-search");
  if (!form) return;
  for (const field of form.querySelectorAll("input[type=hidden]")) field.remove();
  for (const [name, value] of new URLSearchParams(shown)) {
    if (name === "q") continue;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  form.elements.q.value = new URLSearchParams(shown).get("q") ?? "";
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("[data-mail-links] a[href]");
  if (link) {
    event.preventDefault();
    go(link.href, { closing: Boolean(link.closest("#mail-side")) });
  } else if (event.target.closest(".mail-back")) {
    event.preventDefault();
    backToList();
  } else if (event.target.closest("[data-mail-refresh]")) {
    showNews();
  }
});

/* A new tab, or a window of its own: the browser's work, and not htmx's. */
document.addEventListener(
  "click",
  (event) => {
    if ((event.ctrlKey || event.metaKey || event.shiftKey) && event.target.closest("a[href]")) event.stopPropagation();
  },
  true,
);

/* There and back ------------------------------------------------------------------------------ */

function place() {
  return { count: rows().length, at: top };
}

/* As it changes, a little late: browsers take no note any more of what a page says while it is left. */
const SETTLED = 200;
let settling;

function keepPlace() {
  clearTimeout(settling);
  history.replaceState({ ...history.state, place: place() }, "");
}

function keepPlaceSoon() {
  clearTimeout(settling);
  settling = setTimeout(keepPlace, SETTLED);
}

async function follow() {
  clearTimeout(settling);
  if (location.search !== shown) {
    shown = location.search;
    await draw(list().dataset.listUrl.split("?")[0] + shown, history.state?.place);
    fillSearch();
  }
  const id = location.pathname.match(/(\d+)\/$/)?.[1];
  htmx.trigger(reader(), "htmx:abort");
  if (!id) closeReader();
  else if (id !== opened()?.dataset.opened) read(location.pathname + shown);
}

/* Before htmx hears of it: it would fetch the whole page, and the list would lose its place. */
addEventListener(
  "popstate",
  (event) => {
    event.stopImmediatePropagation();
    follow();
  },
  true,
);
document.addEventListener("htmx:pushedIntoHistory", keepPlace);

/* A page that is loaded anew, by going back or by what was done in the reader, takes up its place again. */
async function takePlace() {
  const kept = JSON.parse(sessionStorage.getItem("mail-place") ?? "null");
  sessionStorage.removeItem("mail-place");
  const found = history.state?.place ?? (kept?.url === list().dataset.listUrl ? kept : null);
  if (!found) return;
  if (found.count > rows().length) await draw(list().dataset.listUrl, found);
  else scroller().scrollTop = found.at;
}

/* What is done to emails ---------------------------------------------------------------------- */

/* Sends a form without leaving: its answer would be a page, and what it has to say comes with the list. */
async function send(form, submitter) {
  try {
    const body = new FormData(form, submitter);
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type === "opaqueredirect") return true;
  } catch {
    document.dispatchEvent(new CustomEvent("htmx:sendError"));
    return false;
  }
  document.dispatchEvent(new CustomEvent("htmx:responseError"));
  return false;
}

const busy = new WeakSet();

/* A key pressed twice deletes one email, and says so once. */
async function once(deed, form, submitter) {
  if (busy.has(form)) return;
  busy.add(form);
  await deed(form, submitter);
  busy.delete(form);
}

async function act(form, submitter) {
  const current = openedRow();
  const gone = form.matches("[data-mail-list]") ? rows().filter((row) => tickOf(row).checked) : [current];
  const index = rows().indexOf(gone[0]);
  // By its conversation: the rest of the one that is read may come again, further down.
  const below = rows()[index + 1]?.dataset.thread;
  const id = form.action.match(DELETES)?.[1];
  const closing = id ? id === opened()?.dataset.opened : current && gone.includes(current);
  if (!(await send(form, submitter))) return;
  if (closing) {
    closeReader();
    history.replaceState({ place: place() }, "", list().dataset.listUrl);
  } else if (id) {
    // Another message of the conversation that is read.
    read(location.href);
  }
  await redraw();
  if (id && !closing) return;
  if (index < 0) return;
  const next = rows().find((row) => row.dataset.thread === below) ?? rows()[Math.min(index, rows().length - 1)];
  if (!next) return;
  linkOf(next).focus({ preventScroll: !closing });
  if (id && below && !isNarrow()) openInstead(next);
}

/* What deleting leaves open is the next one; going back does not lead to what is gone. */
async function openInstead(row) {
  const url = linkOf(row).getAttribute("href");
  await read(url);
  if (opened()?.dataset.opened === tickOf(row).value) history.replaceState({ place: place() }, "", url);
}

async function undo(form, submitter) {
  const toast = form.closest("[data-toast]");
  if (!(await send(form, submitter))) return;
  toast.remove();
  await redraw();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "email-search" && !event.defaultPrevented) {
    event.preventDefault();
    const pairs = [...new FormData(form)].filter(([, value]) => value.trim());
    find(`${form.action}${pairs.length ? "?" : ""}${new URLSearchParams(pairs)}`);
    return;
  }
  if (form.method !== "post" || event.defaultPrevented) return;
  const deletes = form.matches("[data-mail-list]") || (form.closest("#reader") && DELETES.test(form.action));
  if (deletes || form.closest("[data-toast]")) {
    event.preventDefault();
    once(deletes ? act : undo, form, event.submitter);
  } else {
    comeBack();
  }
});

/* For a page that is loaded anew to find the list where it is. */
function comeBack() {
  sessionStorage.setItem("mail-place", JSON.stringify({ url: list().dataset.listUrl, ...place() }));
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")) comeBack();
});

/* More of it, and what is new ----------------------------------------------------------------- */

/* In the terms of what scrolls: it would hide from the window what lies beyond its own edge. */
function watch(more) {
  more.dataset.watched = "yes";
  const ahead = new IntersectionObserver(
    ([entry]) => {
      if (!entry.isIntersecting) return;
      ahead.disconnect();
      more.click();
    },
    { root: scroller(), rootMargin: `${AHEAD}px 0px` },
  );
  ahead.observe(more);
}

async function showNews() {
  if (!(await redraw(0))) return;
  const first = rows()[0];
  if (first && !isNarrow()) linkOf(first).focus({ preventScroll: true });
}

const isNews = (event) => event.target instanceof Element && event.target.matches("[data-news]");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isNews(event) && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  const news = document.querySelector("[data-news]");
  if (news && !document.hidden) htmx.trigger(news, "look");
});
for (const type of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(
    type,
    (event) => {
      // What nobody has asked for may fail in silence; it is asked again.
      if (isNews(event)) event.stopImmediatePropagation();
      const more = event.target instanceof Element && event.target.closest("[data-more] a");
      if (more) more.textContent = more.dataset.failed;
    },
    true,
  );
}

/* Keys ---------------------------------------------------------------------------------------- */

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !opened()) return;
  if (event.key !== "Escape") return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [open] > summary")) return;
  backToList();
});

/* ---------------------------------------------------------------------------------------------- */

document.addEventListener(
  "scroll",
  (event) => {
    if (event.target !== scroller() || !event.target.offsetParent) return;
    top = event.target.scrollTop;
    keepPlaceSoon();
  },
  true,
);

function ready() {
  document.querySelectorAll("[data-more] a:not([data-watched])").forEach(watch);
  markOpened();
}

// Not before htmx is: the way to more rows would lead to a page of its own, which begins in the middle.
document.addEventListener("htmx:load", ready);
markOpened();
takePlace();
