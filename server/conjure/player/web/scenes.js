// @ts-check
/**
 * What a state looks like when it is entered for the n-th time.
 */
import { elements, isObject, strings, text } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Scene} Scene
 */

/**
 * The scene of a state. Its n-th visit shows the next of itself and its variants, around.
 *
 * @param {Json} state
 * @param {string} id
 * @param {number} visit
 * @returns {Scene}
 */
export function sceneOf(state, id, visit) {
  const variant = variantOf(state, visit);
  /** @type {Json} */
  const shown = variant === null ? {} : elements(state, "variants")[variant];
  const own = text(shown, "narration") ?? text(shown, "base");
  return Object.freeze({
    state: id,
    variant,
    text: own ?? text(state, "narration") ?? text(state, "base") ?? "",
    ambient: Object.freeze(strings(Object.hasOwn(shown, "ambient") ? shown : state, "ambient")),
    visit,
  });
}

/**
 * The place of the variant that a visit shows; null for the state itself.
 *
 * @param {Json} state
 * @param {number} visit from 1 on
 * @returns {number|null}
 */
function variantOf(state, visit) {
  const places = [...elements(state, "variants").entries()].filter(([, item]) => isObject(item)).map(([at]) => at);
  const turn = (visit - 1) % (places.length + 1);
  return turn === 0 ? null : (places[turn - 1] ?? null);
}
