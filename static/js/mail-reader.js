/* The reader and the timeline, on top of pages that work without: the page within the page is as high as what it
   shows, messages open in place, contacts are found as one types, and printing needs no page of its own. */

/* In pixels: a page that says it is higher, because it is long or because it is meant to grow, scrolls by itself. */
const HIGHEST = 20000;

/* Nothing runs within the frame, so its page is measured from here. */
function fit(frame) {
  const height = frame.contentDocument?.body?.offsetHeight;
  if (height) frame.height = Math.min(Math.ceil(height), HIGHEST);
}

function watch(frame) {
  // None where a link was followed to elsewhere: then it scrolls by itself.
  const page = frame.contentDocument?.body;
  if (page) new ResizeObserver(() => fit(frame)).observe(page);
}

function ready() {
  for (const frame of document.querySelectorAll("[data-mail-body]:not([data-watched])")) {
    frame.dataset.watched = "yes";
    frame.addEventListener("load", () => watch(frame));
    watch(frame);
  }
}

/* Messages that open in place: [data-unfold] fills what its aria-controls names, once, and closes it again ---- */

const bodyOf = (link) => document.getElementById(link.getAttribute("aria-controls"));

function unfold(link, open) {
  bodyOf(link).hidden = !open;
  link.setAttribute("aria-expanded", String(open));
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const link = event.detail.elt;
  if (!link.matches("[data-unfold]") || !bodyOf(link).childElementCount) return;
  event.preventDefault();
  unfold(link, bodyOf(link).hidden);
});
document.addEventListener("htmx:afterSwap", (event) => {
  const link = event.detail.requestConfig?.elt;
  if (link?.matches("[data-unfold]")) unfold(link, true);
});

/* The opened message among those of its conversation ------------------------------------------------------- */

const messages = () => [...document.querySelectorAll("[data-opened] [data-message]")];
const handleOf = (message) => message.querySelector("[data-unfold], [data-message-focus]");

function showOpened() {
  const reader = document.getElementById("reader");
  const opened = reader?.querySelector(".mail-message");
  if (!opened) return;
  // With the end of what goes before, so that it is seen that something does.
  const before = opened.previousElementSibling?.matches("[data-message]") ? opened.previousElementSibling : null;
  const first = messages()[0] === opened || messages()[0] === before;
  reader.scrollTop = first ? 0 : reader.scrollTop + (before ?? opened).getBoundingClientRect().top - reader.getBoundingClientRect().top - 12;
}

function step(by) {
  const all = messages();
  const focused = all.indexOf(document.activeElement?.closest("[data-message]"));
  const from = focused < 0 ? all.findIndex((one) => one.matches(".mail-message")) : focused;
  const next = all[from + by];
  if (!next) return;
  handleOf(next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) step(Number(button.dataset.step));
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "reader") showOpened();
});

/* Contacts to choose from: arrows walk through what is found, Enter takes the first ---------------------------- */

document.addEventListener("keydown", (event) => {
  const picker = event.target instanceof Element && event.target.closest("[data-picker]");
  if (!picker || event.isComposing) return;
  const search = picker.querySelector("[data-picker-search]");
  const choices = [...picker.querySelectorAll(".picker-found button:not([disabled])")];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target.matches("select")) return;
    const all = [search, ...choices];
    const next = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    all.at(next % all.length)?.focus();
    event.preventDefault();
  } else if (event.key === "Enter" && event.target === search) {
    // What is shown may still be what was found for fewer letters.
    const found = picker.querySelector(".picker-found");
    if (found && found.dataset.for.trim() === search.value.trim()) choices[0]?.click();
    event.preventDefault();
  }
});

/* Printing: the page for paper in a frame that nobody sees ------------------------------------------------------ */

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-print]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  document.querySelector(".mail-paper-out")?.remove();
  const frame = document.createElement("iframe");
  frame.className = "mail-paper-out";
  frame.title = "For printing";
  frame.src = link.href;
  frame.addEventListener("load", () => frame.contentWindow.print());
  document.body.append(frame);
});

document.addEventListener("htmx:load", ready);
ready();
showOpened();
