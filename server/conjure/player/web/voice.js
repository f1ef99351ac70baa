// @ts-check
/** For those who hear the story: what is new is said once. */
import { make } from "./dom.js";

/** @returns {{element: HTMLElement, say: (texts: readonly string[]) => void}} */
export function createVoice() {
  const element = make("div", { class: "spoken", "aria-live": "polite", "aria-atomic": "true" });
  return {
    element,

    /** The same words said again are said again: each is an element of its own. */
    say(texts) {
      if (texts.length > 0) element.replaceChildren(...texts.map((text) => make("p", { dir: "auto" }, text)));
    },
  };
}
