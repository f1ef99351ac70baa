// @ts-check
/** What stands beside the story: the journal (missions, and sequences that can be watched) and the help. */
import { arrange, fill, icon, make, setText } from "./dom.js";
import { WORDS, objectivesDone } from "./words.js";

/** @typedef {import("./types.js").Mission} Mission */
/** @typedef {import("./types.js").Objective} Objective */
/** @typedef {import("./types.js").Tale} Tale */

const DONE = "M5 13l4 4L19 7";
const OPEN = "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z";
const LOCKED = "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z";

/**
 * @param {(id: string) => void} onWatch
 * @returns {{element: HTMLDetailsElement, draw: (missions: readonly Mission[], tales: readonly Tale[]) => void, close: () => void}}
 */
export function createJournal(onWatch) {
  const count = make("span", { class: "count" });
  const summary = make("summary", {}, WORDS.journal, count);
  const missionList = make("div", {});
  const taleList = make("ul", { class: "plain", role: "list" });
  const taleTitle = make("h2", {}, WORDS.tales);
  const body = make("div", { class: "journal-body", tabindex: "0", role: "group", "aria-label": WORDS.journal }, missionList, taleTitle, taleList);
  const element = make("details", { class: "journal", hidden: true }, summary, body);
  /** @type {Map<string, HTMLElement>} */
  let buttons = new Map();
  let drawn = "";

  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    event.stopPropagation();
    element.open = false;
    summary.focus();
  });

  /** @param {Tale} tale */
  function row(tale) {
    const button = make("button", { type: "button", class: "quiet tale", dir: "auto", on: { click: watch } }, tale.title);
    function watch() {
      element.open = false;
      onWatch(tale.id);
    }
    return make("li", {}, button);
  }

  return {
    element,

    close() {
      element.open = false;
    },

    draw(missions, tales) {
      const key = JSON.stringify([missions, tales]);
      if (key === drawn) return;
      drawn = key;
      element.hidden = missions.length + tales.length === 0;
      const objectives = missions.flatMap((mission) => mission.objectives);
      const done = objectives.filter((objective) => objective.isDone).length;
      setText(count, objectives.length > 0 ? objectivesDone(done, objectives.length) : "");
      fill(missionList, ...missions.map(drawMission));
      taleTitle.hidden = tales.length === 0;
      buttons = new Map(tales.map((tale) => [tale.id, buttons.get(tale.id) ?? row(tale)]));
      arrange(taleList, [...buttons.values()]);
    },
  };
}

/** @param {Mission} mission */
function drawMission(mission) {
  return make(
    "section",
    { class: mission.isComplete ? "mission is-complete" : "mission" },
    make("h2", { dir: "auto" }, mission.title, mission.isComplete && make("span", { class: "label" }, WORDS.done)),
    make("ul", { class: "plain", role: "list" }, ...mission.objectives.map(drawObjective)),
  );
}

/** @param {Objective} objective */
function drawObjective(objective) {
  const [name, sign, word] = objective.isDone
    ? ["is-done", DONE, WORDS.done]
    : objective.isOpen
      ? ["is-open", OPEN, WORDS.open]
      : ["is-locked", LOCKED, WORDS.locked];
  return make(
    "li",
    { class: `objective ${name}` },
    icon(sign),
    make("span", { class: "spoken" }, `${word}: `),
    make("span", { dir: "auto" }, objective.text, !objective.isDone && objective.hint !== null && make("span", { class: "label hint" }, objective.hint)),
  );
}

/**
 * @param {{isOn: boolean, onSwitch: (isOn: boolean) => void, onToggle: (isOpen: boolean) => void, onAnew: (() => void)|null}} options
 * whether letters are keys, who is told when the help is opened and closed, and who begins anew, if anybody can
 * @returns {{button: HTMLButtonElement, element: HTMLDialogElement, toggle: () => void}}
 */
export function createHelp({ isOn, onSwitch, onToggle, onAnew }) {
  const check = make("input", { type: "checkbox", checked: isOn, on: { change: () => onSwitch(check.checked) } });
  const rows = WORDS.keyRows.flatMap(([key = "", what = ""]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)]);
  const element = make(
    "dialog",
    { class: "help", "aria-labelledby": "help-title", on: { close: closed, click: outside } },
    make(
      "div",
      { class: "help-body" },
      make("h2", { id: "help-title" }, WORDS.keys),
      make("p", {}, WORDS.keysIntro),
      make("dl", {}, ...rows),
      make("p", {}, WORDS.letters),
      make("label", { class: "check" }, check, WORDS.lettersOn),
      make(
        "div",
        { class: "row" },
        make("button", { type: "button", class: "strong", autofocus: true, on: { click: () => element.close() } }, WORDS.close),
        onAnew && make("button", { type: "button", class: "quiet", on: { click: startAnew } }, WORDS.anew),
      ),
    ),
  );
  const button = make("button", { type: "button", class: "tool", "aria-haspopup": "dialog", title: WORDS.help, on: { click: toggle } }, make("span", { "aria-hidden": "true" }, "?"), make("span", { class: "spoken" }, WORDS.help));

  /** @param {MouseEvent} event */
  function outside(event) {
    if (event.target === element) element.close(); // the dialog's own box is its backdrop and padding
  }

  function startAnew() {
    element.close();
    onAnew?.();
  }

  function closed() {
    onToggle(false);
    // It goes back to where it was, which may have been nowhere.
    if (document.activeElement === document.body) button.focus({ preventScroll: true });
  }

  function toggle() {
    if (element.open) element.close();
    else {
      element.showModal();
      onToggle(true);
    }
  }

  return { button, element, toggle };
}
