// @ts-check
/**
 * The box in which one talks: to a character, or to a terminal. It shows a TalkState, and keeps of its own only what
 * is being written.
 *
 * The log is silent for screen readers, as a reply that grows would be read out in pieces: each one that is there is
 * told once, by a region of its own.
 *
 * @typedef {import("./talk.js").TalkState} TalkState
 * @typedef {import("./talk.js").TalkLine} TalkLine
 */
import { arrange, make, setAttribute, setText } from "./dom.js";
import { MOST_TEXT, countOf, hasLength, mostOf, wordsOf } from "./talktext.js";
import { TALK_WORDS, lengthOf, saidBy, sayTo, talkWith, thinks, waitFor } from "./talkwords.js";

/** From how many characters on their number is shown. */
const COUNTED = 1_800;
/** Of what is longer, in halves of characters, the box keeps the beginning. */
const MOST_KEPT = 5 * MOST_TEXT;
/** How far from its end, in pixels, a log is still read at its end. */
const NEAR_END = 48;

/**
 * @param {Object} parts
 * @param {"character"|"terminal"} parts.kind
 * @param {string} [parts.title] instead of the name of who is talked to
 * @param {(text: string) => Promise<boolean>} parts.onSend false: it was not answered, so it is written again
 * @param {() => void} [parts.onClose] there is a button for it, and Escape
 * @param {() => void} [parts.onToggleSpeech]
 * @param {() => void} [parts.onHear] the last reply is to be heard, or heard no more
 * @param {() => number} [parts.now] the clock of `waitUntil`
 */
