/* The Email page, on top of one that works without: the row that is open is marked, and the page within the page is
   as high as what it shows. */

function markOpened() {
  const opened = document.querySelector("[data-opened]")?.dataset.opened;
  for (const link of document.querySelectorAll(".mail-rows [data-open]")) {
    const row = link.closest("[data-row]");
    if (row.querySelector("[data-select]").value === opened) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function fit(frame) {
  // Another origin, after a link was followed within: then it scrolls by itself.
  const page = frame.contentDocument?.documentElement;
  if (!page) return;
  frame.height = 0;
  frame.height = Math.ceil(page.scrollHeight);
}

const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) if (target.dataset.width !== String(target.clientWidth)) {
    target.dataset.width = target.clientWidth;
    fit(target);
  }
});

function ready() {
  for (const frame of document.querySelectorAll("[data-mail-body]:not([data-watched])")) {
    frame.dataset.watched = "yes";
    frame.addEventListener("load", () => fit(frame));
    fit(frame);
    watch.observe(frame);
  }
  markOpened();
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "reader") document.getElementById("reader").scrollTop = 0;
});
document.addEventListener("htmx:load", ready);
ready();
