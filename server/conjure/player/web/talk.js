// @ts-check
/**
 * A talk with a character (CONTRACT 5), without its view: what is said, how the character feels, which picture it
 * has, and what went wrong, in words.
 *
 * A reply is asked for as a stream. Where that breaks before anything came it is asked for once more, whole, and then
 * with an Idempotency-Key: whatever else breaks, that one answer is charged once. A stream takes no key. What breaks
 * after a piece came has cost something, and is not asked for again unless the player sends it again.
 *
 * Of a named player the server remembers what was said, so it is told nothing of it; for `anon` the page remembers.
 *
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Clock} Clock
 * @typedef {import("./types.js").Failure} Failure
 * @typedef {import("./speech.js").Speech} Speech
 * @typedef {import("./speech.js").SpeechState} SpeechState
 *
 * @typedef {import("./api.js").Api} Api
 *
 * Something in the log. Lines never change: another one takes their place.
 * @typedef {Object} TalkLine
 * @property {"player"|"other"|"note"|"picture"} role
 * @property {string} text what was said; of a picture what it shows
 * @property {string} [emotion] what the one who said it felt, in a word
 * @property {string|null} [src] of a picture; null while it is drawn
 * @property {string} [url] where the picture is kept, when `src` is the picture itself
 * @property {boolean} [isCut] the answer broke off: the line counts for nothing
 *
 * @typedef {Object} Affect
 * @property {number} v
 * @property {number} a
 * @property {number} d
 * @property {number} rapport
 *
 * All that a view shows of a talk.
 * @typedef {Object} TalkState
 * @property {string} name who is spoken to
 * @property {readonly TalkLine[]} lines
 * @property {string|null} growing the reply as far as it has come
 * @property {boolean} isBusy somebody is thinking
 * @property {string|null} trouble what went wrong, in words
 * @property {number|null} waitUntil nothing can be sent before, in the clock's milliseconds
 * @property {string|null} stance
 * @property {string|null} emotion
 * @property {SpeechState|null} speech null: nothing is spoken here
 */
import { affectIn, dataUrl, isLine, isTurn, waitOf } from "./talkshapes.js";
import { bytesOf, failedWith, failureOf, hasLength, mostOf, tidy, wordsOf } from "./talktext.js";
import { TALK_WORDS, deed, whyNot } from "./talkwords.js";
import { isObject, parsed } from "./values.js";

/** The bodies of these calls have at most 16 KiB (CONTRACT 0). */
const MOST_BYTES = 16_000;
const HISTORY = 20;
const MOST_LINE = 4_000;
const MOST_LINES = 200;
const KEPT_LINES = 60;
/** Keep-alives come more often than that. */
const SILENT_MS = 60_000;
const ANSWER_MS = 120_000;
const RESUME_MS = 15_000;
/** How often, and how far apart, it is asked for an answer that is still being made for an earlier call. */
const STILL_RUNS = 20;
const STILL_RUNS_MS = 1_500;

/** The answer broke off after a part of it had come. */
class CutOff extends Error {}

/**
 * @param {Api} api
 * @param {Json} world the character's document, as connect answers it
 * @param {Object} parts
 * @param {Clock} parts.clock
 * @param {(state: TalkState) => void} [parts.onChange]
 * @param {() => void} [parts.onKeep] what `save` gives is another: not while a reply grows
 * @param {(stance: string) => void} [parts.onStance] the state of the scene that shows how the character stands now
 * @param {boolean} [parts.isNamed] whether the token names its player: then the server remembers
 * @param {Speech|null} [parts.speech]
 */
