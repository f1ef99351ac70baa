// @ts-check
/**
 * The sequences of a world: walks through its states to watch, and where they are offered.
 */
import { millis, MOST_WAIT_MS, readingMs } from "./time.js";
import { child, children, isObject, member, strings, text } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Tale} Tale
 * @typedef {import("./types.js").Scene} Scene
 *
 * A walk that can be watched.
 * @typedef {Object} Walk
 * @property {string} id
 * @property {string} title
 * @property {readonly {state: string, dwell: unknown}[]} stops
 */

/** Of a world: which walks there are, and where each can be watched. */
export class Tales {
  /** @type {Map<string, Walk>} */
  #walks = new Map();
  /** The walks that are offered everywhere. @type {string[]} */
  #everywhere = [];
  /** The walks that are offered in a state only. @type {Map<string, Set<string>>} */
  #somewhere = new Map();
  /** @type {readonly Tale[]} */
  #always = [];

  /**
   * @param {Json} world
   * @param {(state: string) => boolean} hasState
   */
  constructor(world, hasState) {
    for (const sequence of children(world, "sequences")) {
      const id = text(sequence, "id");
      if (id === null || this.#walks.has(id)) continue;
      const stops = children(sequence, "beats").flatMap((beat) => {
        const state = text(beat, "state");
        return state !== null && hasState(state) ? [{ state, dwell: member(beat, "dwell") }] : [];
      });
      if (stops.length > 0) this.#walks.set(id, { id, title: text(sequence, "title") ?? id, stops });
    }
    const named = new Set();
    const everywhere = new Set();
    for (const beat of children(child(world, "story"), "beats")) {
      const id = text(beat, "sequence");
      if (id === null || !this.#walks.has(id)) continue;
      named.add(id);
      const states = strings(beat, "states");
      if (states.length === 0) everywhere.add(id);
      for (const state of states) {
        const walks = this.#somewhere.get(state);
        if (walks === undefined) this.#somewhere.set(state, new Set([id]));
        else walks.add(id);
      }
    }
    this.#everywhere = [...this.#walks.keys()].filter((id) => !named.has(id) || everywhere.has(id));
    this.#always = this.#tales(this.#everywhere);
  }

  /**
   * What can be watched in a state.
   *
   * @param {string} state
   * @returns {readonly Tale[]}
   */
  at(state) {
    const here = this.#somewhere.get(state);
    return here === undefined ? this.#always : this.#tales(new Set([...here, ...this.#everywhere]));
  }

  /**
   * The walk of an id, if it can be watched in a state.
   *
   * @param {string} state
   * @param {string} id
   * @returns {Walk|null}
   */
  walk(state, id) {
    return this.at(state).some((tale) => tale.id === id) ? (this.#walks.get(id) ?? null) : null;
  }

  /**
   * @param {Iterable<string>} ids
   * @returns {readonly Tale[]}
   */
  #tales(ids) {
    return Object.freeze([...ids].map((id) => Object.freeze({ id, title: this.#walks.get(id)?.title ?? id })));
  }
}

/**
 * How long a walk stays at a stop: `{ms}`, null for `input` (until the player goes on), else as long as it takes to
 * read what is there.
 *
 * @param {unknown} dwell
 * @param {string} words
 * @returns {number|null}
 */
export function dwellMs(dwell, words) {
  if (dwell === "input") return null;
  return (isObject(dwell) ? millis(dwell, "ms", MOST_WAIT_MS) : null) ?? readingMs(words);
}
