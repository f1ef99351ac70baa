// @ts-check
/** Videos that fill the stage: the intro, cutscenes, the outro. Always skippable; one that does not load is skipped. */
import { icon, make, paragraphs, setAttribute, setText } from "./dom.js";
import { WORDS } from "./words.js";

/** @typedef {import("./types.js").Clip} Clip */
/** @typedef {import("./types.js").Clock} Clock */

const PLAY = "M7 4l13 8-13 8z";
/** How long a video may take until something of it is there. */
const PATIENCE_MS = 10_000;

/**
 * @param {Clock} clock
 * @param {() => void} onOver it was watched, skipped, or does not load
 * @returns {{element: HTMLDialogElement, draw: (clip: Clip|null) => void, hold: (isHeld: boolean) => void}}
 */
export function createClips(clock, onOver) {
  const video = make("video", { playsinline: true, preload: "auto", tabindex: "-1", disablepictureinpicture: true });
  const label = make("p", { class: "clip-label", dir: "auto" });
  const subtitle = make("div", { class: "clip-subtitle", id: "clip-subtitle" });
  const play = make("button", { type: "button", class: "clip-play", hidden: true, on: { click: () => void start(false) } }, icon(PLAY), WORDS.play);
  const sound = make("button", { type: "button", class: "quiet", on: { click: toggleSound } });
  const skip = make("button", { type: "button", class: "strong", autofocus: true, on: { click: over } }, WORDS.skip);
  const element = make(
    "dialog",
    { class: "clip", "aria-label": WORDS.clip, "aria-describedby": "clip-subtitle" },
    video,
    play,
    make("div", { class: "clip-words" }, label, subtitle),
    make("div", { class: "clip-buttons" }, sound, skip),
  );
  /** @type {Clip|null} */
  let shown = null;
  let isOver = false;
  /** @type {unknown} */
  let patience;

  element.addEventListener("cancel", (event) => {
    event.preventDefault();
    over();
  });
  // Browsers close it in any case when somebody insists.
  element.addEventListener("close", () => {
    if (!element.open) over();
  });
  video.addEventListener("loadeddata", calm);
  video.addEventListener("error", over);
  video.addEventListener("ended", () => {
    if (!shown?.isStill) over();
    else setText(skip, WORDS.goOn);
  });

  /** The next view closes it: who draws that knows where the focus was. */
  function over() {
    if (!shown || isOver) return;
    isOver = true;
    calm();
    onOver();
  }

  function calm() {
    if (patience !== undefined) clock.cancel(patience);
    patience = undefined;
  }

  function toggleSound() {
    video.muted = !video.muted;
    nameSound();
  }

  function nameSound() {
    setText(sound, video.muted ? WORDS.soundOn : WORDS.soundOff);
  }

  /**
   * Browsers let a page play with sound once a person has used it, silently before; and some let it not at all.
   *
   * @param {boolean} isMuted
   * @returns {Promise<void>}
   */
  async function start(isMuted) {
    play.hidden = true;
    video.muted = isMuted;
    nameSound();
    try {
      await video.play();
    } catch (error) {
      if (!shown || !(error instanceof DOMException) || error.name !== "NotAllowedError") return; // `error` tells the rest
      if (!isMuted) await start(true);
      else offer();
    }
  }

  function offer() {
    calm();
    play.hidden = false;
  }

  /** @param {Clip} clip */
  function open(clip) {
    shown = clip;
    isOver = false;
    setText(label, clip.label ?? "");
    setAttribute(element, "aria-label", clip.label || WORDS.clip);
    subtitle.replaceChildren(...paragraphs(clip.subtitle ?? ""));
    setText(skip, WORDS.skip);
    play.hidden = true;
    if (!element.open) element.showModal();
    patience = clock.after(over, PATIENCE_MS);
    video.src = clip.src;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      nameSound();
      offer();
    } else void start(!(navigator.userActivation?.hasBeenActive ?? false));
  }

  function close() {
    shown = null;
    calm();
    video.pause();
    video.removeAttribute("src");
    video.load();
    if (element.open) element.close();
  }

  return {
    element,

    draw(clip) {
      if (clip === shown) return;
      if (clip) open(clip);
      else close();
    },

    /** Stops with the rest of play, and goes on with it. */
    hold(isHeld) {
      if (!shown || !play.hidden) return;
      if (isHeld) video.pause();
      else if (!video.ended) void start(video.muted);
    },
  };
}
