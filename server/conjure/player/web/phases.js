// @ts-check
/**
 * How an event passes: in its phases, each for as long as it takes.
 */
import { LEAST_MS, millis, MOST_WAIT_MS, readingMs } from "./time.js";
import { children, text } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Move} Move
 *
 * @typedef {Object} Phase
 * @property {string} text
 * @property {number} ms how long it takes
 */

/** An event that is being played. Its times are those of PlayTime. */
export class Run {
  /** Which phase, from 0 on. */
  at = 0;
  #phaseBeganAt;

  /**
   * @param {Move} move
   * @param {number} now
   * @param {boolean} isByItself whether nobody chose it: then it is shown for a moment in any case
   */
  constructor(move, now, isByItself) {
    this.move = move;
    /** @type {readonly Phase[]} */
    this.phases = phasesOf(move.event, isByItself ? LEAST_MS : 0);
    /** From when on it can be skipped, and can be over. */
    this.freeAt = now + (millis(move.event, "minPlayMs", MOST_WAIT_MS) ?? 0);
    this.#phaseBeganAt = now;
  }

  get text() {
    return this.phases[this.at]?.text ?? "";
  }

  /** When the phase ends; the last one not before the event may be over. */
  get endsAt() {
    const ends = this.#phaseBeganAt + (this.phases[this.at]?.ms ?? 0);
    return this.#isLast ? Math.max(ends, this.freeAt) : ends;
  }

  /**
   * Goes on to the next phase. False when there is none: the event is over.
   *
   * @param {number} now
   */
  goOn(now) {
    if (this.#isLast) return false;
    this.at += 1;
    this.#phaseBeganAt = now;
    return true;
  }

  get #isLast() {
    return this.at >= this.phases.length - 1;
  }
}

/**
 * The phases of an event; one without any has one, of its own text.
 *
 * A phase takes at least its `minMs`, and what its text takes to read. A text that stays is read once.
 *
 * @param {Json} event
 * @param {number} least the least that it takes when there is nothing to read
 * @returns {Phase[]}
 */
function phasesOf(event, least) {
  const narration = text(event, "narration");
  const steps = children(event, "phases");
  if (steps.length === 0) {
    const words = narration ?? proseOf(event);
    return [{ text: words, ms: words === "" ? least : readingMs(words) }];
  }
  let before = "";
  return steps.map((step) => {
    const words = text(step, "narration") ?? narration ?? (proseOf(step) || proseOf(event));
    const reading = words === before ? LEAST_MS : readingMs(words);
    before = words;
    return { text: words, ms: Math.max(millis(step, "minMs", MOST_WAIT_MS) ?? 0, reading) };
  });
}

/**
 * What its prose says, for want of a narration.
 *
 * @param {Json} part
 */
function proseOf(part) {
  return text(part, "base") || text(part, "detail") || "";
}
