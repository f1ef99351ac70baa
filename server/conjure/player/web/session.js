// @ts-check
/**
 * The life of a session (CONTRACT 6.2, 6.3): connects, prolongs, waits when it must, and ends when the page is left.
 *
 * **Time.** The player's clock may be wrong, and may be set while we play. So all is counted by a monotonic clock, from
 * the seconds that the server says are left, and the end of the token is compared with the server's own clock
 * (`api.serverNow`). While a machine sleeps, a monotonic clock may stand: when the two clocks of the player drift apart,
 * the server is asked again. That costs nothing while more than a third of the lease is left.
 *
 * **Renewal** is late (lease.js). When the lease cannot be prolonged, what is paid for is played to its end.
 *
 * @typedef {import("./types.js").Clock} Clock
 * @typedef {import("./types.js").EndReason} EndReason
 * @typedef {import("./types.js").Failure} Failure
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").SessionStatus} SessionStatus
 * @typedef {import("./api.js").Api} Api
 *
 * @typedef {Object} Connection
 * @property {Json} world
 * @property {string} reactorJwt
 * @property {number|null} expiresAt Unix seconds
 *
 * @typedef {Object} Session
 * @property {() => Promise<Connection>} connect resolves with the first connection, however long that takes; rejects
 *   with a SessionOver when there will be none
 * @property {(id: string) => void} track tells the server the runtime's own id of the session
 * @property {() => void} destroy ends it, for good
 *
 * @typedef {Object} SessionHandlers
 * @property {(status: SessionStatus) => void} [onStatus]
 * @property {(connection: Connection) => void} [onRenewed] there is another credential for the runtime
 * @property {import("./page.js").Page} [page]
 */

import { ApiError, isPassing } from "./api.js";
import { pauseAfter, renewalAt } from "./lease.js";
import { browserPage } from "./page.js";
import { Siblings } from "./siblings.js";
import { claimsOf } from "./token.js";
import { Tracking } from "./tracking.js";
import { SESSION_WORDS } from "./words.js";

const CONNECT = "/v1/sessions/connect";
const END = "/v1/sessions/end";

const CONNECT_TIMEOUT_MS = 30_000; // a runtime is asked meanwhile
const DRIFT_MS = 2_000; // of the player's two clocks
const SIBLING_MS = 1_000;
const LATE_BEACON_MS = 3_000;
const LONGEST_LEASE_S = 86_400;
const LEFT = "1"; // what a page that was left has noted
/**
 * With anything around it, blanks too, which a header loses on its way, a good token might be one to the API and none to
 * who decided whom it may be framed by (player/page.py).
 */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Why there is no session, or none any more. Its message is for the player. */
export class SessionOver extends Error {
  /**
   * @param {EndReason} reason
   * @param {Failure|null} failure
   */
  constructor(reason, failure) {
    super(SESSION_WORDS[reason]);
    this.name = "SessionOver";
    this.reason = reason;
    this.failure = failure;
  }
}

/**
 * @param {string} token
 * @param {Clock} clock a monotonic one
 * @param {Api} api
 * @param {SessionHandlers} [handlers]
 * @returns {Session}
 */
export function createSession(token, clock, api, handlers = {}) {
  const session = new Life(token, clock, api, handlers);
  return {
    connect: () => session.connect(),
    track: (id) => session.tracking.begin(id),
    destroy: () => session.destroy(),
  };
}

class Life {
  /** @type {SessionStatus["phase"]} */
  #phase = "connecting";
  /** @type {Promise<Connection>|null} */
  #connected = null;
  /** @type {(connection: Connection) => void} */
  #resolve = () => {};
  /** @type {(error: SessionOver) => void} */
  #reject = () => {};
  /** @type {AbortController|null} what is being asked */
  #asking = null;
  #hasAsked = false;
  #hasLeft = false;

  /** When what is paid for ends, by the clock. @type {number|null} */
  #end = null;
  #third = 0;
  #jwt = "";
  /** Why it cannot be prolonged. @type {SessionOver|null} */
  #last = null;
  #isLast = false;
  #failures = 0;
  /** @type {number|null} */
  #retryAt = null;
  /** @type {SessionOver|ApiError|null} */
  #trouble = null;

  #next = /** @type {unknown} */ (undefined);
  #ending = /** @type {unknown} */ (undefined);
  #checking = /** @type {unknown} */ (undefined);
  #drift = 0;
  /** @type {() => void} */
  #unwatch = () => {};

