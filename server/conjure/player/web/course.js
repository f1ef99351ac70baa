// @ts-check
/**
 * The course of one play: what goes on at each moment, and what comes after it.
 *
 * The director tells it what is done and when a time has come. A method that answers false has changed nothing.
 */
import { clipOf, introOf, outroOf } from "./films.js";
import { kindOf, nextByItself } from "./offers.js";
import { Run } from "./phases.js";
import { isPossible } from "./rules.js";
import { newPlay, restored, saved } from "./saves.js";
import { sceneOf } from "./scenes.js";
import { dwellMs } from "./tales.js";
import { member, text } from "./values.js";

/**
 * @typedef {import("./types.js").Clip} Clip
 * @typedef {import("./types.js").Ending} Ending
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Line} Line
 * @typedef {import("./types.js").Move} Move
 * @typedef {import("./types.js").PlayEvent} PlayEvent
 * @typedef {import("./types.js").Scene} Scene
 * @typedef {import("./types.js").Situation} Situation
 * @typedef {import("./rules.js").Game} Game
 * @typedef {import("./saves.js").Play} Play
 * @typedef {import("./tales.js").Tales} Tales
 * @typedef {import("./tales.js").Walk} Walk
 * @typedef {import("./time.js").PlayTime} PlayTime
 *
 * What goes on: a View's mode, with what belongs to it. Its times are those of PlayTime.
 * @typedef {{mode: "intro", clip: Clip|null}
 *   | {mode: "playing", since: number}
 *   | {mode: "event", run: Run}
 *   | {mode: "cutscene", clip: Clip, move: Move}
 *   | {mode: "sequence", walk: Walk, at: number, endsAt: number|null}
 *   | {mode: "terminal", move: Move, lines: readonly Line[]}
 *   | {mode: "outro", clip: Clip}
 *   | {mode: "ending", ending: Ending}} Moment
 */

/** Lines of a talk with a terminal that are kept. */
const MOST_LINES = 200;

export class Course {
  #game;
  #tales;
  #time;
  #onEvent;
  /** @type {Play} */
  #play;
  /** The moves of a situation are found once. */
  #known = { situation: /** @type {Situation|null} */ (null), moves: /** @type {readonly Move[]} */ ([]) };

  /**
   * @param {Game} game
   * @param {Tales} tales
   * @param {PlayTime} time
   * @param {(event: PlayEvent) => void} onEvent
   */
  constructor(game, tales, time, onEvent) {
    this.#game = game;
    this.#tales = tales;
    this.#time = time;
    this.#onEvent = onEvent;
    this.#play = newPlay(game);
    /** @type {Moment} */
    this.moment = { mode: "intro", clip: introOf(game.world) };
  }

  // How it stands.

  /** @returns {Situation} */
  get situation() {
    return this.#play.situation;
  }

  /** Whether play is in a state of the world: there is something to save. */
  get isUnderWay() {
    return this.#play.visits.has(this.situation.state);
  }

  get canGoBack() {
    return (this.moment.mode === "ending" || this.isStuck) && this.#play.before !== null;
  }

