// @ts-check
/**
 * Play in time: what a player is shown at each moment, and what comes of what is done (CONTRACT 10, "How it plays").
 *
 * It knows nothing of pages. It is told what the player does, it has a clock, and it tells two things: a new View at
 * every change, and what has happened, for the page around the player.
 */
import { clipOf, introOf, outroOf } from "./films.js";
import { missionsOf } from "./missions.js";
import { choicesOf, kindOf, moveOfKey, nextByItself, offered } from "./offers.js";
import { Run } from "./phases.js";
import { Game, isPossible } from "./rules.js";
import { restored, saved } from "./saves.js";
import { sceneOf } from "./scenes.js";
import { dwellMs, Tales } from "./tales.js";
import { PlayTime } from "./time.js";
import { child, member, text } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Clock} Clock
 * @typedef {import("./types.js").View} View
 * @typedef {import("./types.js").Clip} Clip
 * @typedef {import("./types.js").Ending} Ending
 * @typedef {import("./types.js").Line} Line
 * @typedef {import("./types.js").Move} Move
 * @typedef {import("./types.js").Scene} Scene
 * @typedef {import("./types.js").PlayEvent} PlayEvent
 * @typedef {import("./saves.js").Play} Play
 * @typedef {import("./tales.js").Walk} Walk
 *
 * @typedef {Object} Listeners
 * @property {(view: View) => void} onView is called with what is to be shown, at every change
 * @property {(event: PlayEvent) => void} onEvent is called with what has happened, in order, before it is shown
 *
 * What goes on: a View's mode, with what belongs to it.
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

/** States that are named for their pictures' sake. */
const MOST_NEXT = 8;

/**
 * The director of one play. Nothing happens before `begin` or `restore`.
 *
 * @param {unknown} world as connect answers it; any JSON
 * @param {Clock} clock
 * @param {Listeners} listeners they may call the director
 * @returns {Director}
 */
export function createDirector(world, clock, listeners) {
  return new Director(world, clock, listeners);
}

/**
 * What is asked for and cannot be done now does nothing; where a method answers, it answers whether it was done.
 */
export class Director {
  #listeners;
  #game;
  #tales;
  #time;
  #isCharacter;
  #isDestroyed = false;
  #hasBegun = false;
  /** @type {Play} */
  #play;
  /** @type {Moment} */
  #moment;
  /** @type {View} */
  #view;
  /** What the listeners have not been told yet. @type {(PlayEvent|View)[]} */
  #outbox = [];
  #isTelling = false;
  /** The missions are looked at again when flags come. */
  #missions = { flags: /** @type {ReadonlySet<string>|null} */ (null), list: /** @type {View["missions"]} */ ([]) };

  /**
   * @param {unknown} world
   * @param {Clock} clock
   * @param {Listeners} listeners
   */
  constructor(world, clock, listeners) {
    this.#listeners = listeners;
    this.#game = new Game(world);
    this.#tales = new Tales(this.#game.world, (id) => this.#game.hasState(id));
    this.#isCharacter = text(this.#game.world, "kind") === "character";
    this.#time = new PlayTime(clock, () => this.#act(() => this.#due()));
    this.#play = this.#newPlay();
    this.#moment = { mode: "intro", clip: introOf(this.#game.world) };
    this.#view = this.#look();
  }

  /** What is to be shown now; before the beginning, what it will begin with. */
  get view() {
    return this.#view;
  }

  /** Begins: with the intro, if there is one, else in the entrance. Once. */
  begin() {
    return this.#act(() => {
      if (this.#hasBegun) return false;
      this.#hasBegun = true;
      if (this.#moment.mode === "intro" && this.#moment.clip === null) this.#enter();
      return true;
    });
  }