  /**
   * @param {string} token
   * @param {Clock} clock
   * @param {Api} api
   * @param {SessionHandlers} handlers
   */
  constructor(token, clock, api, handlers) {
    this.token = token;
    this.clock = clock;
    this.api = api;
    this.handlers = handlers;
    this.page = handlers.page ?? browserPage();
    this.claims = claimsOf(token);
    this.siblings = new Siblings(this.page, this.claims.jti, () => this.#checkIn(SIBLING_MS));
    this.tracking = new Tracking(api, clock, () => this.#phase === "live" && !this.#hasLeft);
    this.leftKey = `conjure-left-${this.claims.jti}`;
  }

  /** @returns {Promise<Connection>} */
  connect() {
    if (this.#connected !== null) return this.#connected;
    this.#connected = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#connected.catch(() => {}); // the status has told it as well
    if (!TOKEN.test(this.token)) {
      this.#over(new SessionOver("invalid", null));
      return this.#connected;
    }
    this.#unwatch = this.page.watch({
      onHide: () => this.leave(),
      onShow: () => this.#comeBack(),
      onWake: () => this.#wake(),
    });
    this.page.whenOpened(() => this.#begin());
    return this.#connected;
  }

  #begin() {
    if (this.#phase === "ended") return;
    this.#hasLeft = false;
    this.#drift = this.#clocksApart();
    this.siblings.join();
    void this.#ask();
  }

  #comeBack() {
    if (!this.#hasLeft) return;
    this.#end = null; // its rest was given back
    this.#begin();
  }

  async #ask() {
    if (this.#asking !== null) return;
    this.clock.cancel(this.#next);
    const asking = (this.#asking = new AbortController());
    this.#hasAsked = true;
    this.#retryAt = null;
    if (this.#paidMs() <= 0) this.#tell("connecting");
    const sent = this.clock.now();
    try {
      const answer = await this.api.post(CONNECT, {}, { signal: asking.signal, timeoutMs: CONNECT_TIMEOUT_MS });
      if (this.#asking === asking) this.#answered(answer, sent);
    } catch (error) {
      if (this.#asking === asking) this.#failed(error);
    }
  }

  /**
   * @param {Json} answer
   * @param {number} sent
   */
  #answered(answer, sent) {
    this.#asking = null;
    const { world, reactorJwt, expiresIn, expiresAt } = answer;
    if (typeof world !== "object" || world === null || typeof reactorJwt !== "string" || !(expiresIn > 0)) {
      this.#failed(new ApiError({ status: 0, detail: "the answer is no session", retryAfterS: null }));
      return;
    }
    const connection = {
      world,
      reactorJwt,
      expiresAt: typeof expiresAt === "number" && Number.isFinite(expiresAt) ? expiresAt : null,
    };
    const wasPaid = this.#paidMs() > 0;
    const left = Math.min(expiresIn, LONGEST_LEASE_S) * 1000;
    // Counted from the question on: it never ends later than at the server.
    const end = sent + left;
    const isNew = reactorJwt !== this.#jwt || this.#end === null || end > this.#end + 1_000;
    if (isNew || left > 3 * this.#third) this.#third = left / 3;
    this.#end = end;
    this.#failures = 0;
    this.#trouble = null;
    this.#drift = this.#clocksApart();
    const isRenewed = this.#jwt !== "" && reactorJwt !== this.#jwt;
    this.#jwt = reactorJwt;
    this.#plan(isNew);
    this.#tell("live");
    this.#resolve(connection);
    if (isRenewed) this.handlers.onRenewed?.(connection);
    if (!wasPaid) {
      this.tracking.again();
      // The page before this one has ended the session as it was left: that may arrive after our connect.
      if (this.page.recall(this.leftKey) === LEFT) {
        this.page.remember(this.leftKey, "");
        this.#checkIn(LATE_BEACON_MS);
      }
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    this.#asking = null;
    const failure = error instanceof ApiError ? error.failure : null;
    if (isPassing(error)) {
      this.#trouble = /** @type {ApiError} */ (error);
      this.#pause(failure?.retryAfterS ?? null);
      if (this.#paidMs() <= 0) this.#tell("waiting");
      return;
    }
    const over = new SessionOver(this.#reasonOf(failure?.status ?? 0), failure);
    if (this.#paidMs() <= 0) {
      this.#over(over);
      return;
    }
    this.#last = over; // what is paid for is played
    this.#isLast = true;
    this.#tell("live");
  }

  /**
   * @param {number} status
   * @returns {EndReason}
   */
  #reasonOf(status) {
    if (status === 401) return this.#jwt === "" ? "invalid" : "expired";
    return status === 402 ? "minutes" : status === 404 ? "gone" : "refused";
  }

  /** @param {number|null} retryAfterS */
  #pause(retryAfterS) {
    const pause = pauseAfter(this.#failures, retryAfterS, this.page.random());
    this.#failures += 1;
    this.#retryAt = this.clock.now() + pause;
    this.#askAt(this.#retryAt);
  }

  /** @param {number} at */
  #askAt(at) {
    this.clock.cancel(this.#next);
    this.#next = this.clock.after(
      () => {
        if (this.#retryAt !== null && this.#paidMs() <= 0 && !this.page.isVisible()) return; // when it is seen again
        void this.#ask();
      },
      Math.max(0, at - this.clock.now()),
    );
  }

  /**
   * Plans the next renewal and the end.
   *
   * @param {boolean} isNew whether the last answer has given more time
   */
  #plan(isNew) {
    const now = this.clock.now();
    const end = /** @type {number} */ (this.#end);
    const tokenEnd = this.#tokenEnd();
    const at = renewalAt({ now, end, third: this.#third, tokenEnd, isVisible: this.page.isVisible(), isNew });
    this.#isLast = at === null;
    // Where the token lives on, the server is asked at the end: it says why it gave no more.
    this.#last = this.#isLast && tokenEnd < end ? new SessionOver("expired", null) : null;
    this.clock.cancel(this.#next);
    if (at !== null) this.#askAt(at);
    this.clock.cancel(this.#ending);
    this.#ending = this.clock.after(() => this.#paidOver(), Math.max(0, end - now));
  }

  /** What is paid for has ended. */
  #paidOver() {
    if (this.#hasLeft || this.#phase === "ended") return;
    if (this.#last !== null) {
      this.#over(this.#last);
    } else if (this.#asking !== null) {
      this.#tell("connecting");
    } else if (this.#trouble !== null) {
      this.#tell("waiting");
    } else {
      void this.#ask();
    }
  }

  /** @param {SessionOver} over */
  #over(over) {
    this.#stop();
    this.#end = null;
    this.#trouble = over;
    this.siblings.leave();
    this.#unwatch();
    this.#tell("ended");
    this.#reject(over);
  }

  /** The page is seen again, or something has happened to the machine. */
  #wake() {
    if (this.#hasLeft || this.#phase === "ended" || this.#connected === null) return;
    const drift = this.#clocksApart();
    const slept = drift - this.#drift;
    this.#drift = drift;
    if (Math.abs(slept) > DRIFT_MS) {
      if (this.#end !== null && slept > 0) this.#end -= slept;
      void this.#ask();
    } else if (this.#paidMs() <= 0 && this.#asking === null) {
      const isDue = this.#retryAt === null || this.#retryAt <= this.clock.now();
      if (isDue && this.page.isVisible()) void this.#ask();
    } else if (this.#phase === "live" && this.#asking === null && this.#trouble === null && this.#last === null) {
      this.#plan(true); // visible and hidden pages renew at other times
    }
  }

  /** Makes sure of the lease a little later: where it is good, that takes nothing. @param {number} ms */
  #checkIn(ms) {
    this.clock.cancel(this.#checking);
    if (this.#phase !== "live" || this.#hasLeft) return;
    this.#checking = this.clock.after(() => void (this.#phase === "live" && !this.#hasLeft && this.#ask()), ms);
  }

  /** Ends the session while the page goes; it may come back. */
  leave() {
    if (this.#hasLeft || this.#phase === "ended") return;
    this.#hasLeft = true;
    this.#stop();
    if (!this.siblings.leave() || !this.#hasAsked) return;
    this.page.remember(this.leftKey, LEFT);
    this.page.beacon(END, JSON.stringify({ token: this.token }));
  }

  destroy() {
    if (this.#phase === "ended") return;
    this.leave();
    this.#over(new SessionOver("left", null));
  }

  #stop() {
    this.#asking?.abort();
    this.#asking = null;
    this.#retryAt = null;
    for (const timer of [this.#next, this.#ending, this.#checking]) this.clock.cancel(timer);
  }

  #paidMs() {
    return this.#end === null ? 0 : this.#end - this.clock.now();
  }

  /** When the token ends, by the clock. */
  #tokenEnd() {
    const { expiresAt } = this.claims;
    return expiresAt === null ? Infinity : this.clock.now() + expiresAt - this.api.serverNow();
  }

  #clocksApart() {
    return this.page.wall() - this.clock.now();
  }

  /** @param {SessionStatus["phase"]} phase */
  #tell(phase) {
    this.#phase = phase;
    const apart = this.#clocksApart();
    const trouble = this.#trouble;
    this.handlers.onStatus?.({
      phase,
      endsAt: phase === "live" && this.#end !== null ? this.#end + apart : null,
      isLast: phase === "live" && this.#isLast,
      tokenEndsAt: this.claims.expiresAt === null ? null : this.#tokenEnd() + apart,
      retryAt: phase === "waiting" && this.#retryAt !== null ? this.#retryAt + apart : null,
      message: phase === "waiting" ? waitingFor(trouble?.failure ?? null) : phase === "ended" ? (trouble?.message ?? null) : null,
      reason: phase === "ended" && trouble instanceof SessionOver ? trouble.reason : null,
      failure: phase === "waiting" || phase === "ended" ? (trouble?.failure ?? null) : null,
    });
  }
}

/** @param {Failure|null} failure */
function waitingFor(failure) {
  if (failure === null || failure.status === 0) return SESSION_WORDS.offline;
  if (failure.status !== 429) return SESSION_WORDS.away;
  return /capacity/i.test(failure.detail) ? SESSION_WORDS.full : SESSION_WORDS.busy;
}
