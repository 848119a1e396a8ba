/* Fields of several rows ([data-rows]): add one, take one away, make one the first. Without this file the
   form has a few spare rows. */

const items = (group) => [...group.querySelectorAll("[data-rows-item]")];
const inputOf = (item) => item.querySelector("input");

function refresh(group) {
  items(group).forEach((item, index) => {
    item.querySelector("[data-rows-first]").hidden = index === 0;
    item.querySelector("[data-rows-remove]").hidden = items(group).length === 1;
  });
}

function add(group) {
  const last = items(group).at(-1);
  const fresh = last.cloneNode(true);
  fresh.querySelector(".errors")?.remove();
  const input = inputOf(fresh);
  input.value = "";
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
  input.id = `${input.name}-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  input.setAttribute("aria-label", `${inputOf(items(group)[0]).getAttribute("aria-label")} ${items(group).length + 1}`);
  last.after(fresh);
  refresh(group);
  input.focus();
}

/* The spare rows are for those without script: keep one where nothing is written yet. */
function tidy(group) {
  const blank = items(group).filter((item) => !inputOf(item).value && !item.querySelector(".errors"));
  for (const item of items(group).length === blank.length ? blank.slice(1) : blank) item.remove();
  group.querySelector("[data-rows-add]").hidden = false;
  refresh(group);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rows-add], [data-rows-remove], [data-rows-first]");
  if (!button) return;
  const group = button.closest("[data-rows]");
  const item = button.closest("[data-rows-item]");
  if (button.matches("[data-rows-add]")) {
    add(group);
    return;
  }
  if (button.matches("[data-rows-remove]")) {
    const neighbour = item.nextElementSibling?.matches("[data-rows-item]") ? item.nextElementSibling : item.previousElementSibling;
    item.remove();
    inputOf(neighbour)?.focus();
  } else {
    items(group)[0].before(item);
    inputOf(item).focus();
  }
  refresh(group);
});

for (const group of document.querySelectorAll("[data-rows]")) tidy(group);
