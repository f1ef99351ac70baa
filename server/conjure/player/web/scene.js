// @ts-check
/** The prose: where the player is, or what is happening just now. What has happened last stays to be read. */
import { fill, make, paragraphs, setText } from "./dom.js";
import { WORDS, sceneTitle } from "./words.js";

/** @typedef {import("./types.js").View} View */

/**
 * @returns {{element: HTMLElement, heading: HTMLElement, draw: (view: View) => string[]}}
 * `draw` answers with what is new to read, to be said aloud once
 */
export function createScene() {
  const heading = make("h2", { tabindex: "-1", dir: "auto" });
  const prose = make("div", { class: "prose" });
  const ambient = make("ul", { class: "ambient", role: "list", hidden: true });
  const echo = make("div", { class: "echo" });
  const element = make("section", { class: "scene" }, heading, prose, ambient);
  let drawn = "";
  let place = "";
  /** @type {string[]} what the last event has told, phase by phase */
  let told = [];

  return {
    element,
    heading,

    draw(view) {
      const { scene, happening } = view;
      const here = JSON.stringify([scene.state, scene.visit, scene.variant]);
      const text = happening ? happening.text.trim() || happening.name : scene.text.trim();
      const key = JSON.stringify([here, happening?.name, happening?.phase, text]);
      if (key === drawn) return [];
      drawn = key;
      const title = sceneTitle(scene.state);
      setText(heading, title ?? WORDS.scene);
      heading.classList.toggle("spoken", title === null);
      element.dataset.happens = happening ? "true" : "false";

      const ambience = happening ? [] : scene.ambient;
      fill(prose, ...paragraphs(text));
      fill(ambient, ...ambience.map((line) => make("li", { dir: "auto" }, line)));
      ambient.hidden = ambience.length === 0;
      for (const part of [prose, ambient]) restart(part);

      echo.remove();
      if (happening) {
        if (happening.phase === 0) told = [];
        if (happening.text.trim() !== "") told.push(text);
        return [text];
      }
      const isNew = here !== place;
      place = here;
      if (told.length > 0) {
        fill(echo, ...told.flatMap(paragraphs));
        // What has led here stands before it; what happened here, after it.
        if (isNew) prose.before(echo);
        else ambient.after(echo);
        told = [];
      }
      return isNew ? [title ?? "", text, ...ambience].filter((part) => part !== "") : [];
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