export function createTalkBox({ kind, onSend, onClose, onToggleSpeech, onHear, now = () => Date.now(), title }) {
  /** @type {TalkState|null} */
  let state = null;
  /** @type {WeakMap<TalkLine, HTMLElement>} */
  const drawn = new WeakMap();
  /** @type {TalkLine|undefined} */
  let told;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let tick;
  let wasCut = false;

  const heading = make("h2", { class: "talk-name", dir: "auto" });
  const mood = make("span", { class: "talk-mood", dir: "auto", hidden: true });
  const speaker = button("quiet talk-speaker", TALK_WORDS.speakerOff, () => onToggleSpeech?.());
  const close = button("quiet talk-close", TALK_WORDS.close, () => onClose?.());
  const growing = make("div", { class: "talk-line talk-other talk-growing", hidden: true });
  const growingText = make("p", { dir: "auto" });
  growing.append(growingText);
  const log = make("div", { class: "talk-log", role: "log", "aria-live": "off", tabindex: "0" });
  const live = make("div", { class: "talk-live", role: "status" });
  const trouble = make("p", { class: "talk-trouble", role: "alert", dir: "auto" });
  const voice = make("p", { class: "talk-voice", role: "status", dir: "auto" });
  const hear = button("quiet talk-hear", TALK_WORDS.hear, () => onHear?.());
  const count = make("span", { class: "talk-count" });
  const input = make("textarea", {
    class: "talk-input",
    rows: "1",
    dir: "auto",
    autocomplete: "off",
    enterkeyhint: "send",
    on: { beforeinput: inserted, input: written, keydown: pressed },
  });
  const send = make("button", { class: "strong talk-send", type: "submit" }, TALK_WORDS.send);
  const form = make("form", { class: "talk-form", on: { submit: submitted } }, input, send);
  const foot = make("div", { class: "talk-foot" }, voice, hear, count);
  const element = make(
    "section",
    { class: `talk talk-${kind}`, on: { keydown: escaped } },
    make("header", { class: "talk-head" }, heading, mood, onToggleSpeech && speaker, onClose && close),
    log,
    live,
    trouble,
    form,
    foot,
  );

  /**
   * @param {string} name
   * @param {string} label
   * @param {() => void} act
   */
  function button(name, label, act) {
    return make("button", { class: name, type: "button", on: { click: act } }, label);
  }

  /** @param {TalkState} next */
  function update(next) {
    const before = state;
    state = next;
    const { name, emotion, speech } = next;
    setText(heading, title ?? name);
    setAttribute(element, "aria-label", title ?? talkWith(name));
    setAttribute(log, "aria-label", TALK_WORDS.log);
    const say = kind === "terminal" ? TALK_WORDS.say : sayTo(name);
    setAttribute(input, "aria-label", say);
    setAttribute(input, "placeholder", say);
    setText(mood, emotion ?? "");
    mood.hidden = emotion === null;
    setText(trouble, next.trouble ?? "");
    showSpeech(speech);
    showLines(before, next);
    tell(before, next);
    showSending();
    // Who writes goes on seeing what they write in, however long the answer is.
    if (document.activeElement === input) intoSight();
  }

  function intoSight() {
    element.scrollIntoView({ block: "nearest" });
  }

  /** @param {TalkState["speech"]} speech */
  function showSpeech(speech) {
    const isThere = speech !== null && speech.isThere;
    speaker.hidden = !isThere;
    speaker.classList.toggle("talk-on", speech?.isOn ?? false);
    setText(speaker, speech?.isOn ? TALK_WORDS.speakerOn : TALK_WORDS.speakerOff);
    hear.hidden = !isThere || (!speech.isOn && speech.phase === "quiet");
    setText(hear, speech === null || speech.phase === "quiet" ? TALK_WORDS.hear : TALK_WORDS.stopHearing);
    setText(voice, speech?.phase === "loading" ? TALK_WORDS.voiceLoading : (speech?.trouble ?? ""));
    setAttribute(element, "data-voice", isThere ? speech.phase : null);
  }

  /**
   * @param {TalkState|null} before
   * @param {TalkState} next
   */
  function showLines(before, next) {
    const isAtEnd = isReadAtEnd();
    if (before === null || before.lines !== next.lines) {
      arrange(log, [...next.lines.map((line) => lineOf(line, next.name)), growing]);
    }
    const text = next.growing ?? "";
    growing.hidden = !next.isBusy;
    growing.classList.toggle("talk-waiting", text === "");
    setText(growingText, text === "" ? TALK_WORDS.wait : text);
    setAttribute(log, "aria-busy", next.isBusy);
    // Who reads what was said before is left there, unless they say something.
    const hasSaid = next.isBusy && before?.isBusy !== true;
    if (isAtEnd || hasSaid) toEnd();
  }

  const isReadAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;

  function toEnd() {
    log.scrollTop = log.scrollHeight;
  }

  /**
   * @param {TalkLine} line
   * @param {string} name
   */
  function lineOf(line, name) {
    let shown = drawn.get(line);
    if (shown === undefined) {
      shown = line.role === "picture" ? pictureOf(line) : wordsOfLine(line, name);
      drawn.set(line, shown);
    }
    return shown;
  }

  /** @param {TalkLine} line */
  function pictureOf(line) {
    const shown = make("figure", { class: "talk-picture" });
    if (!line.src) {
      shown.append(make("p", { class: "talk-waiting", dir: "auto" }, line.text));
      return shown;
    }
    const picture = make("img", { src: line.src, alt: line.text, referrerpolicy: "no-referrer" });
    picture.addEventListener("load", toEnd, { once: true });
    picture.addEventListener("error", () => shown.replaceChildren(make("p", {}, TALK_WORDS.noPicture)), { once: true });
    shown.append(picture);
    return shown;
  }

  /**
   * @param {TalkLine} line
   * @param {string} name
   */
  function wordsOfLine(line, name) {
    const text = make("p", { dir: "auto" }, line.text);
    const who = make("span", { class: "talk-who", dir: "auto" }, line.role === "player" ? TALK_WORDS.you : name);
    const shown = make("div", { class: `talk-line talk-${line.role}` }, line.role !== "note" && who, text);
    if (line.isCut) shown.classList.add("talk-cut");
    return shown;
  }

  /**
   * Tells the lines that are new once they are whole, to who does not see them.
   *
   * @param {TalkState|null} before
   * @param {TalkState} next
   */
  function tell(before, next) {
    if (next.isBusy) {
      if (before?.isBusy !== true) setText(live, thinks(next.name));
      return;
    }
    const lines = next.lines.filter((line) => line.role !== "player" && line.src !== null);
    const last = lines.at(-1);
    if (last === told) {
      if (before?.isBusy) setText(live, "");
      return;
    }
    // What came together is told together: a picture does not drown the words that it came with.
    const news = told === undefined ? lines.slice(-1) : lines.slice(lines.indexOf(told) + 1);
    told = last;
    setText(live, news.map((line) => (line.role === "other" ? saidBy(next.name, line.text) : line.text)).join("\n"));
  }

  function canSend() {
    return state !== null && !state.isBusy && waitLeft() === 0 && input.value.trim() !== "" && hasLength(input.value.trim());
  }

  /** Seconds until something can be sent again. */
  function waitLeft() {
    const until = state?.waitUntil ?? null;
    return until === null ? 0 : Math.max(Math.ceil((until - now()) / 1000), 1);
  }

  function showSending() {
    // It stays in the order of focus: a button that is disabled throws who is on it out of the box.
    setAttribute(send, "aria-disabled", String(!canSend()));
    const characters = countOf(input.value.trim()) ?? Infinity;
    const isLong = characters > MOST_TEXT;
    const wait = waitLeft();
    const length = characters > COUNTED ? `${lengthOf(characters)}${wasCut ? TALK_WORDS.wasCut : ""}` : "";
    setText(count, wait > 0 ? waitFor(wait) : length);
    count.classList.toggle("talk-over", isLong);
    setAttribute(input, "aria-invalid", isLong);
    clearTimeout(tick);
    if (wait > 0) tick = setTimeout(showSending, 1000);
  }

  function written() {
    wasCut = input.value.length > MOST_KEPT;
    if (wasCut) input.value = mostOf(input.value, 2 * MOST_TEXT);
    const isAtEnd = isReadAtEnd();
    grow();
    showSending();
    // The log is as high as the rest leaves it.
    if (isAtEnd) toEnd();
  }

  /**
   * Of a megabyte that somebody pastes, over which a page can stand still for a minute, the beginning is taken. They
   * still have it.
   *
   * @param {InputEvent} event
   */
  function inserted(event) {
    const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    if (text.length <= MOST_KEPT) return;
    event.preventDefault();
    input.setRangeText(text.slice(0, MOST_KEPT + 1), input.selectionStart, input.selectionEnd, "end");
    written();
  }

  /** As high as what is in it, as far as the style lets it. */
  function grow() {
    input.style.setProperty("height", "auto");
    input.style.setProperty("height", `${input.scrollHeight + 2}px`);
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    // Whoever writes chooses nothing: the letters of choices are letters here.
    if (event.key !== "Escape" && event.key !== "Tab") event.stopPropagation();
    // What an input method is told is not meant for the box. Safari ends the word first and says so by 229 alone.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    void submit();
  }

  /** @param {KeyboardEvent} event */
  function escaped(event) {
    if (event.key !== "Escape" || event.isComposing || event.keyCode === 229 || !onClose) return;
    event.preventDefault();
    event.stopPropagation();
    onClose();
  }

  /** @param {SubmitEvent} event */
  function submitted(event) {
    event.preventDefault();
    void submit();
    input.focus({ preventScroll: true });
  }

  async function submit() {
    if (!canSend()) return;
    const text = input.value;
    input.value = "";
    written();
    if (await onSend(text)) return;
    // Nothing that was written is lost, nor what was begun meanwhile.
    const begun = wordsOf(input.value);
    input.value = begun === null ? text : `${text}\n${begun}`;
    written();
  }

  return {
    element,
    update,
    focus() {
      input.focus({ preventScroll: true });
      intoSight();
    },
    destroy() {
      clearTimeout(tick);
      element.remove();
    },
  };
}
