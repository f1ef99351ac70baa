// @ts-check
/**
 * What comes from outside, the server or what a page has kept, as a talk takes it: whatever it may hold.
 *
 * @typedef {import("./types.js").Failure} Failure
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./talk.js").Affect} Affect
 * @typedef {import("./talk.js").TalkLine} TalkLine
 */

import { isObject } from "./values.js";

const SHORTEST_WAIT_S = 1;
const LONGEST_WAIT_S = 600;

/**
 * How long whoever was too fast has to wait, in milliseconds.
 *
 * @param {Failure} failure
 */
export function waitOf(failure) {
  return 1000 * Math.min(Math.max(failure.retryAfterS ?? SHORTEST_WAIT_S, SHORTEST_WAIT_S), LONGEST_WAIT_S);
}

/**
 * @param {unknown} value
 * @returns {value is Json}
 */
export const isTurn = (value) => isObject(value) && typeof value.reply === "string" && value.reply !== "";

/**
 * @param {unknown} value
 * @returns {value is TalkLine}
 */
export function isLine(value) {
  if (!isObject(value) || typeof value.text !== "string") return false;
  if (value.role === "picture") return typeof value.src === "string" && value.src !== "";
  return value.role === "player" || value.role === "other" || value.role === "note";
}

/**
 * @param {unknown} value
 * @returns {Affect|null}
 */
export function affectIn(value) {
  if (!isObject(value)) return null;
  /** @param {string} name */
  const number = (name) => (Number.isFinite(value[name]) ? Math.min(Math.max(value[name], -1), 1) : 0);
  return { v: number("v"), a: number("a"), d: number("d"), rapport: number("rapport") };
}

/**
 * A picture that came with its answer.
 *
 * @param {unknown} mimeType
 * @param {unknown} base64
 */
export function dataUrl(mimeType, base64) {
  const isOne = typeof mimeType === "string" && /^image\/[\w.+-]+$/u.test(mimeType);
  return isOne && typeof base64 === "string" && base64 !== "" ? `data:${mimeType};base64,${base64}` : null;
}
