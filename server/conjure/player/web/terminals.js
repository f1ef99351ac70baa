// @ts-check
/** The terminal that is open, in its box. */
import { fill, make } from "./dom.js";
import { createTalkBox } from "./talkbox.js";
import { createTerminal } from "./terminal.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {import("./types.js").Device} Device */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./types.js").Line} Line */

/**
 * @param {Api} api
 * @param {Json} world
 * @param {Clock} clock
 * @param {{onLine: (line: Line) => void, onClose: () => void}} listeners
 * @returns {{element: HTMLElement, draw: (device: Device|null) => boolean, focus: () => void, destroy: () => void}}
 * `draw` answers whether it has opened one
 */
export function createTerminals(api, world, clock, { onLine, onClose }) {
  const element = make("div", { hidden: true });
  /** @type {Device|null} */
  let device = null;
  /** @type {{box: ReturnType<typeof createTalkBox>, terminal: ReturnType<typeof createTerminal>}|null} */
  let open = null;

  function close() {
    open?.terminal.destroy();
    open?.box.destroy();
    open = null;
  }

  /** @param {Device} opened */
  function show(opened) {
    const terminal = createTerminal(api, opened, {
      event: eventOf(world, opened.name),
      flags: () => device?.flags ?? [],
      onLine,
      onChange: (state) => box.update(state),
      clock,
    });
    const box = createTalkBox({ kind: "terminal", onSend: (text) => terminal.say(text), onClose, now: clock.now, title: opened.name });
    box.update(terminal.state);
    open = { box, terminal };
    fill(element, box.element);
  }

  return {
    element,

    draw(next) {
      const isNew = next !== null && next.name !== device?.name;
      if (next === null || isNew) close();
      device = next;
      if (isNew) show(next);
      element.hidden = next === null;
      return isNew;
    },

    focus() {
      open?.box.focus();
    },

    destroy: close,
  };
}

/**
 * @param {Json} world
 * @param {string} name
 * @returns {Json}
 */
function eventOf(world, name) {
  const events = world.scene?.events;
  return (Array.isArray(events) ? events.find((event) => event?.name === name) : null) ?? {};
}
