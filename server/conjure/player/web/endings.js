// @ts-check
/** How play has ended, or that it cannot go on, and the ways back. */
import { make, paragraphs, setText } from "./dom.js";
import { WORDS } from "./words.js";

/** @typedef {import("./types.js").Ending} Ending */
/** @typedef {import("./types.js").View} View */

/** @type {Ending} what is said where nothing can be done any more */
const STUCK = { kind: null, title: WORDS.stuck, subtitle: "" };

/**
 * @param {{onAgain: () => void, onBack: () => void}} ways
 * @returns {{element: HTMLElement, draw: (view: Pick<View, "ending"|"isStuck"|"canGoBack">) => string[]}}
 * `draw` answers with what is new to read
 */
export function createEndings({ onAgain, onBack }) {
  const kind = make("p", { class: "ending-kind" });
  const title = make("h3", { class: "ending-title", dir: "auto", tabindex: "-1" });
  const subtitle = make("div", { class: "ending-subtitle" });
  const back = make("button", { type: "button", class: "quiet", on: { click: onBack } }, WORDS.back);
  const element = make(
    "section",
    { class: "ending", hidden: true },
    kind,
    title,
    subtitle,
    make("div", { class: "row" }, make("button", { type: "button", class: "strong", on: { click: onAgain } }, WORDS.again), back),
  );

  return {
    element,

    draw(view) {
      const ending = view.isStuck ? STUCK : view.ending;
      const wasHidden = element.hidden;
      element.hidden = ending === null;
      if (!ending) return [];
      const word = ending.kind === "win" ? WORDS.win : ending.kind === "lose" ? WORDS.lose : view.isStuck ? WORDS.stuck : WORDS.end;
      element.dataset.kind = ending.kind ?? "none";
      setText(kind, word);
      setText(title, ending.title || WORDS.end);
      kind.hidden = kind.textContent === title.textContent;
      if (wasHidden) subtitle.replaceChildren(...paragraphs(ending.subtitle));
      back.hidden = !view.canGoBack;
      return wasHidden ? [...new Set([word, ending.title, ending.subtitle])].filter(Boolean) : [];
    },
  };
}
