// @ts-check
/**
 * How a world is played: which events are possible in a situation, and what comes of one (CONTRACT 10).
 *
 * This is `kernel/play.py` and `kernel/ways.py`, rule by rule. Both are tested by the same table of situations
 * (tests/support/player/situations.json), and against each other: change them together.
 */
import { child, children, isObject, member, strings, text } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Situation} Situation
 * @typedef {import("./types.js").Move} Move
 */

/**
 * A situation, which nothing changes afterwards.
 *
 * @param {string} state
 * @param {Iterable<string>} [flags]
 * @param {Iterable<string>} [used]
 * @returns {Situation}
 */
export function situationOf(state, flags = [], used = []) {
  return Object.freeze({ state, flags: new Set(flags), used: new Set(used) });
}

/**
 * Whether a move can be played now.
 *
 * @param {Move} move
 */
export function isPossible(move) {
  return move.missing.length === 0;
}

/**
 * What its author says of a move while it is locked.
 *
 * @param {Move} move
 */
export function hintOf(move) {
  return text(move.event, "lockedHint");
}

/** A world as it is played. A value: it keeps no situation, so any number of plays can share it. */
export class Game {
  /** @type {Json} */
  #states;
  /** @type {Map<string, Json>} */
  #cutscenes = new Map();
  /** @type {Map<string, Json[]>} the events that leave a state */
  #exits = new Map();

  /**
   * Takes any JSON; what the gate has an error about plays as if it were not there. The prose is in words already:
   * the server sees to that.
   *
   * @param {unknown} world
   */
  constructor(world) {
    /** @type {Json} */
    this.world = isObject(world) ? world : {};
    const scene = child(this.world, "scene");
    this.#states = child(scene, "states");
    for (const cutscene of children(this.world, "cutscenes")) {
      const id = text(cutscene, "id");
      if (id !== null && !this.#cutscenes.has(id)) this.#cutscenes.set(id, cutscene);
    }
    const names = new Set();
    for (const event of children(scene, "events")) {
      const name = text(event, "name");
      if (name === null || names.has(name)) continue;
      if (leadsOn(event) && this.#landing(event) === null) continue;
      names.add(name);
      for (const source of new Set(strings(event, "from"))) {
        const exits = this.#exits.get(source);
        if (exits === undefined) this.#exits.set(source, [event]);
        else exits.push(event);
      }
    }
    /** The situation in which play begins. */
    this.start = situationOf(text(child(this.world, "entrance"), "state") ?? "");
  }

  /**
   * Whether the world has a state of this id.
   *
   * @param {string} id
   */
  hasState(id) {
    return Object.hasOwn(this.#states, id);
  }

  /**
   * The state of a situation; empty when the world has none of that name.
   *
   * @param {{state: string}} situation
   */
  state(situation) {
    return child(this.#states, situation.state);
  }

  /**
   * How play has ended: `{kind?, title?, subtitle?}`; null while it goes on.
   *
   * @param {{state: string}} situation
   * @returns {Json|null}
   */
  ending(situation) {
    const ending = member(this.state(situation), "ending");
    return isObject(ending) ? ending : null;
  }

  /**
   * The cutscene of a move; empty when the world has none of that name.
   *
   * @param {string} id
   * @returns {Json}
   */
  cutscene(id) {
    return this.#cutscenes.get(id) ?? {};
  }

  /**
   * What leaves from here and is not used up, in the author's order; locked ones too.
   *
   * @param {Situation} situation
   * @returns {Move[]}
   */
  moves(situation) {
    if (this.ending(situation) !== null) return [];
    const exits = this.#exits.get(situation.state) ?? [];
    return exits
      .map((event) => this.#move(event, situation))
      .filter((move) => !situation.used.has(move.name));
  }

  /**
   * The situation after an event. Throws when that is not possible in this one.
   *
   * @param {Situation} situation
   * @param {string} name
   * @returns {Situation}
   */
  step(situation, name) {
    const move = this.moves(situation).find((candidate) => candidate.name === name);
    if (move === undefined) throw new RangeError(`${name} is no event that can be played here`);
    if (!isPossible(move)) throw new RangeError(`${name} is locked: it needs ${move.missing.join(", ")}`);
    const granted = strings(move.event, "grants").filter((flag) => !situation.flags.has(flag));
    const { flags, used } = situation;
    return Object.freeze({
      state: move.to,
      flags: granted.length === 0 ? flags : new Set([...flags, ...granted]),
      used: member(move.event, "oneShot") === true ? new Set([...used, name]) : used,
    });
  }

  /**
   * @param {Json} event
   * @param {Situation} situation
   * @returns {Move}
   */
  #move(event, situation) {
    const landing = leadsOn(event) ? this.#landing(event) : null;
    return Object.freeze({
      name: text(event, "name") ?? "",
      event,
      to: landing ?? situation.state,
      cutscene: this.#shown(event),
      missing: Object.freeze(this.#needs(event).filter((flag) => !situation.flags.has(flag))),
    });
  }

  /**
   * The id of the cutscene that a transition leads to; null when it leads to a state, or stays.
   *
   * @param {Json} event
   */
  #shown(event) {
    const to = leadsOn(event) ? text(event, "to") : null;
    return to !== null && !this.hasState(to) && this.#cutscenes.has(to) ? to : null;
  }

  /**
   * The state that a transition leads to, through its cutscene if it has one; null: nowhere.
   *
   * @param {Json} event
   */
  #landing(event) {
    const shown = this.#shown(event);
    const to = text(shown === null ? event : this.cutscene(shown), "to");
    return to !== null && this.hasState(to) ? to : null;
  }

  /**
   * The flags that it needs, and those that its cutscene does, each once, as the author wrote them.
   *
   * @param {Json} event
   */
  #needs(event) {
    const shown = this.#shown(event);
    const needed = strings(event, "requires");
    if (shown !== null) needed.push(...strings(this.cutscene(shown), "requires"));
    return [...new Set(needed)];
  }
}

/**
 * Whether an event is one that leads on; every other stays where it is.
 *
 * @param {Json} event
 */
function leadsOn(event) {
  return text(event, "kind") === "transition";
}
