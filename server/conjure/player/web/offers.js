// @ts-check
/**
 * What a player can do in a situation, of all that is possible there.
 */
import { driveOf, waypointOf } from "./hints.js";
import { keyOf } from "./keys.js";
import { hintOf, isPossible } from "./rules.js";
import { millis, MOST_MS } from "./time.js";
import { member } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Move} Move
 * @typedef {import("./types.js").Choice} Choice
 */

/**
 * The moves that a player is offered: those that are not hidden.
 *
 * Where none of these is possible, and nothing happens by itself, hidden ones are offered too: a world is never stuck.
 * A character has no such need: it is talked with.
 *
 * @param {readonly Move[]} moves
 * @param {boolean} isCharacter
 * @param {boolean} isAwaited whether something will happen by itself
 * @returns {Move[]}
 */
export function offered(moves, isCharacter, isAwaited) {
  const isOpen = isCharacter || isAwaited || moves.some((move) => !isHidden(move) && isPossible(move));
  return moves.filter((move) => !isHidden(move) || (!isOpen && isPossible(move)));
}

/**
 * The move that a key plays: the first one that is possible, hidden or not.
 *
 * @param {readonly Move[]} moves
 * @param {unknown} key
 */
export function moveOfKey(moves, key) {
  const wanted = keyOf(key);
  if (wanted === null) return undefined;
  return moves.find((move) => isPossible(move) && keyOf(member(move.event, "hotkey")) === wanted);
}

/**
 * The possible move that happens by itself soonest, and how long after the state was entered; of two at the same time
 * the first.
 *
 * @param {readonly Move[]} moves
 * @param {ReadonlySet<string>} done names of those that did so already
 * @returns {{move: Move, afterMs: number}|null}
 */
export function nextByItself(moves, done) {
  /** @type {{move: Move, afterMs: number}|null} */
  let soonest = null;
  for (const move of moves) {
    const afterMs = millis(move.event, "autoAfterMs", MOST_MS);
    if (afterMs === null || !isPossible(move) || done.has(move.name)) continue;
    if (soonest === null || afterMs < soonest.afterMs) soonest = { move, afterMs };
  }
  return soonest;
}

/**
 * The choices of the moves that are offered.
 *
 * A key stands on the move that it plays only; where none of them is possible, on the first.
 *
 * @param {readonly Move[]} offers
 * @param {readonly Move[]} moves all there are
 * @param {{move: Move, at: number}|null} soon what happens by itself, and when
 * @returns {readonly Choice[]}
 */
export function choicesOf(offers, moves, soon) {
  /** @type {Map<string, string>} the move that a key plays */
  const keys = new Map();
  for (const move of [...moves.filter(isPossible), ...offers]) {
    const key = keyOf(member(move.event, "hotkey"));
    if (key !== null && !keys.has(key)) keys.set(key, move.name);
  }
  return Object.freeze(
    offers.map((move) => {
      const hotkey = keyOf(member(move.event, "hotkey"));
      const isLocked = !isPossible(move);
      return Object.freeze({
        name: move.name,
        kind: kindOf(move),
        isLocked,
        hint: isLocked ? hintOf(move) : null,
        hotkey: hotkey !== null && keys.get(hotkey) === move.name ? hotkey : null,
        drive: driveOf(move.event),
        waypoint: waypointOf(move.event),
        autoAt: soon !== null && soon.move.name === move.name ? soon.at : null,
      });
    }),
  );
}

/**
 * @param {Move} move
 * @returns {Choice["kind"]} what is neither a transition nor a terminal passes as an override does
 */
export function kindOf(move) {
  const kind = member(move.event, "kind");
  return kind === "transition" || kind === "terminal" ? kind : "override";
}

/**
 * @param {Move} move
 */
function isHidden(move) {
  return member(move.event, "hidden") === true;
}
