// @ts-check
/**
 * Calls of the API, from the page's own origin and with its session token. Nothing is ever tried again here: who calls
 * knows whether that is safe.
 *
 * @typedef {import("./types.js").Failure} Failure
 * @typedef {import("./types.js").Json} Json
 *
 * @typedef {Object} CallOptions
 * @property {AbortSignal} [signal] gives the call up; it then rejects with an AbortError
 * @property {number} [timeoutMs] how long it may take, 20 s without it
 * @property {boolean} [keepalive] it outlives the page (64 KB at most)
 * @property {string} [idempotencyKey] what is sent again with it has the first answer (CONTRACT 0)
 *
 * @typedef {Object} StreamEvent one of an event stream
 * @property {string} event "message" where it has no name
 * @property {string} data
 *
 * @typedef {Object} Api
 * @property {(path: string, body?: Json, options?: CallOptions) => Promise<Json>} post answers with a JSON object
 * @property {(path: string, body?: Json, options?: CallOptions & {accept?: string}) => Promise<Response>} open answers
 *   with a response of 2xx whose body is still to be read, such as sound; `timeoutMs` is until then
 * @property {(path: string, body?: Json, options?: CallOptions & {idleMs?: number}) => AsyncGenerator<StreamEvent, void, void>}
 *   events reads an event stream; `timeoutMs` is until it begins, `idleMs` (60 s) between two pieces
 * @property {() => number} serverNow the server's clock, Unix milliseconds: up to a second and an answer's way behind.
 *   The player's own, before anything was answered
 */

import { parsed } from "./values.js";

const TIMEOUT_MS = 20_000;
const IDLE_MS = 60_000;
const LONGEST_DETAIL = 500;
const LONGEST_RETRY_S = 3600;
const LONGEST_EVENT = 1 << 20; // characters

/** An answer that is an error, or none at all. Its message is the server's, which is for developers. */
export class ApiError extends Error {
  /** @param {Failure} failure */
  constructor(failure) {
    super(failure.detail);
    this.name = "ApiError";
    this.failure = Object.freeze({ ...failure });
  }

  get status() {
    return this.failure.status;
  }

  get retryAfterS() {
    return this.failure.retryAfterS;
  }
}

/**
 * Where a path of the API is: beside the page, as all of it may stand under a path of its host.
 *
 * @param {string} path
 */
export const here = (path) => new URL(`.${path}`, location.href).href;

/**
 * @param {string} token
 * @param {{fetch?: (path: string, options: RequestInit) => Promise<Response>, monotonic?: () => number, wall?: () => number}} [parts] for tests
 * @returns {Api}
 */
export function createApi(token, parts = {}) {
  const {
    fetch = (/** @type {string} */ path, /** @type {RequestInit} */ options) => globalThis.fetch(here(path), options),
    monotonic = () => performance.now(),
    wall = () => Date.now(),
  } = parts;
  /** What the server's clock was ahead of the monotonic one. @type {number|null} */
  let ahead = null;
  const serverNow = () => (ahead === null ? wall() : monotonic() + ahead);

  /**
   * @param {string} path
   * @param {Json} body
   * @param {string} accept
   * @param {CallOptions} options
   * @param {Limit} limit
   */
  async function asked(path, body, accept, { keepalive = false, idempotencyKey }, limit) {
    if (!/^\/(?!\/)/.test(path)) throw new TypeError("a path of this server begins with one /");
    const response = await limit.guard(
      fetch(path, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          accept,
          ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
        },
        body: JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        keepalive,
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: limit.signal,
      }),
    );
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) ahead = date - monotonic();
    if (response.ok) return response;
    throw new ApiError({
      status: response.status,
      detail: detailOf(await limit.guard(response.text()), response.status),
      retryAfterS: retryAfterOf(response.headers.get("retry-after"), serverNow()),
    });
  }

  return {
    serverNow,
    async post(path, body = {}, options = {}) {
      const { signal, timeoutMs = TIMEOUT_MS } = options;
      const limit = new Limit(timeoutMs, signal);
      try {
        const response = await asked(path, body, "application/json", options, limit);
        const answer = parsed(await limit.guard(response.text()));
        if (answer === null) throw noAnswer("the answer could not be read");
        return answer;
      } finally {
        limit.end();
      }
    },
    async open(path, body = {}, options = {}) {
      const { signal, timeoutMs = TIMEOUT_MS, accept = "*/*" } = options;
      const limit = new Limit(timeoutMs, signal);
      try {
        return await asked(path, body, accept, options, limit);
      } finally {
        limit.begun();
      }
    },
    async *events(path, body = {}, { signal, timeoutMs = TIMEOUT_MS, idleMs = IDLE_MS } = {}) {
      const limit = new Limit(timeoutMs, signal);
      try {
        const response = await asked(path, body, "text/event-stream", {}, limit);
        if (response.body === null) throw noAnswer("the answer has no body");
        const reader = response.body.getReader();
        const events = new EventReader();
        try {
          for (;;) {
            limit.restart(idleMs);
            const { done, value } = await limit.guard(reader.read());
            if (done) return;
            yield* events.read(value);
          }
        } finally {
          limit.end();
          await reader.cancel().catch(() => {});
        }
      } finally {
        limit.end();
      }
    },
  };
}

