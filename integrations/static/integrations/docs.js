// What Swagger UI leaves undone: it does not follow the reader's theme, some of its controls
// have no names, and examples that scroll cannot be reached by keyboard.
"use strict";

(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function followTheme() {
    const theme = root.dataset.theme === "system" ? (system.matches ? "dark" : "light") : root.dataset.theme;
    root.classList.toggle("dark-mode", theme === "dark");
  }

  function nameControls() {
    for (const control of document.querySelectorAll("#swagger-ui :is(select, textarea, .close-modal):not([aria-label])")) {
      control.setAttribute("aria-label", control.closest("tr")?.dataset.paramName ?? nameOf(control));
    }
  }

  function reachCode() {
    for (const code of document.querySelectorAll("#swagger-ui pre:not([tabindex])")) code.tabIndex = 0;
  }

  function nameOf(control) {
    if (control.matches("textarea")) return "Request body";
    if (control.matches(".close-modal")) return "Close";
    return control.matches(".examples-select-element") ? "Example" : "Value";
  }

  system.addEventListener("change", followTheme);
  followTheme();
  new MutationObserver(() => {
    nameControls();
    reachCode();
  }).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
})();
