// @ts-check
/**
 * Tells the server the runtime's own id of a session (CONTRACT 6.3). It is for those who run the service: play does not
 * depend on it, and what is refused is left.
 *
 * @typedef {import("./types.js").Clock} Clock
 * @typedef {import("./api.js").Api} Api
 */

import { isPassing } from "./api.js";

const TRACK = "/v1/sessions/track";
const PAUSE_MS = 1_000;
const TRIES = 5;
const LONGEST = 256; // characters

export class Tracking {
  #id = "";

  /**
   * @param {Api} api
   * @param {Clock} clock
   * @param {() => boolean} isLive
   */
  constructor(api, clock, isLive) {
    this.api = api;
    this.clock = clock;
    this.isLive = isLive;
  }

  /** @param {string} id */
  begin(id) {
    if (typeof id !== "string" || id === "" || [...id].length > LONGEST || id === this.#id) return;
    this.#id = id;
    this.again();
  }

  /** There is a lease, perhaps another one: it has no id yet. */
  again() {
    if (this.#id !== "") void this.#tell(this.#id, 1);
  }

  /**
   * @param {string} id
   * @param {number} tries
   */
  async #tell(id, tries) {
    if (id !== this.#id || !this.isLive()) return;
    try {
      await this.api.post(TRACK, { reactorSessionId: id });
    } catch (error) {
      if (isPassing(error) && tries < TRIES) this.clock.after(() => void this.#tell(id, tries + 1), PAUSE_MS * 2 ** tries);
    }
  }
}
