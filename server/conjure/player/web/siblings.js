// @ts-check
/**
 * The pages that play by one token, as a link may be open in two tabs: one lease serves them all, so only the last that
 * leaves may end it.
 *
 * Each says when it comes and goes, and answers who comes. One that crashed has not said that it went: then nobody ends
 * the session, and its lease runs out.
 */

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./page.js").Line} Line */

const MOST = 100; // that are remembered

export class Siblings {
  /** @type {Line|null} */
  #line = null;
  /** @type {Set<string>} */
  #others = new Set();
  #me = "";

  /**
   * @param {Page} page
   * @param {string} jti
   * @param {() => void} onEnded one of them has ended the session, as it knew of no other
   */
  constructor(page, jti, onEnded) {
    this.page = page;
    this.jti = jti;
    this.onEnded = onEnded;
  }

  join() {
    if (this.#line !== null || this.jti === "") return;
    this.#me = `${this.page.wall().toString(36)}.${this.page.random().toString(36).slice(2)}`;
    this.#line = this.page.line(`conjure-session-${this.jti}`, (data) => this.#heard(data));
    this.#say("come");
  }

  /** @returns {boolean} whether it was the last one */
  leave() {
    const isLast = this.#others.size === 0;
    this.#say(isLast ? "ended" : "gone");
    this.#line?.close();
    this.#line = null;
    this.#others.clear();
    return isLast;
  }

  /** @param {"come"|"here"|"gone"|"ended"} type */
  #say(type) {
    this.#line?.send({ type, from: this.#me });
  }

  /** @param {unknown} data of a page of this origin */
  #heard(data) {
    const { type, from } = /** @type {Record<string, unknown>} */ (Object(data));
    if (typeof from !== "string" || this.#line === null) return;
    if (type === "come" || type === "here") {
      if (this.#others.size < MOST) this.#others.add(from);
      if (type === "come") this.#say("here");
    } else if (type === "gone" || type === "ended") {
      this.#others.delete(from);
      if (type === "ended") this.onEnded();
    }
  }
}
