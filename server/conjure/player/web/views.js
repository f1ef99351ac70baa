// @ts-check
/**
 * What a player is shown of a moment of play.
 */
import { missionsOf } from "./missions.js";
import { choicesOf, offered } from "./offers.js";
import { isPossible } from "./rules.js";
import { child, children, strings, text } from "./values.js";

/**
 * @typedef {import("./types.js").Device} Device
 * @typedef {import("./types.js").Happening} Happening
 * @typedef {import("./types.js").Line} Line
 * @typedef {import("./types.js").Mission} Mission
 * @typedef {import("./types.js").Move} Move
 * @typedef {import("./types.js").Stop} Stop
 * @typedef {import("./types.js").View} View
 * @typedef {import("./course.js").Course} Course
 * @typedef {import("./phases.js").Run} Run
 * @typedef {import("./rules.js").Game} Game
 * @typedef {import("./tales.js").Tales} Tales
 * @typedef {import("./tales.js").Walk} Walk
 * @typedef {import("./time.js").PlayTime} PlayTime
 */

/** States that are named for their pictures' sake. */
const MOST_NEXT = 8;

/** Flags that a terminal can be told of in one question. */
const MOST_FLAGS = 1_000;

/** Makes the views of one play. */
export class Looks {
  #game;
  #tales;
  #time;
  #isCharacter;
  /** The missions are looked at again when flags come. */
  #missions = { flags: /** @type {ReadonlySet<string>|null} */ (null), list: /** @type {readonly Mission[]} */ ([]) };

  /**
   * @param {Game} game
   * @param {Tales} tales
   * @param {PlayTime} time
   */
  constructor(game, tales, time) {
    this.#game = game;
    this.#tales = tales;
    this.#time = time;
    this.#isCharacter = text(game.world, "kind") === "character";
  }

  /**
   * @param {Course} course
   * @returns {View}
   */
  view(course) {
    const { moment, moves, situation, soon } = course;
    const isPlaying = moment.mode === "playing";
    const offers = offered(moves, this.#isCharacter, soon !== null);
    const auto = soon === null ? null : { move: soon.move, at: this.#time.onClock(soon.at) };
    return Object.freeze({
      mode: moment.mode,
      scene: course.scene,
      choices: choicesOf(offers, moves, auto),
      happening: moment.mode === "event" ? this.#happening(moment.run) : null,
      clip: "clip" in moment ? moment.clip : null,
      stop: moment.mode === "sequence" ? this.#stop(moment) : null,
      device: moment.mode === "terminal" ? deviceOf(moment.move, moment.lines, situation.flags) : null,
      ending: moment.mode === "ending" ? moment.ending : null,
      missions: this.#missionsFor(situation.flags),
      tales: isPlaying ? this.#tales.at(situation.state) : Object.freeze([]),
      next: nextOf(course),
      isStuck: course.isStuck,
      canGoBack: course.canGoBack,
    });
  }

  /**
   * @param {Run} run
   * @returns {Happening}
   */
  #happening(run) {
    return Object.freeze({
      name: run.move.name,
      text: run.text,
      phase: run.at,
      phases: run.phases.length,
      endsAt: this.#time.onClock(run.endsAt),
      canSkip: run.freeAt <= this.#time.now(),
    });
  }

  /**
   * @param {{walk: Walk, at: number, endsAt: number|null}} moment
   * @returns {Stop}
   */
  #stop({ walk, at, endsAt }) {
    return Object.freeze({
      id: walk.id,
      title: walk.title,
      at,
      stops: walk.stops.length,
      endsAt: endsAt === null ? null : this.#time.onClock(endsAt),
    });
  }

  /** @param {ReadonlySet<string>} flags */
  #missionsFor(flags) {
    if (this.#missions.flags !== flags) this.#missions = { flags, list: missionsOf(this.#game.world, flags) };
    return this.#missions.list;
  }
}

/**
 * @param {Move} move
 * @param {readonly Line[]} lines
 * @param {ReadonlySet<string>} flags
 * @returns {Device}
 */
function deviceOf(move, lines, flags) {
  const terminal = child(move.event, "terminal");
  const asked = new Set(children(terminal, "facts").flatMap((fact) => strings(fact, "requires")));
  return Object.freeze({
    name: move.name,
    greeting: text(terminal, "greeting") ?? text(move.event, "narration"),
    lines,
    flags: Object.freeze([...asked].filter((flag) => flags.has(flag)).slice(0, MOST_FLAGS)),
  });
}

/**
 * The states that play may come to next: where it is on its way to, or where it can go from here.
 *
 * @param {Course} course
 */
function nextOf({ moment, moves, situation }) {
  const onTheWay = moment.mode === "event" ? moment.run.move : moment.mode === "cutscene" ? moment.move : null;
  const states = new Set((onTheWay === null ? moves.filter(isPossible) : [onTheWay]).map((move) => move.to));
  states.delete(situation.state);
  return Object.freeze([...states].slice(0, MOST_NEXT));
}
