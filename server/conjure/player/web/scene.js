// @ts-check
/** The prose: where the player is, or what is happening just now. */
import { fill, make, paragraphs, setText } from "./dom.js";
import { WORDS, sceneTitle } from "./words.js";

/** @typedef {import("./types.js").View} View */

/**
 * @returns {{element: HTMLElement, heading: HTMLElement, draw: (view: View) => string|null}}
 * `draw` answers with what is new to read, to be said aloud once; null when there is nothing new
 */
export function createScene() {
  const heading = make("h2", { tabindex: "-1", dir: "auto" });
  const prose = make("div", { class: "prose" });
  const ambient = make("ul", { class: "ambient", role: "list", hidden: true });
  const element = make("section", { class: "scene" }, heading, prose, ambient);
  let drawn = "";

  return {
    element,
    heading,

    draw(view) {
      const { scene, happening } = view;
      const title = sceneTitle(scene.state);
      const text = happening ? happening.text.trim() || happening.name : scene.text.trim();
      const ambience = happening ? [] : scene.ambient;
      const key = JSON.stringify([scene.state, scene.visit, scene.variant, happening?.name, happening?.phase, text]);
      if (key === drawn) return null;
      drawn = key;
      setText(heading, title ?? WORDS.scene);
      heading.classList.toggle("spoken", title === null);
      element.dataset.happens = happening ? "true" : "false";
      const parts = paragraphs(text);
      fill(prose, ...parts);
      fill(ambient, ...ambience.map((line) => make("li", { dir: "auto" }, line)));
      ambient.hidden = ambience.length === 0;
      for (const part of [prose, ambient]) restart(part);
      return [happening ? null : title, text, ...ambience].filter(Boolean).join(". ");
    },
  };
}

/**
 * Lets the animation of an element begin anew.
 *
 * @param {Element} element
 */
function restart(element) {
  for (const animation of element.getAnimations()) {
    animation.cancel();
    animation.play();
  }
}
