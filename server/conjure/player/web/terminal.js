// @ts-check
/**
 * A terminal that is asked (CONTRACT 12), in the shape of a talk, so that one box shows both. It answers from its
 * facts; the server tells those whose flags are held.
 *
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Clock} Clock
 * @typedef {import("./types.js").Device} Device
 * @typedef {import("./types.js").Line} Line
 * @typedef {import("./api.js").Api} Api
 * @typedef {import("./talk.js").TalkState} TalkState
 * @typedef {import("./talk.js").TalkLine} TalkLine
 */
import { waitOf } from "./talkshapes.js";
import { failureOf, hasLength, tidy, wordsOf } from "./talktext.js";
import { TALK_WORDS, whyNot } from "./talkwords.js";

const MOST_FLAGS = 1_000;
/** A body has at most 16 KiB (CONTRACT 0), of which a question may be 8,000 bytes and more. */
const MOST_FLAG_BYTES = 6_000;
const ANSWER_MS = 30_000;

/**
 * @param {Api} api
 * @param {Device} device as it is when it is opened
 * @param {Object} parts
 * @param {Json} parts.event the terminal's event, as the world has it
 * @param {Clock} parts.clock
 * @param {() => Iterable<string>} parts.flags those that are held now
 * @param {(line: Line) => void} [parts.onLine] told each line, the player's and the terminal's, once it was answered
 * @param {(state: TalkState) => void} [parts.onChange]
 */
export function createTerminal(api, device, parts) {
  const { event, flags, clock, onLine = () => {}, onChange = () => {} } = parts;
  const ended = new AbortController();
  /** @type {TalkLine[]} */
  const greeting = device.greeting === null ? [] : [{ role: "other", text: device.greeting }];
  /** @type {unknown} */
  let waiting = null;
  /** @type {TalkState} */
  let state = {
    name: TALK_WORDS.terminal, // its own name is what one does: "Call the coastguard"
    lines: [...greeting, ...device.lines],
    growing: null,
    isBusy: false,
    trouble: null,
    waitUntil: null,
    stance: null,
    emotion: null,
    speech: null,
  };

  /** @param {Partial<TalkState>} changes */
  function change(changes) {
    if (ended.signal.aborted) return;
    state = { ...state, ...changes };
    onChange(state);
  }

  return {
    get state() {
      return state;
    },

    /**
     * Asks something. False: it was not answered, and what was written goes back to who wrote it.
     *
     * @param {string} written
     * @returns {Promise<boolean>}
     */
    async say(written) {
      if (state.isBusy || state.waitUntil !== null || ended.signal.aborted) return false;
      const text = tidy(written);
      if (text === "" || !hasLength(text)) {
        change({ trouble: text === "" ? TALK_WORDS.empty : TALK_WORDS.tooLong });
        return false;
      }
      /** @type {Line} */
      const line = { role: "player", text };
      const before = state.lines;
      change({ isBusy: true, growing: "", trouble: null, lines: [...before, line] });
      try {
        const body = { event: device.name, text, flags: flagsFor(event, flags()) };
        const answer = await api.post("/v1/sessions/ask", body, { signal: ended.signal, timeoutMs: ANSWER_MS });
        /** @type {Line} */
        const reply = { role: "other", text: wordsOf(answer.reply) ?? TALK_WORDS.wait };
        change({ isBusy: false, growing: null, lines: [...state.lines, reply] });
        onLine(line);
        onLine(reply);
        return true;
      } catch (error) {
        const failure = failureOf(error);
        change({ isBusy: false, growing: null, lines: before, trouble: whyNot(failure, TALK_WORDS.terminal) });
        if (failure.status === 429) {
          const ms = waitOf(failure);
          waiting = clock.after(() => change({ waitUntil: null, trouble: null }), ms);
          change({ waitUntil: clock.now() + ms });
        }
        return false;
      }
    },

    destroy() {
      clock.cancel(waiting);
      ended.abort();
    },
  };
}

/**
 * The flags that a terminal has to be told: of those that are held the ones that any of its facts requires.
 *
 * @param {Json} event
 * @param {Iterable<string>} held
 * @returns {string[]}
 */
export function flagsFor(event, held) {
  const facts = Array.isArray(event?.terminal?.facts) ? event.terminal.facts : [];
  const asked = new Set(facts.flatMap((/** @type {any} */ fact) => (Array.isArray(fact?.requires) ? fact.requires : [])));
  const told = [];
  let bytes = 0;
  for (const flag of held) {
    if (!asked.has(flag)) continue;
    bytes += new TextEncoder().encode(JSON.stringify(flag)).length + 1;
    if (bytes > MOST_FLAG_BYTES || told.length === MOST_FLAGS) break;
    told.push(flag);
  }
  return told;
}
