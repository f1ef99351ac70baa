// @ts-check
/** A character: how it is introduced, and the box in which one talks to it. */
import { make } from "./dom.js";
import { createSpeech } from "./speech.js";
import { createTalk } from "./talk.js";
import { createTalkBox } from "./talkbox.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {ReturnType<typeof createCharacter>} Character */

/**
 * @param {Object} parts
 * @param {Api} parts.api
 * @param {Json} parts.world
 * @param {boolean} parts.isNamed whether the token names its player
 * @param {Clock} parts.clock
 * @param {(stance: string) => void} parts.onStance
 * @param {() => void} parts.onChange something is to be saved
 */
export function createCharacter({ api, world, isNamed, clock, onStance, onChange }) {
  const speech = createSpeech(api, world);
  const talk = createTalk(api, world, {
    isNamed,
    speech,
    clock,
    onStance,
    onChange: (state) => box.update(state),
    onKeep: onChange,
  });
  const box = createTalkBox({
    kind: "character",
    onSend: (text) => talk.say(text),
    onToggleSpeech: () => talk.toggleSpeech(),
    onHear: () => talk.hear(),
    now: clock.now,
  });
  box.update(talk.state);
  return {
    elements: [drawIntro(Object(Object(world.character).intro)), box.element],

    /**
     * @param {unknown} saved what `save` gave before
     */
    begin(saved) {
      if (!talk.restore(saved)) void talk.begin();
    },

    save: () => talk.save(),
    leave: () => talk.leave(),

    /** Nobody speaks in a page that is not seen. */
    hush() {
      speech.stop();
    },

    destroy() {
      talk.destroy();
      box.destroy();
    },
  };
}

/**
 * How a character is introduced: whatever of it its author wrote.
 *
 * @param {Json} intro
 */
function drawIntro({ kicker, title, hint }) {
  const element = make(
    "section",
    { class: "intro" },
    isText(kicker) && make("p", { class: "intro-kicker", dir: "auto" }, kicker),
    isText(title) && make("p", { class: "intro-title", dir: "auto" }, title),
    isText(hint) && make("p", { class: "intro-hint", dir: "auto" }, hint),
  );
  element.hidden = !element.hasChildNodes();
  return element;
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
const isText = (value) => typeof value === "string" && value.trim() !== "";
