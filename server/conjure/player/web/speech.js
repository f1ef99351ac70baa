// @ts-check
/**
 * Replies that are heard. Off until the player turns it on, which every browser has to remember.
 *
 * An answer is fetched whole and then played: it comes many times faster than it is spoken, and a whole one plays in
 * every browser. One `<audio>` element plays them all, as some browsers let only that one play which a click began.
 *
 * @typedef {import("./api.js").Api} Api
 *
 * @typedef {Object} SpeechState
 * @property {boolean} isThere false: nobody speaks here, as it turned out
 * @property {boolean} isOn
 * @property {"quiet"|"loading"|"playing"} phase
 * @property {string|null} trouble in words
 */
import { MOST_TEXT, failureOf, mostOf } from "./talktext.js";
import { TALK_WORDS } from "./talkwords.js";

const KEY = "conjure.voice";
const BEGIN_MS = 60_000;
/** Two samples of silence, for the element to have been begun by a click. */
const SILENCE = "data:audio/wav;base64,UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAAA";

/**
 * What a speech needs of a browser.
 * @typedef {Object} SpeechParts
 * @property {() => HTMLAudioElement} [makeAudio]
 * @property {() => Storage} [storage] may throw, as where a page may keep nothing
 */

/**
 * @param {Api} api
 * @param {import("./types.js").Json} world the character's document
 * @param {SpeechParts} [parts]
 */
export function createSpeech(api, world, parts = {}) {
  const { makeAudio = () => new Audio(), storage = () => localStorage } = parts;
  const path = `/v1/characters/${encodeURIComponent(String(world.id))}/tts`;
  /** @type {HTMLAudioElement|null} */
  let audio = null;
  /** @type {AbortController|null} */
  let loading = null;
  /** @type {string|null} */
  let url = null;
  /** @type {{text: string, sound: Blob}|null} */
  let last = null;
  /** @type {SpeechState} */
  let state = { isThere: true, isOn: remembered(storage), phase: "quiet", trouble: null };

  const speech = {
    /** @type {(state: SpeechState) => void} */
    onChange: () => {},

    get state() {
      return state;
    },

    /** Turns the voice on or off: called by a click. */
    toggle() {
      const isOn = !state.isOn;
      remember(storage, isOn);
      if (isOn) unlock();
      else speech.stop();
      change({ isOn, trouble: null });
    },

    /**
     * Speaks a text in place of whatever is spoken.
     *
     * @param {string} text
     */
    async speak(text) {
      speech.stop();
      if (!state.isThere) return;
      const mine = new AbortController();
      loading = mine;
      change({ phase: "loading", trouble: null });
      try {
        // What was spoken last may be heard again for nothing.
        const sound = last?.text === text ? last.sound : await fetched(text, mine.signal);
        if (loading !== mine) return;
        last = { text, sound };
        await play(sound);
        if (loading === mine) change({ phase: "playing" });
      } catch (error) {
        if (loading === mine) failed(error);
      }
    },

    stop() {
      loading?.abort();
      loading = null;
      audio?.pause();
      if (url !== null) URL.revokeObjectURL(url);
      url = null;
      if (state.phase !== "quiet") change({ phase: "quiet" });
    },

    destroy() {
      speech.onChange = () => {};
      speech.stop();
      last = null;
    },
  };

  /** @param {Partial<SpeechState>} changes */
  function change(changes) {
    state = { ...state, ...changes };
    speech.onChange(state);
  }

  function element() {
    if (audio === null) {
      audio = makeAudio();
      audio.addEventListener("ended", () => {
        if (state.phase === "playing") speech.stop(); // and not the silence
      });
    }
    return audio;
  }

  function unlock() {
    const player = element();
    player.src = SILENCE;
    player.play().catch(() => {});
  }

  /**
   * @param {string} text
   * @param {AbortSignal} signal
   */
  async function fetched(text, signal) {
    const response = await api.open(path, { text: spoken(text) }, { signal, timeoutMs: BEGIN_MS });
    const reader = response.body?.getReader();
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const pieces = [];
    for (;;) {
      const read = await reader?.read().catch((error) => {
        // A speech that was cut off is paid for, so what came of it is heard.
        if (signal.aborted || pieces.length === 0) throw error;
        return null;
      });
      if (!read || read.done) break;
      pieces.push(new Uint8Array(read.value));
    }
    if (pieces.length === 0) throw new Error("a speech has nothing in it");
    return new Blob(pieces, { type: "audio/mpeg" });
  }

  /** @param {Blob} sound */
  async function play(sound) {
    const player = element();
    url = URL.createObjectURL(sound);
    player.src = url;
    await player.play();
  }

  /** @param {any} error */
  function failed(error) {
    const { status } = failureOf(error);
    speech.stop();
    if (error?.name === "NotAllowedError") change({ trouble: TALK_WORDS.voiceBlocked });
    // No voice is here, or it does not speak for this character: that does not change while a page is open.
    else if (status === 503 || status === 400) change({ isThere: false, isOn: false, trouble: TALK_WORDS.voiceGone });
    else if (status === 402) change({ isOn: false, trouble: TALK_WORDS.voiceQuota });
    else change({ trouble: status === 429 ? TALK_WORDS.voiceBusy : TALK_WORDS.voiceFailed });
  }

  return speech;
}

/** @typedef {ReturnType<typeof createSpeech>} Speech */

/**
 * As much of a text as can be spoken at once, to the end of a sentence where there is one.
 *
 * @param {string} text
 */
function spoken(text) {
  const begun = mostOf(text, MOST_TEXT);
  if (begun === text) return text;
  const sentences = /^.*[.!?…。！？]/su.exec(begun);
  return sentences === null ? begun : sentences[0];
}

/** @param {() => Storage} storage */
function remembered(storage) {
  try {
    return storage().getItem(KEY) === "on";
  } catch {
    return false;
  }
}

/**
 * @param {() => Storage} storage
 * @param {boolean} isOn
 */
function remember(storage, isOn) {
  try {
    if (isOn) storage().setItem(KEY, "on");
    else storage().removeItem(KEY);
  } catch {
    // A page that may keep nothing asks anew each time.
  }
}
