// @ts-check
/**
 * What the player is asked to do, and what of it is done.
 */
import { children, strings, text } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Mission} Mission
 * @typedef {import("./types.js").Objective} Objective
 */

/**
 * The missions of a world for one who holds these flags. Of two with one id the first counts.
 *
 * @param {Json} world
 * @param {ReadonlySet<string>} flags
 * @returns {readonly Mission[]}
 */
export function missionsOf(world, flags) {
  /** @type {Map<string, Mission>} */
  const missions = new Map();
  for (const mission of children(world, "missions")) {
    const id = text(mission, "id");
    if (id === null || missions.has(id)) continue;
    const objectives = children(mission, "objectives").flatMap((objective) => objectiveOf(objective, flags));
    const areDone = objectives.length > 0 && objectives.every((objective) => objective.isDone);
    const complete = text(mission, "complete");
    missions.set(
      id,
      Object.freeze({
        id,
        title: text(mission, "title") ?? id,
        isComplete: areDone || (complete !== null && flags.has(complete)),
        objectives: Object.freeze(objectives),
      }),
    );
  }
  return Object.freeze([...missions.values()]);
}

/**
 * An objective, if there is something to read and a flag that says it is done.
 *
 * @param {Json} objective
 * @param {ReadonlySet<string>} flags
 * @returns {Objective[]}
 */
function objectiveOf(objective, flags) {
  const words = text(objective, "text");
  const flag = text(objective, "grants") ?? text(objective, "id");
  if (words === null || flag === null) return [];
  const isDone = flags.has(flag);
  const isOpen = strings(objective, "requires").every((needed) => flags.has(needed));
  const hint = isDone || isOpen ? null : text(objective, "lockedHint");
  return [Object.freeze({ text: words, isDone, isOpen, hint })];
}