export function createTalk(api, world, parts) {
  const { onChange = () => {}, onKeep = () => {}, onStance = () => {}, isNamed = false, speech = null, clock } = parts;
  const character = isObject(world.character) ? world.character : {};
  const states = isObject(world.scene?.states) ? world.scene.states : {};
  const path = `/v1/characters/${encodeURIComponent(String(world.id))}`;
  const ended = new AbortController();
  /** @type {TalkState} */
  let state = {
    name: wordsOf(world.name) ?? TALK_WORDS.somebody,
    lines: [],
    growing: null,
    isBusy: false,
    trouble: null,
    waitUntil: null,
    stance: wordsOf(world.entrance?.state),
    emotion: null,
    speech: speech === null ? null : speech.state,
  };
  /** @type {Affect|null} */
  let affect = null;
  let hasBegun = false;
  let isStreamed = true;
  let hasNews = false;
  /** @type {unknown} */
  let waiting = null;
  /**
   * What was sent with a key and may have been answered: the same body may be sent again with it.
   * @type {{text: string, key: string, body: Json}|null}
   */
  let unsettled = null;

  /** @param {Partial<TalkState>} changes */
  function change(changes) {
    if (ended.signal.aborted) return;
    state = { ...state, ...changes };
    onChange(state);
    if (changes.lines !== undefined) onKeep(); // whatever else is kept changes with them
  }

  /** @param {...TalkLine} lines */
  const withLines = (...lines) => [...state.lines, ...lines].slice(-MOST_LINES);

  /**
   * @param {TalkLine} before
   * @param {TalkLine|null} after
   */
  function replace(before, after) {
    change({ lines: state.lines.flatMap((line) => (line !== before ? [line] : after === null ? [] : [after])) });
  }

  /** Shows the line of welcome, once. */
  async function begin() {
    if (hasBegun || state.isBusy) return;
    hasBegun = true;
    change({ isBusy: true });
    let welcome = wordsOf(character.greeting);
    /** @type {string|null} */
    let trouble = null;
    try {
      const resumed = await api.post(`${path}/resume`, {}, { signal: ended.signal, timeoutMs: RESUME_MS });
      welcome = wordsOf(resumed.welcome) ?? welcome;
      affect = affectIn(resumed.affect);
    } catch (error) {
      // Who cannot be welcomed can still be talked to; but not with a link that does not work.
      const failure = failureOf(error);
      if (failure.status === 401 || failure.status === 404) trouble = whyNot(failure, state.name);
    }
    const said = welcome === null ? [] : [/** @type {TalkLine} */ ({ role: "other", text: welcome })];
    change({ isBusy: false, trouble, lines: withLines(...said) });
  }

  /**
   * Says something. False: it was not answered, and what was written goes back to who wrote it.
   *
   * @param {string} written
   * @returns {Promise<boolean>}
   */
  async function say(written) {
    if (state.isBusy || state.waitUntil !== null || ended.signal.aborted) return false;
    const text = tidy(written);
    if (text.trim() === "" || !hasLength(text)) {
      change({ trouble: text.trim() === "" ? TALK_WORDS.empty : TALK_WORDS.tooLong });
      return false;
    }
    hasBegun = true;
    speech?.stop();
    /** @type {TalkLine} */
    const line = { role: "player", text };
    const body = bodyOf(text);
    change({ isBusy: true, trouble: null, growing: "", lines: withLines(line) });
    try {
      answered(await answer(text, body));
      return true;
    } catch (error) {
      failed(line, error);
      return false;
    }
  }

  /**
   * @param {string} text
   * @param {Json} body
   */
  async function answer(text, body) {
    // Nobody knows whether this was answered: as a stream it would be charged anew.
    if (unsettled !== null && unsettled.text === text) return whole(unsettled);
    unsettled = null;
    if (isStreamed) {
      const told = await streamed(body);
      if (told !== null) return told;
    }
    unsettled = { text, key: randomKey(), body };
    return whole(unsettled);
  }

  /**
   * The answer while it comes. Null: nothing came, so it may be asked for in another way.
   *
   * @param {Json} body
   * @returns {Promise<Json|null>}
   */
  async function streamed(body) {
    let reply = "";
    try {
      const options = { signal: ended.signal, timeoutMs: ANSWER_MS, idleMs: SILENT_MS };
      for await (const { event, data } of api.events(`${path}/say-stream`, body, options)) {
        const told = parsed(data) ?? {};
        if (event === "end") throw failedWith(503, wordsOf(told.detail) ?? "");
        if (isTurn(told.turn)) return told.turn;
        if (typeof told.delta === "string" && told.delta !== "") {
          reply += told.delta;
          change({ growing: reply });
        }
      }
    } catch (error) {
      const failure = failureOf(error);
      // Of a character that is too large to be told of while it comes only the whole is to be had.
      if (failure.status === 400 && failure.detail.startsWith("id:")) isStreamed = false;
      else if (failure.status !== 0 || ended.signal.aborted) throw error;
    }
    if (reply !== "") throw new CutOff();
    return null;
  }

  /**
   * The answer as a whole.
   *
   * @param {{key: string, body: Json}} sent
   * @returns {Promise<Json>}
   */
  async function whole({ key, body }) {
    for (let asked = 1; ; asked += 1) {
      try {
        const turn = await api.post(`${path}/say`, body, {
          signal: ended.signal,
          timeoutMs: ANSWER_MS,
          idempotencyKey: key,
        });
        if (!isTurn(turn)) throw failedWith(503, "");
        return turn;
      } catch (error) {
        if (failureOf(error).status !== 409 || asked >= STILL_RUNS || ended.signal.aborted) throw error;
        await new Promise((resolve) => clock.after(() => resolve(null), STILL_RUNS_MS));
      }
    }
  }

  /** @param {Json} turn */
  function answered(turn) {
    unsettled = null;
    hasNews = true;
    affect = affectIn(turn.affect) ?? affect;
    const emotion = wordsOf(turn.emotion);
    /** @type {TalkLine} */
    const line = { role: "other", text: turn.reply, ...(emotion === null ? {} : { emotion }) };
    const stance = typeof turn.stance === "string" && Object.hasOwn(states, turn.stance) ? turn.stance : state.stance;
    const isOther = stance !== state.stance;
    change({ isBusy: false, growing: null, lines: withLines(line), emotion, stance });
    if (isOther && stance !== null) onStance(stance);
    if (speech?.state.isOn) void speech.speak(turn.reply);
    if (isObject(turn.action)) act(turn.action);
  }

  /**
   * @param {TalkLine} line what the player had said
   * @param {unknown} error
   */
  function failed(line, error) {
    const others = state.lines.filter((other) => other !== line);
    if (error instanceof CutOff) {
      /** @type {TalkLine[]} */
      const cut = [
        { ...line, isCut: true },
        { role: "other", text: `${state.growing ?? ""}…`, isCut: true },
      ];
      change({ isBusy: false, growing: null, lines: [...others, ...cut], trouble: TALK_WORDS.cut });
      return;
    }
    const failure = failureOf(error);
    if (unsettled !== null && ![0, 409, 429, 500, 503, 504].includes(failure.status)) unsettled = null;
    change({ isBusy: false, growing: null, lines: others, trouble: whyNot(failure, state.name) });
    if (failure.status === 429) pause(waitOf(failure));
  }

  /** @param {number} ms */
  function pause(ms) {
    waiting = clock.after(() => change({ waitUntil: null, trouble: null }), ms);
    change({ waitUntil: clock.now() + ms });
  }

  /** @param {Json} action */
  function act(action) {
    const target = wordsOf(action.target);
    if (action.type === "show_image") void showPicture(target);
    const told = deed(String(action.type), target, state.name);
    if (told !== null) change({ lines: withLines({ role: "note", text: told }) });
  }

  /** @param {string|null} prompt null: the character as it always looks */
  async function showPicture(prompt) {
    /** @type {TalkLine} */
    const line = { role: "picture", text: prompt ?? state.name, src: null };
    change({ lines: withLines(line) });
    try {
      const drawn = await api.post(`${path}/image`, prompt === null ? {} : { prompt }, {
        signal: ended.signal,
        timeoutMs: ANSWER_MS,
        idempotencyKey: randomKey(),
      });
      const url = wordsOf(drawn.url) ?? "";
      const src = dataUrl(drawn.mimeType, drawn.imageBase64) ?? url;
      if (src === "") throw failedWith(503, "");
      replace(line, { ...line, src, url });
    } catch {
      replace(line, { role: "note", text: TALK_WORDS.noPicture });
    }
  }

  /**
   * @param {string} text
   * @returns {Json}
   */
  function bodyOf(text) {
    /** @type {Json} */
    const body = { text };
    if (state.stance !== null) body.currentStance = state.stance;
    if (isNamed) return body;
    if (affect !== null) body.affect = affect;
    const lines = state.lines.filter((line) => !line.isCut && (line.role === "player" || line.role === "other"));
    const history = lines.slice(-HISTORY).map((line) => ({
      role: line.role === "player" ? "user" : "character",
      text: mostOf(line.text, MOST_LINE),
    }));
    while (history.length > 0 && bytesOf({ ...body, history }) > MOST_BYTES) history.shift();
    return history.length > 0 ? { ...body, history } : body;
  }

  if (speech !== null) speech.onChange = (now) => change({ speech: now });

  return {
    get state() {
      return state;
    },
    begin,
    say,

    /** Speaks the last reply, or stops speaking it. */
    hear() {
      const last = state.lines.filter((line) => line.role === "other" && !line.isCut).at(-1);
      if (speech === null || last === undefined) return;
      if (speech.state.phase === "quiet") void speech.speak(last.text);
      else speech.stop();
    },

    /** Turns the voice on or off; to be called by a click, or browsers play nothing. */
    toggleSpeech() {
      speech?.toggle();
    },

    /** Tells the server to fold what was said into its memory: when the page is left, before the session ends. */
    leave() {
      speech?.stop();
      if (!hasNews) return;
      hasNews = false;
      api.open(`${path}/consolidate`, {}, { keepalive: true }).catch(() => {});
    },

    /** What a page that is loaded again goes on from. */
    save() {
      const kept = state.lines.filter((line) => line.role !== "picture" || line.url);
      const lines = kept.slice(-KEPT_LINES).map(({ url, ...line }) => (url ? { ...line, src: url } : line));
      return { lines, stance: state.stance, emotion: state.emotion, affect };
    },

    /**
     * Goes on from what `save` gave; before `begin`. False: from this nothing can go on.
     *
     * @param {unknown} saved
     */
    restore(saved) {
      if (!isObject(saved) || !Array.isArray(saved.lines) || saved.lines.length === 0) return false;
      const lines = saved.lines.filter(isLine).slice(-KEPT_LINES);
      if (lines.length === 0) return false;
      hasBegun = true;
      affect = affectIn(saved.affect);
      const stance = typeof saved.stance === "string" && Object.hasOwn(states, saved.stance) ? saved.stance : null;
      change({ lines, emotion: wordsOf(saved.emotion), stance: stance ?? state.stance });
      if (stance !== null) onStance(stance);
      return true;
    },

    destroy() {
      clock.cancel(waiting);
      speech?.destroy();
      ended.abort();
    },
  };
}

/** @typedef {ReturnType<typeof createTalk>} Talk */

/** `randomUUID` is there on secure pages alone. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
