// @ts-check
/** What is shown while something passes by itself: an event and its phases, and a sequence that is watched. */
import { make, setText } from "./dom.js";
import { createTimebar } from "./timebar.js";
import { WORDS, stepOf } from "./words.js";

/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {import("./types.js").View} View */

/**
 * @param {Clock} clock
 * @param {{onSkip: () => void, onGoOn: () => void}} ways
 * @returns {{element: HTMLElement, draw: (view: View) => void, hold: () => void}}
 */
export function createPassing(clock, { onSkip, onGoOn }) {
  const bar = createTimebar(clock, { hasWords: false });
  const words = make("p", { class: "passing-words" });
  const goOn = make("button", { type: "button", class: "strong", on: { click: onGoOn } }, WORDS.goOn);
  const skip = make("button", { type: "button", class: "quiet", on: { click: onSkip } }, WORDS.skip);
  const element = make("div", { class: "passing", hidden: true }, bar.element, words, make("div", { class: "row" }, goOn, skip));

  return {
    element,

    hold() {
      bar.hold();
    },

    draw({ mode, happening, stop }) {
      const isEvent = mode === "event" && happening !== null;
      const isSequence = mode === "sequence" && stop !== null;
      element.hidden = !isEvent && !isSequence;
      bar.run(isEvent ? happening.endsAt : isSequence ? stop.endsAt : null);
      if (isEvent) {
        setText(words, happening.phases > 1 ? stepOf(happening.phase, happening.phases) : "");
        setText(skip, WORDS.goOn);
        skip.hidden = !happening.canSkip;
        goOn.hidden = true;
      } else if (isSequence) {
        setText(words, `${stop.title} · ${stepOf(stop.at, stop.stops)}`);
        setText(skip, WORDS.leave);
        skip.hidden = false;
        goOn.hidden = false;
      }
      words.hidden = !words.textContent;
    },
  };
}
