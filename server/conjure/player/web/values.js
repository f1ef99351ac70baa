// @ts-check
/**
 * Reading members of which nothing may be assumed, as `kernel/values.py` does: an ill-typed member reads as absent.
 *
 * Only a value's own members count. A state may be called `constructor` or `__proto__`, as any other.
 *
 * @typedef {import("./types.js").Json} Json
 */

/** @type {Json} */
const NOTHING = Object.freeze({});

/** @type {readonly any[]} */
const NO_ITEMS = Object.freeze([]);

/**
 * Whether a value is a JSON object: no array, and not null.
 *
 * @param {unknown} value
 * @returns {value is Json}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A member, whatever it is.
 *
 * @param {Json} node
 * @param {string} key
 * @returns {unknown}
 */
export function member(node, key) {
  return Object.hasOwn(node, key) ? node[key] : undefined;
}

/**
 * A string member.
 *
 * @param {Json} node
 * @param {string} key
 * @returns {string|null}
 */
export function text(node, key) {
  const value = member(node, key);
  return typeof value === "string" ? value : null;
}

/**
 * A member that is a positive number or 0, `most` at most: a time, a distance.
 *
 * @param {Json} node
 * @param {string} key
 * @param {number} [most]
 * @returns {number|null}
 */
export function amount(node, key, most = Number.MAX_VALUE) {
  const value = member(node, key);
  return typeof value === "number" && value >= 0 ? Math.min(value, most) : null;
}

/**
 * An object member, empty when there is none.
 *
 * @param {Json} node
 * @param {string} key
 * @returns {Json}
 */
export function child(node, key) {
  const value = member(node, key);
  return isObject(value) ? value : NOTHING;
}

/**
 * An array member, empty when there is none.
 *
 * @param {Json} node
 * @param {string} key
 * @returns {readonly any[]}
 */
export function elements(node, key) {
  const value = member(node, key);
  return Array.isArray(value) ? value : NO_ITEMS;
}

/**
 * The objects in an array member.
 *
 * @param {Json} node
 * @param {string} key
 * @returns {Json[]}
 */
export function children(node, key) {
  return elements(node, key).filter(isObject);
}

/**
 * The strings in an array member.
 *
 * @param {Json} node
 * @param {string} key
 * @returns {string[]}
 */
export function strings(node, key) {
  return elements(node, key).filter((item) => typeof item === "string");
}

/**
 * Reads JSON text of which nothing is known.
 *
 * @param {string} text
 * @returns {Json|null} an object, or nothing
 */
export function parsed(text) {
  try {
    const value = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
