// @ts-check
/** How a character is introduced: whatever of it its author wrote. */
import { make } from "./dom.js";

/**
 * @param {import("./types.js").Json} world
 * @returns {HTMLElement}
 */
export function drawIntro(world) {
  const { kicker, title, hint } = Object(Object(world.character).intro);
  const element = make(
    "section",
    { class: "intro" },
    isText(kicker) && make("p", { class: "intro-kicker", dir: "auto" }, kicker),
    isText(title) && make("p", { class: "intro-title", dir: "auto" }, title),
    isText(hint) && make("p", { class: "intro-hint", dir: "auto" }, hint),
  );
  element.hidden = !element.hasChildNodes();
  return element;
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
const isText = (value) => typeof value === "string" && value.trim() !== "";
