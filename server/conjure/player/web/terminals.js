// @ts-check
/** The terminal that is open, in its box. */
import { fill, make } from "./dom.js";
import { openTerminal } from "./talking.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./talking.js").Talking} Talking */
/** @typedef {import("./types.js").Device} Device */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./types.js").Line} Line */

/**
 * @param {Api} api
 * @param {Json} world
 * @param {{onLine: (line: Line) => void, onClose: () => void}} listeners
 * @returns {{element: HTMLElement, draw: (device: Device|null) => boolean, focus: () => void, destroy: () => void}}
 * `draw` answers whether it has opened one
 */
export function createTerminals(api, world, { onLine, onClose }) {
  const element = make("div", { hidden: true });
  /** @type {Device|null} */
  let device = null;
  /** @type {Talking|null} */
  let open = null;

  function close() {
    open?.destroy();
    open = null;
  }

  return {
    element,

    draw(next) {
      const isNew = next !== null && next.name !== device?.name;
      if (next === null || isNew) close();
      device = next;
      if (isNew) {
        open = openTerminal(api, next, { event: eventOf(world, next.name), flags: () => device?.flags ?? [], onLine, onClose });
        fill(element, open.element);
      }
      element.hidden = next === null;
      return isNew;
    },

    focus() {
      open?.focus();
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
