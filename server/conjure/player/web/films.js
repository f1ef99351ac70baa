// @ts-check
/**
 * The videos of a world, and when they are shown.
 */
import { child, isObject, member, text } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Clip} Clip
 * @typedef {import("./types.js").Situation} Situation
 */

/**
 * The video before the entrance, or null. The contract leaves its type open: an address, or an object with one in `src`.
 *
 * @param {Json} world
 * @returns {Clip|null}
 */
export function introOf(world) {
  const video = member(world, "introVideo");
  const src = isObject(video) ? text(video, "src") : text(world, "introVideo");
  return clip(src, null, null, member(world, "introStatic") === true);
}

/**
 * The video of a cutscene, or null.
 *
 * @param {Json} cutscene
 * @returns {Clip|null}
 */
export function clipOf(cutscene) {
  return clip(text(cutscene, "video"), text(cutscene, "label"), text(cutscene, "subtitle"), false);
}

/**
 * The video at the end, if it is due in a situation: in the outro's state, and when its flag is held; for want of both
 * in every ending.
 *
 * @param {Json} world
 * @param {Situation} situation
 * @param {boolean} isEnding
 * @returns {Clip|null}
 */
export function outroOf(world, situation, isEnding) {
  const outro = child(world, "outro");
  const state = text(outro, "state");
  const flag = text(outro, "flag");
  const isDue =
    state === null && flag === null
      ? isEnding
      : state === situation.state || (flag !== null && situation.flags.has(flag));
  return isDue ? clip(text(outro, "video"), null, null, false) : null;
}

/**
 * @param {string|null} src
 * @param {string|null} label
 * @param {string|null} subtitle
 * @param {boolean} isStill
 * @returns {Clip|null}
 */
function clip(src, label, subtitle, isStill) {
  return src === null || src.trim() === "" ? null : Object.freeze({ src, label, subtitle, isStill });
}
