// @ts-check
/**
 * The time of play, which stands still while play is paused; and how long things take.
 *
 * @typedef {import("./types.js").Clock} Clock
 */
import { amount } from "./values.js";

/** The least that something with a text is shown. */
export const LEAST_MS = 1_200;

/** The most that a text is given to be read. */
const MOST_READING_MS = 8_000;

const READING_MS_PER_CHARACTER = 60;

/** The most that one time of a world may make a player wait. */
export const MOST_WAIT_MS = 600_000;

/** The most that one time of a world can be: what a browser's timers can still count. */
export const MOST_MS = 86_400_000;

/**
 * How long a text takes to read.
 *
 * @param {string} text
 */
export function readingMs(text) {
  return Math.min(MOST_READING_MS, Math.max(LEAST_MS, text.length * READING_MS_PER_CHARACTER));
}

/**
 * A member that is a time, in whole milliseconds; null when there is none.
 *
 * @param {import("./types.js").Json} node
 * @param {string} key
 * @param {number} most
 */
export function millis(node, key, most) {
  const ms = amount(node, key, most);
  return ms === null ? null : Math.round(ms);
}

/** Counts the milliseconds that have been played, whole ones, and wakes its owner at one of them. */
export class PlayTime {
  #clock;
  #onDue;
  /** Played until `#since`. */
  #played = 0;
  /** The clock's time from which on it counts; null while it stands still. @type {number|null} */
  #since;
  /** @type {number|null} */
  #dueAt = null;
  /** @type {unknown} */
  #timer = null;

  /**
   * @param {Clock} clock
   * @param {() => void} onDue is called when the time of `wakeAt` has come
   */
  constructor(clock, onDue) {
    this.#clock = clock;
    this.#onDue = onDue;
    this.#since = clock.now();
  }

  /** Milliseconds played. */
  now() {
    if (this.#since === null) return this.#played;
    // A clock that was set back has counted nothing.
    return this.#played + Math.max(0, Math.floor(this.#clock.now() - this.#since));
  }

  /**
   * The same moment as the clock has it, if nothing is paused until then.
   *
   * @param {number} at
   */
  onClock(at) {
    return this.#clock.now() + at - this.now();
  }

  /**
   * Wakes at this time, and no longer at an earlier one; null: not at all.
   *
   * @param {number|null} at
   */
  wakeAt(at) {
    this.#dueAt = at;
    this.#arm();
  }

  pause() {
    this.#played = this.now();
    this.#since = null;
    this.#arm();
  }

  resume() {
    if (this.#since === null) this.#since = this.#clock.now();
    this.#arm();
  }

  #arm() {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
    if (this.#dueAt === null || this.#since === null) return;
    const wait = Math.min(MOST_MS, Math.max(0, this.#dueAt - this.now()));
    this.#timer = this.#clock.after(() => this.#wake(), Math.ceil(wait));
  }

  #wake() {
    this.#timer = null;
    if (this.#dueAt === null || this.#since === null) return;
    // Timers may come early.
    if (this.now() < this.#dueAt) return this.#arm();
    this.#dueAt = null;
    this.#onDue();
  }
}
