// @ts-check
/**
 * A talk together with its box: what the page puts into itself.
 *
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Device} Device
 * @typedef {import("./types.js").Line} Line
 * @typedef {import("./api.js").Api} Api
 *
 * @typedef {Object} Talking
 * @property {HTMLElement} element
 * @property {() => void} focus writes next
 * @property {() => void} hush nothing is spoken any more, as in a page that is not seen
 * @property {() => void} leave to be called when the page is left, before the session is ended
 * @property {() => unknown} save what a page that is loaded again goes on from
 * @property {() => void} destroy
 */
import { createSpeech } from "./speech.js";
import { createTalk } from "./talk.js";
import { createTalkBox } from "./talkbox.js";
import { createTerminal } from "./terminal.js";

/**
 * Begins a talk with the character that a world is.
 *
 * @param {Api} api
 * @param {Json} world
 * @param {Object} parts
 * @param {boolean} parts.isNamed whether the token names its player, who is then remembered
 * @param {(stance: string) => void} parts.onStance the state of the scene that is to be shown
 * @param {unknown} [parts.saved] what `save` gave before
 * @param {() => void} [parts.onChange] there may be something new to save
 * @returns {Talking}
 */
export function openTalk(api, world, { isNamed, onStance, saved, onChange = () => {} }) {
  const talk = createTalk(api, world, {
    isNamed,
    onStance,
    speech: createSpeech(api, world),
    onChange(state) {
      box.update(state);
      onChange();
    },
  });
  const box = createTalkBox({
    kind: "character",
    onSend: talk.say,
    onHear: talk.hear,
    onToggleSpeech: talk.toggleSpeech,
  });
  box.update(talk.state);
  if (!talk.restore(saved)) void talk.begin();
  return {
    element: box.element,
    focus: box.focus,
    hush: talk.hush,
    leave: talk.leave,
    save: talk.save,
    destroy() {
      talk.destroy();
      box.destroy();
    },
  };
}

/**
 * Opens a terminal. Its lines are kept by who opens it.
 *
 * @param {Api} api
 * @param {Device} device
 * @param {Object} parts
 * @param {Json} parts.event as the world has it
 * @param {() => Iterable<string>} parts.flags those that are held
 * @param {(line: Line) => void} parts.onLine
 * @param {() => void} parts.onClose
 * @returns {Talking}
 */
export function openTerminal(api, device, { event, flags, onLine, onClose }) {
  const terminal = createTerminal(api, device, { event, flags, onLine, onChange: (state) => box.update(state) });
  const box = createTalkBox({ kind: "terminal", onSend: terminal.say, onClose, title: device.name });
  box.update(terminal.state);
  return {
    element: box.element,
    focus: box.focus,
    hush() {},
    leave() {},
    save: () => null,
    destroy() {
      terminal.destroy();
      box.destroy();
    },
  };
}
