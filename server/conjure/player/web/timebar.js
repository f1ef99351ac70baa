// @ts-check
/** A thin bar that runs out, with the seconds that are left in words. */
import { make, setText } from "./dom.js";
import { inSeconds } from "./words.js";

/** @typedef {import("./types.js").Clock} Clock */

/**
 * @param {Clock} clock
 * @param {{hasWords: boolean}} options
 * @returns {{element: HTMLElement, run: (endsAt: number|null) => void, hold: () => void}}
 */
export function createTimebar(clock, { hasWords }) {
  const rest = make("span", { class: "timebar-rest" });
  const words = make("span", { class: "timebar-words" });
  // It is for the eye: what happens by itself is said once in the choice's own words, not every second.
  const element = make("span", { class: "timebar", "aria-hidden": "true", hidden: true }, rest, hasWords && words);
  /** @type {number|null} */
  let end = null;
  let whole = 1;
  /** @type {unknown} */
  let timer;

  function tick() {
    if (end === null) return;
    const left = Math.max(0, end - clock.now());
    rest.style.setProperty("--left", String(Math.min(1, Math.max(0, left - 1000) / whole)));
    setText(words, inSeconds(Math.ceil(left / 1000)));
    // A second at a time: style sheets move the bar evenly in between, or not at all under reduced motion.
    timer = left > 0 ? clock.after(tick, Math.min(1000, left)) : undefined;
  }

  return {
    element,

    /** Stops where it is: time stands still. */
    hold() {
      if (timer !== undefined) clock.cancel(timer);
      timer = undefined;
    },

    run(endsAt) {
      if (timer !== undefined) clock.cancel(timer);
      timer = undefined;
      element.hidden = endsAt === null;
      if (endsAt !== null && endsAt !== end) whole = Math.max(1, endsAt - clock.now());
      end = endsAt;
      tick();
    },
  };
}
