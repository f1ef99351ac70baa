// @ts-check
/** For those who hear the story, and those who play by keyboard: what is new is said once, and the focus is never lost. */
import { make } from "./dom.js";

/** @returns {{element: HTMLElement, say: (text: string|null) => void}} */
export function createVoice() {
  const element = make("div", { class: "spoken", "aria-live": "polite", "aria-atomic": "true" });
  return {
    element,

    /** The same words said again are said again: each is an element of its own. */
    say(text) {
      if (text) element.replaceChildren(make("p", { dir: "auto" }, text));
    },
  };
}

/**
 * Keeps the focus in the story. A choice that was taken goes, and the focus with it: then it goes to where the reading
 * goes on. It is not taken from anything that is still there, nor from the page around the player.
 *
 * @returns {{note: () => void, keep: (place: HTMLElement) => void}} `note` before a view is drawn, `keep` after it
 */
export function createFocusKeeper() {
  let hadFocus = false;
  return {
    note() {
      const active = document.activeElement;
      hadFocus = document.hasFocus() && active !== null && active !== document.body;
    },

    keep(place) {
      const active = document.activeElement;
      const isLost = active === null || active === document.body || !isVisible(active);
      if (hadFocus && isLost) place.focus({ preventScroll: true });
    },
  };
}

/** @param {Element} element */
function isVisible(element) {
  return element.isConnected && element.getClientRects().length > 0;
}