  /** Whether nothing can be done here any more, though it is no ending. With a character one can always talk. */
  get isStuck() {
    return this.moment.mode === "playing" && text(this.#game.world, "kind") !== "character" && !this.moves.some(isPossible);
  }

  /** Where the player is: in a sequence, at its stop. @returns {Scene} */
  get scene() {
    const stop = this.moment.mode === "sequence" ? this.moment.walk.stops[this.moment.at] : undefined;
    const { state } = stop ?? this.situation;
    return sceneOf(this.#game.state({ state }), state, this.#play.visits.get(state) ?? 1);
  }

  /** The moves of the present situation, and none while something else goes on. */
  get moves() {
    if (this.moment.mode !== "playing") return [];
    if (this.#known.situation !== this.situation) {
      this.#known = { situation: this.situation, moves: this.#game.moves(this.situation) };
    }
    return this.#known.moves;
  }

  /** What happens by itself next, and when. */
  get soon() {
    const soon = nextByItself(this.moves, this.#play.byItself);
    return soon === null ? null : { move: soon.move, at: this.#time.now() + Math.max(0, soon.afterMs - this.#stayMs()) };
  }

  /** When something changes by itself; null: it does not. */
  get nextTime() {
    if (this.moment.mode === "playing") return this.soon?.at ?? null;
    if (this.moment.mode === "sequence") return this.moment.endsAt;
    if (this.moment.mode !== "event") return null;
    const { freeAt, endsAt } = this.moment.run;
    return freeAt > this.#time.now() ? Math.min(freeAt, endsAt) : endsAt;
  }

  /** @returns {Json} */
  save() {
    return saved({ ...this.#play, stayMs: this.#stayMs() });
  }

  // What is done.

  /**
   * @param {unknown} json
   */
  restore(json) {
    const play = restored(this.#game, json);
    if (play === null) return false;
    this.#play = play;
    return this.#goOnHere();
  }

  /** From the intro, or from wherever play is, into the entrance. */
  enterAnew() {
    this.#play = newPlay(this.#game);
    return this.#enter();
  }

  back() {
    const { before } = this.#play;
    if (!this.canGoBack || before === null) return false;
    const isOutroSeen = this.#play.isOutroSeen && outroOf(this.#game.world, before, false) !== null;
    this.#play = { ...this.#play, situation: before, before: null, isOutroSeen, isOver: false };
    return this.#enter();
  }

  /**
   * @param {string} state
   */
  show(state) {
    if (this.moment.mode !== "playing" || !this.#game.hasState(state)) return false;
    if (state === this.situation.state) return true;
    this.#play.situation = Object.freeze({ ...this.situation, state });
    return this.#enter();
  }

  /**
   * Begins an event.
   *
   * @param {Move|undefined} move one of `moves`
   * @param {"player"|"time"|"page"} by
   */
  start(move, by) {
    if (move === undefined || !isPossible(move)) return false;
    this.#play.stayMs = this.#stayMs();
    if (by === "time") this.#play.byItself.add(move.name);
    this.#onEvent({ type: "choice", event: move.name, by });
    if (kindOf(move) === "terminal") {
      this.moment = { mode: "terminal", move, lines: Object.freeze([]) };
      return true;
    }
    const run = new Run(move, this.#time.now(), by === "time");
    this.moment = { mode: "event", run };
    return run.endsAt > this.#time.now() || this.#passPhase(run);
  }

  /** A time has come. */
  pass() {
    const { moment } = this;
    if (moment.mode === "playing") {
      const { soon } = this;
      return soon !== null && soon.at <= this.#time.now() && this.start(soon.move, "time");
    }
    // Before its end the time has come that it can be skipped.
    if (moment.mode === "event") return moment.run.endsAt > this.#time.now() || this.#passPhase(moment.run);
    return moment.mode === "sequence" && this.#passStop(moment.walk, moment.at);
  }

  skip() {
    const { moment } = this;
    if (moment.mode === "event") return moment.run.freeAt <= this.#time.now() && this.#passPhase(moment.run);
    if (moment.mode === "sequence") return this.#continue();
    return this.#endClip();
  }

  goOn() {
    const { moment } = this;
    return moment.mode === "sequence" ? this.#passStop(moment.walk, moment.at) : this.#endClip();
  }

  /**
   * @param {string} id
   */
  watch(id) {
    const walk = this.moment.mode === "playing" ? this.#tales.walk(this.situation.state, id) : null;
    return walk !== null && this.#stopAt(walk, 0);
  }

  closeTerminal() {
    return this.moment.mode === "terminal" && this.#land(this.moment.move);
  }

  /**
   * @param {Line} line
   */
  addLine(line) {
    const { moment } = this;
    if (moment.mode !== "terminal") return false;
    const lines = [...moment.lines, Object.freeze({ role: line.role, text: line.text })].slice(-MOST_LINES);
    this.moment = { ...moment, lines: Object.freeze(lines) };
    return true;
  }

  // What comes of it. Each of these answers true: it was done.

  /** @param {Run} run */
  #passPhase(run) {
    if (run.goOn(this.#time.now())) return true;
    const { move } = run;
    const clip = move.cutscene === null ? null : clipOf(this.#game.cutscene(move.cutscene));
    if (clip === null) return this.#land(move);
    this.moment = { mode: "cutscene", clip, move };
    return true;
  }

  /** The event is over. @param {Move} move */
  #land(move) {
    const before = this.situation;
    this.#play.situation = this.#game.step(before, move.name);
    if (kindOf(move) !== "transition") return this.#goOnHere();
    this.#play.before = this.#game.hasState(before.state) ? before : null;
    return this.#enter();
  }

  /** The state is entered. */
  #enter() {
    const { state } = this.situation;
    // An entrance may lead nowhere.
    if (this.#game.hasState(state)) this.#play.visits.set(state, (this.#play.visits.get(state) ?? 0) + 1);
    this.#play.stayMs = 0;
    this.#play.byItself = new Set();
    this.#onEvent({ type: "state-entered", state });
    return this.#goOnHere();
  }

  /** Goes on in the state: with the outro, the ending, or the player. */
  #goOnHere() {
    const ending = this.#game.ending(this.situation);
    const outro = this.#play.isOutroSeen ? null : outroOf(this.#game.world, this.situation, ending !== null);
    if (outro !== null) {
      this.moment = { mode: "outro", clip: outro };
      return true;
    }
    return ending === null ? this.#continue() : this.#end(ending);
  }

  /** @param {Json} ending */
  #end(ending) {
    const kind = member(ending, "kind");
    const told = Object.freeze({
      kind: kind === "win" || kind === "lose" ? kind : null,
      title: text(ending, "title") ?? "",
      subtitle: text(ending, "subtitle") ?? "",
    });
    this.moment = { mode: "ending", ending: told };
    if (!this.#play.isOver) this.#onEvent({ type: "ending", kind: told.kind, title: told.title });
    this.#play.isOver = true;
    return true;
  }

  #continue() {
    this.moment = { mode: "playing", since: this.#time.now() };
    return true;
  }

  #endClip() {
    const { moment } = this;
    if (moment.mode === "intro") return this.#enter();
    if (moment.mode === "cutscene") return this.#land(moment.move);
    if (moment.mode !== "outro") return false;
    this.#play.isOutroSeen = true;
    return this.#goOnHere();
  }

  /**
   * @param {Walk} walk
   * @param {number} at
   */
  #stopAt(walk, at) {
    this.#play.stayMs = this.#stayMs();
    this.moment = { mode: "sequence", walk, at, endsAt: null };
    const ms = dwellMs(walk.stops[at]?.dwell, this.scene.text);
    if (ms !== null) this.moment.endsAt = this.#time.now() + ms;
    return true;
  }

  /**
   * @param {Walk} walk
   * @param {number} at
   */
  #passStop(walk, at) {
    return at + 1 < walk.stops.length ? this.#stopAt(walk, at + 1) : this.#continue();
  }

  /** How long the player could choose since the state was entered. */
  #stayMs() {
    const { stayMs } = this.#play;
    return this.moment.mode === "playing" ? stayMs + this.#time.now() - this.moment.since : stayMs;
  }
}