/** Whether the same call may be answered better later. @param {unknown} error */
export const isPassing = (error) =>
  error instanceof ApiError && (error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500);

/** Ends a call that takes too long, or that its caller gives up. */
class Limit {
  /**
   * @param {number} ms
   * @param {AbortSignal|undefined} outer
   */
  constructor(ms, outer) {
    const aborts = new AbortController();
    this.signal = aborts.signal;
    this.outer = outer;
    this.aborts = aborts;
    this.isLate = false;
    this.pass = () => aborts.abort();
    if (outer?.aborted) aborts.abort();
    else outer?.addEventListener("abort", this.pass, { once: true });
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    this.restart(ms);
  }

  /** @param {number} ms */
  restart(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.isLate = true;
      this.aborts.abort();
    }, ms);
  }

  /** The answer has begun: it may take its time now, but can still be given up. */
  begun() {
    clearTimeout(this.timer);
  }

  end() {
    clearTimeout(this.timer);
    this.outer?.removeEventListener("abort", this.pass);
  }

  /**
   * Says what a failure of the network was.
   *
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   */
  async guard(promise) {
    try {
      return await promise;
    } catch (error) {
      if (this.outer?.aborted && !this.isLate) throw new DOMException("given up", "AbortError");
      throw noAnswer(this.isLate ? "no answer in time" : "no answer");
    }
  }
}

/** @param {string} detail */
const noAnswer = (detail) => new ApiError({ status: 0, detail, retryAfterS: null });

/**
 * @param {string} text
 * @param {number} status
 */
function detailOf(text, status) {
  const detail = parsed(text)?.detail;
  return typeof detail === "string" && detail !== "" ? detail.slice(0, LONGEST_DETAIL) : `HTTP ${status}`;
}

/**
 * Reads `Retry-After`: seconds, or a date.
 *
 * @param {string|null} text
 * @param {number} now the server's clock, Unix milliseconds
 * @returns {number|null} seconds, an hour at most
 */
export function retryAfterOf(text, now) {
  const value = text?.trim() ?? "";
  const seconds = /^\d+$/.test(value) ? Number(value) : /[a-z]/i.test(value) ? (Date.parse(value) - now) / 1000 : NaN;
  return Number.isNaN(seconds) ? null : Math.min(Math.max(Math.ceil(seconds), 0), LONGEST_RETRY_S);
}

/** Reads an event stream as the HTML standard has it; ids and reconnecting times are not needed here. */
export class EventReader {
  #decoder = new TextDecoder();
  #text = "";
  #event = "";
  /** @type {string[]} */
  #data = [];
  #size = 0;

  /**
   * @param {Uint8Array} bytes
   * @returns {StreamEvent[]} what they have completed
   */
  read(bytes) {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    const found = [];
    // A CR at the end may be half of a CRLF.
    for (let end; (end = /\r\n|\n|\r(?!$)/.exec(this.#text)) !== null; ) {
      const line = this.#text.slice(0, end.index);
      this.#text = this.#text.slice(end.index + end[0].length);
      const event = this.#line(line);
      if (event !== null) found.push(event);
    }
    if (this.#text.length + this.#size > LONGEST_EVENT) throw noAnswer("an event is too long");
    return found;
  }

  /**
   * @param {string} line
   * @returns {StreamEvent|null}
   */
  #line(line) {
    if (line === "") return this.#whole();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    if (field === "data") {
      this.#data.push(value);
      this.#size += value.length;
    }
    return null;
  }

  /** @returns {StreamEvent|null} */
  #whole() {
    const event = this.#data.length > 0 ? { event: this.#event || "message", data: this.#data.join("\n") } : null;
    this.#event = "";
    this.#data = [];
    this.#size = 0;
    return event;
  }
}
