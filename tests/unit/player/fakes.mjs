// Time, a page and a server that tests of the player's session drive by hand.
import { ApiError } from "../../../server/conjure/player/web/api.js";

/** Time that stands until it is moved. */
export class FakeClock {
  #at = 0;
  #timers = [];

  now = () => this.#at;
  after = (callback, ms) => {
    const timer = { at: this.#at + ms, callback };
    this.#timers.push(timer);
    return timer;
  };
  cancel = (timer) => {
    this.#timers = this.#timers.filter((other) => other !== timer);
  };

  /** Moves on, and lets happen what is due, each at its time. */
  async move(ms) {
    const until = this.#at + ms;
    for (;;) {
      await settled();
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#at = Math.max(this.#at, due.at);
      this.cancel(due);
      due.callback();
    }
    this.#at = until;
    await settled();
  }

  get pending() {
    return this.#timers.length;
  }
}

/** All that only waits for promises has happened. */
export const settled = async () => {
  for (let round = 0; round < 20; round++) await Promise.resolve();
};

/** Lines between the pages of one origin. */
export class Lines {
  #all = new Set();

  line = (name, onMessage) => {
    const line = {
      name,
      onMessage,
      send: (data) => {
        for (const other of this.#all)
          if (other !== line && other.name === name) queueMicrotask(() => this.#all.has(other) && other.onMessage(data));
      },
      close: () => this.#all.delete(line),
    };
    this.#all.add(line);
    return line;
  };
}

export class FakePage {
  isSeen = true;
  wallAhead = 1_700_000_000_000; // of the clock
  beacons = [];
  kept = new Map();
  handlers = null;

  constructor(clock, lines = new Lines()) {
    this.clock = clock;
    this.line = lines.line;
  }

  isVisible = () => this.isSeen;
  whenOpened = (begin) => begin();
  wall = () => this.clock.now() + this.wallAhead;
  random = () => 0.5;
  watch = (handlers) => {
    this.handlers = handlers;
    return () => (this.handlers = null);
  };
  beacon = (path, text) => {
    this.beacons.push([path, JSON.parse(text)]);
    this.onBeacon?.();
  };
  remember = (key, value) => this.kept.set(key, value);
  recall = (key) => this.kept.get(key) ?? null; // '' stays '', as in a browser

  /** It is hidden or shown. */
  show(isSeen) {
    this.isSeen = isSeen;
    this.handlers?.onWake();
  }
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
export const tokenOf = (claims) => `${part({ alg: "EdDSA" })}.${part(claims)}.c2ln`;

export const failed = (status, retryAfterS = null, detail = "") => new ApiError({ status, detail, retryAfterS });

/** Leases as the server has them (CONTRACT 6.2), for one token. */
export class FakeServer {
  leaseMs = 300_000;
  from = 0;
  to = 0;
  serial = 0;
  asked = []; // when
  tracked = [];
  dayEnds = Infinity; // when the day's seconds are used up
  answersAfter = 0; // ms
  answersTake = 0; // ms on their way
  /** What is answered instead, one after another. */
  troubles = [];

  constructor(clock, { tokenMs = 300_000, ahead = 1_700_000_000_000 } = {}) {
    this.clock = clock;
    this.ahead = ahead; // its clock, of the monotonic one
    this.tokenEnd = clock.now() + tokenMs;
    this.token = tokenOf({ jti: "a-jti", aud: "conjure", exp: (this.tokenEnd + ahead) / 1000 });
  }

  serverNow = () => Math.floor((this.clock.now() + this.ahead) / 1000) * 1000;

  post = async (path, body, { signal } = {}) => {
    if (path === "/v1/sessions/track") {
      this.tracked.push(body.reactorSessionId);
      return { ok: true };
    }
    this.asked.push(this.clock.now());
    if (this.answersAfter > 0) await new Promise((resolve) => this.clock.after(resolve, this.answersAfter));
    if (signal?.aborted) throw new DOMException("given up", "AbortError");
    const trouble = this.troubles.shift();
    if (trouble) throw trouble;
    const now = this.clock.now();
    if (now > this.tokenEnd + 5_000) throw failed(401);
    const isLive = this.to > now;
    const isEnough = isLive && 3 * (this.to - now) > this.to - this.from;
    if (!isEnough) {
      const to = Math.min(now + this.leaseMs, this.dayEnds);
      if (!isLive && to - now < 1_000) throw failed(402);
      if (to - this.to >= 1_000) [this.from, this.to, this.serial] = [now, to, this.serial + 1];
    }
    const reactorJwt = `jwt-${this.serial}`;
    const left = Math.max(1, Math.floor((this.to - now) / 1000));
    const expiresAt = Math.floor((this.to + this.ahead) / 1000);
    if (this.answersTake > 0) await new Promise((resolve) => this.clock.after(resolve, this.answersTake));
    return { worldId: "w", world: { name: "A world" }, reactorJwt, expiresIn: left, expiresAt };
  };

  end = () => (this.to = this.clock.now());
}
