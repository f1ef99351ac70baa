// @ts-check
/**
 * Play in time: what a player is shown at each moment, and what comes of what is done (CONTRACT 10, "How it plays").
 *
 * It knows nothing of pages. It is told what the player does, it has a clock, and it tells two things: a new View at
 * every change, and what has happened, for the page around the player.
 */
import { Course } from "./course.js";
import { moveOfKey } from "./offers.js";
import { Game } from "./rules.js";
import { Tales } from "./tales.js";
import { PlayTime } from "./time.js";
import { Looks } from "./views.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Clock} Clock
 * @typedef {import("./types.js").View} View
 * @typedef {import("./types.js").Line} Line
 * @typedef {import("./types.js").PlayEvent} PlayEvent
 *
 * @typedef {Object} Listeners
 * @property {(view: View) => void} onView is called with what is to be shown, at every change
 * @property {(event: PlayEvent) => void} onEvent is called with what has happened, in order, before it is shown
 */

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

/** What cannot be done now does nothing. The methods answer whether it was done. */
export class Director {
  #listeners;
  #time;
  #course;
  #looks;
  #hasBegun = false;
  #isDestroyed = false;
  /** @type {View} */
  #view;
  /** What the listeners have not been told yet. @type {(PlayEvent|View)[]} */
  #news = [];
  #isTelling = false;

  /**
   * @param {unknown} world
   * @param {Clock} clock
   * @param {Listeners} listeners
   */
  constructor(world, clock, listeners) {
    this.#listeners = listeners;
    const game = new Game(world);
    const tales = new Tales(game.world, (id) => game.hasState(id));
    this.#time = new PlayTime(clock, () => this.#act(() => this.#course.pass()));
    this.#course = new Course(game, tales, this.#time, (event) => this.#news.push(event));
    this.#looks = new Looks(game, tales, this.#time);
    this.#view = this.#looks.view(this.#course);
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
      return this.#view.clip !== null || this.#course.enterAnew();
    });
  }

  /**
   * Plays an event that is offered.
   *
   * @param {string} name
   */
  choose(name) {
    return this.#do(() => {
      const isOffered = this.#view.choices.some((choice) => choice.name === name);
      return isOffered && this.#course.start(this.#move(name), "player");
    });
  }

  /**
   * Plays the event of a key, also a hidden one.
   *
   * @param {string} key as KeyboardEvent.key has it
   */
  press(key) {
    return this.#do(() => this.#course.start(moveOfKey(this.#course.moves, key), "player"));
  }

  /**
   * Plays an event because the page around the player says so, also a hidden one; not while anything else goes on.
   *
   * @param {unknown} name
   */
  worldEvent(name) {
    return this.#do(() => this.#course.start(this.#move(name), "page"));
  }

  /** Ends what the player need not see to its end: a phase of an event, a video, a whole sequence. */
  skip() {
    return this.#do(() => this.#course.skip());
  }

  /** The video is over, or cannot be shown; or the player goes on to the next stop of a sequence. */
  goOn() {
    return this.#do(() => this.#course.goOn());
  }

  /** Begins anew, in the entrance. */
  restart() {
    return this.#do(() => this.#course.enterAnew());
  }

  /** From an ending, or where nothing can be done, back to where play was before the transition that led there. */
  back() {
    return this.#do(() => this.#course.back());
  }

  /**
   * Watches a sequence that is offered here.
   *
   * @param {string} id
   */
  watch(id) {
    return this.#do(() => this.#course.watch(id));
  }

  /** The player leaves the terminal: its event is over. */
  closeTerminal() {
    return this.#do(() => this.#course.closeTerminal());
  }

  /**
   * Something was said at the terminal that is open.
   *
   * @param {Line} line
   */
  addLine(line) {
    return this.#do(() => this.#course.addLine(line));
  }

  /**
   * Puts play into a state without an event: a character into a stance.
   *
   * @param {string} state
   */
  show(state) {
    return this.#do(() => this.#course.show(state));
  }

  /** Time stands still: the page is hidden, say. What is done meanwhile is done. */
  pause() {
    this.#time.pause();
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
    return this.#course.isUnderWay ? this.#course.save() : null;
  }

  /**
   * Goes on where a play was saved, instead of beginning. False when it is no play of this world: then nothing was
   * done, and `begin` begins.
   *
   * @param {unknown} json
   */
  restore(json) {
    return this.#act(() => {
      if (this.#hasBegun || !this.#course.restore(json)) return false;
      this.#hasBegun = true;
      return true;
    });
  }

  /** Ends all of it: no timer is left, and nobody is told anything any more. */
  destroy() {
    this.#isDestroyed = true;
    this.#time.wakeAt(null);
    this.#news = [];
  }

  /**
   * The move of an event that leaves from here.
   *
   * @param {unknown} name
   */
  #move(name) {
    return this.#course.moves.find((move) => move.name === name);
  }

  /**
   * Does something that can be done once play has begun.
   *
   * @param {() => boolean} change
   */
  #do(change) {
    return this.#hasBegun && this.#act(change);
  }

  /**
   * Does something, and tells what came of it.
   *
   * @param {() => boolean} change
   */
  #act(change) {
    if (this.#isDestroyed || !change()) return false;
    this.#time.wakeAt(this.#course.nextTime);
    this.#view = this.#looks.view(this.#course);
    this.#news.push(this.#view);
    this.#tell();
    return true;
  }

  /** Tells the listeners. They may act meanwhile: what comes of that is told in its turn. */
  #tell() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let news = this.#news.shift(); news !== undefined; news = this.#news.shift()) {
        if ("type" in news) this.#listeners.onEvent(news);
        else this.#listeners.onView(news);
      }
    } finally {
      this.#isTelling = false;
    }
  }
}
