/* The list of the Email page, on top of one that works without: the row that is open is marked. */

function markOpened() {
  const opened = document.querySelector("[data-opened]")?.dataset.opened;
  for (const row of document.querySelectorAll(".mail-rows [data-row]")) {
    const link = row.querySelector("[data-open]");
    if (row.querySelector("[data-select]").value === opened) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("htmx:load", markOpened);
markOpened();
