/* The reader of the Email page, on top of one that works without: the page within the page is as high as what it
   shows. */

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

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "reader") event.detail.target.scrollTop = 0;
});
document.addEventListener("htmx:load", ready);
ready();
