// @ts-check
/** Dark or light: as the address says, or as the player's system has it. */

/**
 * @param {HTMLElement} root
 * @param {"dark"|"light"|"auto"} theme
 */
export function followTheme(root, theme) {
  const light = matchMedia("(prefers-color-scheme: light)");
  const apply = () => {
    root.dataset.theme = theme === "light" || (theme === "auto" && light.matches) ? "light" : "dark";
  };
  apply();
  light.addEventListener("change", apply);
}
