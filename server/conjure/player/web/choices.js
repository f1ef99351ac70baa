// @ts-check
/** What can be done: a button for each, with its key; what is locked says what its author says of it. */
import { arrange, icon, make, setAttribute, setText } from "./dom.js";
import { createTimebar } from "./timebar.js";
import { WORDS, keyName } from "./words.js";

/** @typedef {import("./types.js").Choice} Choice */
/** @typedef {import("./types.js").Clock} Clock */

const LOCK = "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z";
const TERMINAL = "M4 5h16v14H4zM7 9l3 3-3 3M12 15h5";

/**
 * @param {Clock} clock
 * @param {(name: string) => void} onChoose
 * @returns {{element: HTMLElement, draw: (choices: readonly Choice[]) => void, button: (name: string) => HTMLElement|null, hold: () => void}}
 */
export function createChoices(clock, onChoose) {
  const list = make("ul", { class: "choices", role: "list" });
  const element = make("nav", { "aria-label": WORDS.choicesTitle, hidden: true }, list);
  /** @type {Map<string, ReturnType<typeof createChoice>>} */
  let entries = new Map();

  return {
    element,

    button(name) {
      return entries.get(name)?.button ?? null;
    },

    /** Time stands still. */
    hold() {
      for (const entry of entries.values()) entry.bar.hold();
    },

    draw(choices) {
      const next = new Map(choices.map((choice) => [choice.name, entries.get(choice.name) ?? createChoice(choice.name, clock, onChoose)]));
      for (const [name, entry] of entries) if (!next.has(name)) entry.bar.run(null);
      entries = next;
      for (const choice of choices) entries.get(choice.name)?.draw(choice);
      arrange(list, [...entries.values()].map((entry) => entry.element));
      element.hidden = choices.length === 0;
    },
  };
}

let made = 0;

/**
 * One choice. It stays the same element as long as it can be chosen, so that it keeps the focus.
 *
 * @param {string} name
 * @param {Clock} clock
 * @param {(name: string) => void} onChoose
 */
function createChoice(name, clock, onChoose) {
  const id = `choice-${++made}`;
  const sign = make("span", { class: "choice-sign" });
  const key = make("kbd", { hidden: true });
  const labels = make("span", { class: "choice-labels", id });
  const bar = createTimebar(clock, { hasWords: true });
  const button = make(
    "button",
    { type: "button", class: "choice", dir: "auto", on: { click: choose } },
    sign,
    make("span", { class: "choice-name" }, name),
    key,
    labels,
    bar.element,
  );
  let isLocked = false;

  function choose() {
    if (!isLocked) onChoose(name);
  }

  return {
    element: make("li", {}, button),
    button,
    bar,

    /** @param {Choice} choice */
    draw(choice) {
      isLocked = choice.isLocked;
      // Not `disabled`: its hint could then be reached by nobody who plays by keyboard or by ear.
      setAttribute(button, "aria-disabled", isLocked ? "true" : null);
      setAttribute(button, "data-kind", choice.kind);
      sign.replaceChildren(...(isLocked ? [icon(LOCK)] : choice.kind === "terminal" ? [icon(TERMINAL)] : []));
      key.hidden = choice.hotkey === null || isLocked;
      setText(key, choice.hotkey === null ? "" : keyName(choice.hotkey));
      setAttribute(button, "aria-keyshortcuts", key.hidden ? null : choice.hotkey);
      labels.replaceChildren(...describe(choice));
      setAttribute(button, "aria-describedby", labels.hasChildNodes() ? id : null);
      bar.run(isLocked ? null : choice.autoAt);
    },
  };
}

/**
 * The small words under a choice.
 *
 * @param {Choice} choice
 */
function describe(choice) {
  const labels = [];
  if (choice.isLocked) {
    labels.push(make("span", { class: "label hint", dir: "auto" }, make("span", { class: "spoken" }, `${WORDS.locked}. `), choice.hint ?? WORDS.notYet));
  }
  if (choice.drive) labels.push(make("span", { class: "label" }, make("span", { class: "spoken" }, `${WORDS.drive}: `), choice.drive));
  if (choice.waypoint) labels.push(make("span", { class: "label", dir: "auto" }, make("span", { class: "spoken" }, `${WORDS.waypoint}: `), choice.waypoint));
  if (choice.autoAt !== null && !choice.isLocked) labels.push(make("span", { class: "spoken" }, WORDS.byItself));
  return labels;
}
