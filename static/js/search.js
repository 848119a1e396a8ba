/* The search box ([data-search]): its list of suggestions as a combobox. htmx brings the lines; here they are
   walked with the arrows and taken. Without this file the box is a plain form. */

const box = (form) => form.querySelector("[role=combobox]");
const list = (form) => form.querySelector("[role=listbox]");
const options = (form) => [...list(form).querySelectorAll("[role=option]")];
const chosen = (form) => list(form).querySelector("[aria-selected=true]");
const formOf = (event) => event.target instanceof Element && event.target.closest("[data-search]");

function show(form, open) {
  list(form).hidden = !open;
  box(form).setAttribute("aria-expanded", String(open));
  if (!open) choose(form, null);
}

function choose(form, option) {
  chosen(form)?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) box(form).setAttribute("aria-activedescendant", option.id);
  else box(form).removeAttribute("aria-activedescendant");
}

function take(form, option) {
  if (option.dataset.href) {
    location.assign(option.dataset.href);
    return;
  }
  const field = box(form);
  const rest = field.value.slice(field.selectionStart ?? field.value.length);
  const text = option.dataset.text;
  field.value = text + rest;
  field.setSelectionRange(text.length, text.length);
  field.focus();
  show(form, false);
  // What comes after an operator can be suggested too.
  if (text.endsWith(":")) field.dispatchEvent(new Event("suggest", { bubbles: true }));
}

/* Only what stands before the cursor is completed. */
document.addEventListener("htmx:configRequest", (event) => {
  const form = formOf(event);
  if (!form || event.target !== box(form)) return;
  const field = box(form);
  event.detail.parameters.q = field.value.slice(0, field.selectionStart ?? field.value.length);
});
document.addEventListener("htmx:afterSwap", (event) => {
  const form = formOf(event);
  if (!form || event.target !== list(form)) return;
  show(form, !form.dataset.sent && document.activeElement === box(form) && options(form).length > 0);
});
/* What is suggested later than that lies over what was found. */
document.addEventListener("submit", (event) => {
  const form = formOf(event);
  if (!form) return;
  form.dataset.sent = "yes";
  show(form, false);
});
document.addEventListener("input", (event) => {
  const form = formOf(event);
  if (form) delete form.dataset.sent;
});

document.addEventListener("focusin", (event) => {
  const form = formOf(event);
  if (form && event.target === box(form)) event.target.dispatchEvent(new Event("suggest", { bubbles: true }));
});
document.addEventListener("focusout", (event) => {
  const form = formOf(event);
  if (form && !form.contains(event.relatedTarget)) show(form, false);
});
/* On a press, before the field loses the focus. */
document.addEventListener("mousedown", (event) => {
  const form = formOf(event);
  const option = form && event.target.closest("[role=option]");
  if (!option) return;
  event.preventDefault();
  take(form, option);
});

document.addEventListener("keydown", (event) => {
  const form = formOf(event);
  if (!form || event.target !== box(form)) return;
  const open = !list(form).hidden;
  if (event.key === "Escape" && open) {
    show(form, false);
    event.preventDefault();
    event.stopPropagation();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options(form).length) {
    const all = options(form);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = all.indexOf(chosen(form));
    show(form, true);
    choose(form, at < 0 ? all.at(step > 0 ? 0 : -1) : (all[at + step] ?? null));
    event.preventDefault();
  } else if (event.key === "Enter" && open && chosen(form)) {
    take(form, chosen(form));
    event.preventDefault();
  }
});
