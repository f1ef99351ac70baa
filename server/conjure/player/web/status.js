// @ts-check
/** How the session stands: quietly what is left of it, and in plain words what is wrong. Also the first moments. */
import { make, setAttribute, setText } from "./dom.js";
import { WORDS, minutes, seconds as secondsOf, tryingAgainIn } from "./words.js";

/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {import("./types.js").SessionStatus} SessionStatus */

const MINUTE_MS = 60_000;

/**
 * @param {Clock} clock for waking up; what is left is told by the time of day, as the session has it
 * @returns {{time: HTMLElement, notice: HTMLElement, draw: (status: SessionStatus) => void}}
 */
export function createStatus(clock) {
  const left = make("span", {});
  const time = make("span", { class: "time", hidden: true }, left, make("span", { class: "spoken" }, ` ${WORDS.left}`));
  const words = make("span", { role: "status" });
  // The seconds change all the time, so they are not part of what is said aloud.
  const seconds = make("span", { class: "seconds", "aria-hidden": "true" });
  const notice = make("p", { class: "notice", hidden: true }, words, seconds);
  /** @type {SessionStatus|null} */
  let status = null;
  /** @type {unknown} */
  let timer;

  function tick() {
    if (timer !== undefined) clock.cancel(timer);
    timer = undefined;
    if (!status) return;
    // What is paid for is prolonged as long as the token lives: that is what is left, or a player would see the same
    // five minutes pass again and again.
    const end = status.endsAt === null || status.isLast ? status.endsAt : (status.tokenEndsAt ?? status.endsAt);
    const rest = end === null ? null : Math.max(0, end - Date.now());
    const isLive = status.phase === "live";
    // Before that it is prolonged, and nobody has to know.
    const isLast = isLive && status.isLast && rest !== null && rest < MINUTE_MS;
    time.hidden = !isLive || rest === null;
    if (rest !== null) setText(left, isLast ? secondsOf(Math.ceil(rest / 1000)) : minutes(Math.ceil(rest / MINUTE_MS)));
    setAttribute(time, "data-last", isLast);

    const retry = status.phase === "waiting" && status.retryAt !== null ? Math.max(0, status.retryAt - Date.now()) : null;
    setText(words, status.phase === "ended" ? "" : (status.message ?? (isLast ? WORDS.lastMinute : "")));
    setText(seconds, retry === null ? "" : tryingAgainIn(Math.ceil(retry / 1000)));
    notice.hidden = !words.textContent && !seconds.textContent;
    const everySecond = isLast || retry !== null;
    if (everySecond || (isLive && rest !== null)) {
      timer = clock.after(tick, everySecond ? 1000 : Math.min(15_000, Math.max(1000, (rest ?? 0) % MINUTE_MS)));
    }
  }

  return {
    time,
    notice,

    draw(next) {
      status = next;
      tick();
    },
  };
}

/**
 * What is shown instead of the story when it cannot go on.
 *
 * @returns {{element: HTMLElement, draw: (title: string, message: string, canReload: boolean) => void}}
 */
export function createCurtain() {
  const title = make("h2", { tabindex: "-1" });
  const message = make("p", { dir: "auto" });
  const reload = make("button", { type: "button", class: "strong", on: { click: () => location.reload() } }, WORDS.reload);
  const element = make("section", { class: "curtain", hidden: true, role: "alert" }, title, message, reload);
  return {
    element,

    draw(heading, text, canReload) {
      reload.hidden = !canReload;
      setText(title, heading);
      setText(message, text);
      message.hidden = text === "";
      element.hidden = false;
    },
  };
}

/**
 * The first moments: which step the player is at.
 *
 * @returns {{element: HTMLElement, step: (name: keyof typeof WORDS.steps) => void, done: () => void}}
 */
export function createLoading() {
  const names = /** @type {(keyof typeof WORDS.steps)[]} */ (Object.keys(WORDS.steps));
  const bar = make("progress", { max: names.length, value: 0, "aria-label": WORDS.loading });
  const words = make("p", { role: "status" }, WORDS.loading);
  const element = make("div", { class: "loading" }, bar, words);
  return {
    element,

    step(name) {
      bar.value = names.indexOf(name) + 0.5;
      setText(words, WORDS.steps[name]);
    },

    done() {
      element.remove();
    },
  };
}