  /**
   * Plays an event that is offered.
   *
   * @param {string} name
   */
  choose(name) {
    return this.#act(() => {
      const isOffered = this.#view.choices.some((choice) => choice.name === name && !choice.isLocked);
      return isOffered && this.#playNamed(name, "player");
    });
  }

  /**
   * Plays the event of a key, also a hidden one.
   *
   * @param {string} key as KeyboardEvent.key has it
   */
  press(key) {
    return this.#act(() => {
      if (this.#moment.mode !== "playing") return false;
      const move = moveOfKey(this.#game.moves(this.#play.situation), key);
      return move !== undefined && this.#start(move, "player");
    });
  }

  /**
   * Plays an event because the page around the player says so, also a hidden one; not while anything else goes on.
   *
   * @param {unknown} name
   */
  worldEvent(name) {
    return this.#act(() => typeof name === "string" && this.#playNamed(name, "page"));
  }

  /** Ends what the player need not see to its end: a phase of an event, a video, a whole sequence. */
  skip() {
    return this.#act(() => {
      const moment = this.#moment;
      if (moment.mode === "event") return moment.run.freeAt <= this.#time.now() && this.#passPhase(moment.run);
      if (moment.mode === "sequence") return this.#resumePlaying();
      return this.#endClip();
    });
  }

  /** The video is over, or cannot be shown; or the player goes on to the next stop of a sequence. */
  goOn() {
    return this.#act(() => (this.#moment.mode === "sequence" ? this.#passStop(this.#moment) : this.#endClip()));
  }

  /** Begins anew, in the entrance. */
  restart() {
    return this.#act(() => {
      if (!this.#hasBegun) return false;
      this.#play = this.#newPlay();
      return this.#enter();
    });
  }

  /** From an ending back to where play was before the transition that led there. */
  back() {
    return this.#act(() => {
      const { before } = this.#play;
      if (this.#moment.mode !== "ending" || before === null) return false;
      this.#play = { ...this.#play, situation: before, before: null, isOver: false };
      return this.#enter();
    });
  }

  /**
   * Watches a sequence that is offered here.
   *
   * @param {string} id
   */
  watch(id) {
    return this.#act(() => {
      const walk = this.#moment.mode === "playing" ? this.#tales.walk(this.#play.situation.state, id) : null;
      return walk !== null && this.#stopAt(walk, 0);
    });
  }

  /** The player leaves the terminal: its event is over. */
  closeTerminal() {
    return this.#act(() => this.#moment.mode === "terminal" && this.#land(this.#moment.move));
  }

  /**
   * Something was said at the terminal that is open.
   *
   * @param {Line} line
   */
  addLine(line) {
    return this.#act(() => {
      const moment = this.#moment;
      if (moment.mode !== "terminal") return false;
      const lines = [...moment.lines, Object.freeze({ role: line.role, text: line.text })].slice(-MOST_LINES);
      this.#moment = { ...moment, lines: Object.freeze(lines) };
      return true;
    });
  }

  /**
   * Puts play into a state without an event: a character's stance.
   *
   * @param {string} state
   */
  show(state) {
    return this.#act(() => {
      const { situation } = this.#play;
      if (this.#moment.mode !== "playing" || !this.#game.hasState(state)) return false;
      if (state === situation.state) return true;
      this.#play.situation = Object.freeze({ ...situation, state });
      return this.#enter();
    });
  }

  /** Time stands still: the page is hidden, say. */
  pause() {
    if (!this.#isDestroyed) this.#time.pause();
  }

  /** Time goes on. */
  resume() {
    this.#act(() => {
      this.#time.resume();
      return true;
    });
  }

  /**
   * Where play stands, for `restore`; null before the entrance. What is under way is not in it: an event counts when
   * it is over.
   *
   * @returns {Json|null}
   */
  save() {
    if (!this.#play.visits.size) return null;
    return saved({ ...this.#play, stayMs: this.#stayMs() });
  }

  /**
   * Goes on where a play was saved, instead of beginning. False when it is no play of this world: then nothing was
   * done, and `begin` begins.
   *
   * @param {unknown} json
   */
  restore(json) {
    return this.#act(() => {
      const play = this.#hasBegun ? null : restored(this.#game, json);
      if (play === null) return false;
      this.#hasBegun = true;
      this.#play = play;
      return this.#settle();
    });
  }

  /** Ends all of it: no timer is left, and nobody is told anything any more. */
  destroy() {
    this.#time.wakeAt(null);
    this.#isDestroyed = true;
    this.#outbox = [];
  }

  // What goes on. Each of these is a change, and answers true: it was done.

  /** @returns {Play} */
  #newPlay() {
    return {
      situation: this.#game.start,
      before: null,
      visits: new Map(),
      stayMs: 0,
      byItself: new Set(),
      isOutroSeen: false,
      isOver: false,
    };
  }

  /**
   * @param {string} name
   * @param {"player"|"page"} by
   */
  #playNamed(name, by) {
    if (this.#moment.mode !== "playing") return false;
    const move = this.#game.moves(this.#play.situation).find((candidate) => candidate.name === name);
    return move !== undefined && isPossible(move) && this.#start(move, by);
  }

  /**
   * @param {Move} move
   * @param {"player"|"time"|"page"} by
   */
  #start(move, by) {
    this.#play.stayMs = this.#stayMs();
    if (by === "time") this.#play.byItself.add(move.name);
    this.#outbox.push({ type: "choice", event: move.name, by });
    if (kindOf(move) === "terminal") {
      this.#moment = { mode: "terminal", move, lines: Object.freeze([]) };
      return true;
    }
    const run = new Run(move, this.#time.now(), by === "time");
    this.#moment = { mode: "event", run };
    return run.endsAt > this.#time.now() || this.#passPhase(run);
  }

  /** @param {Run} run */
  #passPhase(run) {
    if (run.goOn(this.#time.now())) return true;
    const { move } = run;
    const clip = move.cutscene === null ? null : clipOf(this.#game.cutscene(move.cutscene));
    if (clip === null) return this.#land(move);
    this.#moment = { mode: "cutscene", clip, move };
    return true;
  }

  /** @param {Move} move */
  #land(move) {
    const before = this.#play.situation;
    this.#play.situation = this.#game.step(before, move.name);
    if (kindOf(move) !== "transition") return this.#settle();
    this.#play.before = before;
    return this.#enter();
  }

  /** The state is entered. */
  #enter() {
    const { state } = this.#play.situation;
    this.#play.visits.set(state, (this.#play.visits.get(state) ?? 0) + 1);
    this.#play.stayMs = 0;
    this.#play.byItself = new Set();
    this.#outbox.push({ type: "state-entered", state });
    return this.#settle();
  }

  /** Goes on in the state: with the outro, the ending, or the player. */
  #settle() {
    const { situation } = this.#play;
    const ending = this.#game.ending(situation);
    const outro = this.#play.isOutroSeen ? null : outroOf(this.#game.world, situation, ending !== null);
    if (outro !== null) {
      this.#moment = { mode: "outro", clip: outro };
      return true;
    }
    if (ending === null) return this.#resumePlaying();
    const kind = member(ending, "kind");
    const told = Object.freeze({
      kind: kind === "win" || kind === "lose" ? kind : null,
      title: text(ending, "title") ?? "",
      subtitle: text(ending, "subtitle") ?? "",
    });
    this.#moment = { mode: "ending", ending: told };
    if (!this.#play.isOver) this.#outbox.push({ type: "ending", kind: told.kind, title: told.title });
    this.#play.isOver = true;
    return true;
  }

  #resumePlaying() {
    this.#moment = { mode: "playing", since: this.#time.now() };
    return true;
  }

  #endClip() {
    const moment = this.#moment;
    if (moment.mode === "cutscene") return this.#land(moment.move);
    if (moment.mode === "intro") return this.#hasBegun && this.#enter();
    if (moment.mode !== "outro") return false;
    this.#play.isOutroSeen = true;
    return this.#settle();
  }

  /**
   * @param {Walk} walk
   * @param {number} at
   */
  #stopAt(walk, at) {
    this.#play.stayMs = this.#stayMs();
    this.#moment = { mode: "sequence", walk, at, endsAt: null };
    const ms = dwellMs(walk.stops[at]?.dwell, this.#scene().text);
    if (ms !== null) this.#moment.endsAt = this.#time.now() + ms;
    return true;
  }

  /** @param {{walk: Walk, at: number}} moment */
  #passStop({ walk, at }) {
    return at + 1 < walk.stops.length ? this.#stopAt(walk, at + 1) : this.#resumePlaying();
  }

  /** A time has come. */
  #due() {
    const moment = this.#moment;
    const now = this.#time.now();
    if (moment.mode === "playing") {
      const soon = this.#soon(this.#game.moves(this.#play.situation));
      return soon !== null && soon.at <= now && this.#start(soon.move, "time");
    }
    // Else it can be skipped from now on.
    if (moment.mode === "event") return moment.run.endsAt > now || this.#passPhase(moment.run);
    return moment.mode === "sequence" && this.#passStop(moment);
  }

  // Telling.

  /**
   * Does something, and tells what came of it.
   *
   * @param {() => boolean} change
   */
  #act(change) {
    if (this.#isDestroyed || !change()) return false;
    this.#time.wakeAt(this.#nextTime());
    this.#view = this.#look();
    this.#outbox.push(this.#view);
    this.#tell();
    return true;
  }

  /** Tells the listeners, who may act meanwhile: they are told of that in its turn. */
  #tell() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let news = this.#outbox.shift(); news !== undefined; news = this.#outbox.shift()) {
        if ("type" in news) this.#listeners.onEvent(news);
        else this.#listeners.onView(news);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  /** How long the player could choose since the state was entered. */
  #stayMs() {
    const { stayMs } = this.#play;
    return this.#moment.mode === "playing" ? stayMs + this.#time.now() - this.#moment.since : stayMs;
  }

  /**
   * What happens next by itself, and when.
   *
   * @param {readonly Move[]} moves
   */
  #soon(moves) {
    const soon = nextByItself(moves, this.#play.byItself);
    return soon === null ? null : { move: soon.move, at: this.#time.now() + Math.max(0, soon.afterMs - this.#stayMs()) };
  }

  /** When something changes by itself. */
  #nextTime() {
    const moment = this.#moment;
    if (moment.mode === "playing") return this.#soon(this.#game.moves(this.#play.situation))?.at ?? null;
    if (moment.mode === "sequence") return moment.endsAt;
    if (moment.mode !== "event") return null;
    const { freeAt, endsAt } = moment.run;
    return freeAt > this.#time.now() ? Math.min(freeAt, endsAt) : endsAt;
  }

  /** @returns {Scene} */
  #scene() {
    const moment = this.#moment;
    const stop = moment.mode === "sequence" ? moment.walk.stops[moment.at] : undefined;
    const { state } = stop ?? this.#play.situation;
    return sceneOf(this.#game.state({ state }), state, Math.max(1, this.#play.visits.get(state) ?? 1));
  }

  /** @returns {View} */
  #look() {
    const moment = this.#moment;
    const { situation } = this.#play;
    const moves = moment.mode === "playing" ? this.#game.moves(situation) : [];
    const soon = this.#soon(moves);
    const offers = offered(moves, this.#isCharacter, soon !== null);
    return Object.freeze({
      mode: moment.mode,
      scene: this.#scene(),
      choices: choicesOf(offers, moves, soon === null ? null : { ...soon, at: this.#time.onClock(soon.at) }),
      happening: moment.mode === "event" ? this.#happening(moment.run) : null,
      clip: "clip" in moment ? moment.clip : null,
      stop: moment.mode === "sequence" ? this.#stop(moment) : null,
      device: moment.mode === "terminal" ? this.#device(moment) : null,
      ending: moment.mode === "ending" ? moment.ending : null,
      missions: this.#missionsNow(),
      tales: moment.mode === "playing" ? this.#tales.at(situation.state) : [],
      next: this.#next(moment.mode === "intro" ? [] : moves),
      canGoBack: moment.mode === "ending" && this.#play.before !== null,
    });
  }

  /** @param {Run} run */
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

  /** @param {{walk: Walk, at: number, endsAt: number|null}} moment */
  #stop({ walk, at, endsAt }) {
    return Object.freeze({
      id: walk.id,
      title: walk.title,
      at,
      stops: walk.stops.length,
      endsAt: endsAt === null ? null : this.#time.onClock(endsAt),
    });
  }

  /** @param {{move: Move, lines: readonly Line[]}} moment */
  #device({ move, lines }) {
    return Object.freeze({
      name: move.name,
      greeting: text(child(move.event, "terminal"), "greeting") ?? text(move.event, "narration"),
      lines,
      flags: Object.freeze([...this.#play.situation.flags]),
    });
  }

  #missionsNow() {
    const { flags } = this.#play.situation;
    if (this.#missions.flags !== flags) this.#missions = { flags, list: missionsOf(this.#game.world, flags) };
    return this.#missions.list;
  }

  /** @param {readonly Move[]} moves */
  #next(moves) {
    const states = new Set(moves.filter(isPossible).map((move) => move.to));
    states.delete(this.#play.situation.state);
    return Object.freeze([...states].slice(0, MOST_NEXT));
  }
}
