// @ts-check
/**
 * What a person reads while talking, besides what is said.
 *
 * @typedef {import("./types.js").Failure} Failure
 */

export const TALK_WORDS = Object.freeze({
  you: "You",
  somebody: "Somebody",
  terminal: "The other side",
  say: "Say something",
  log: "What was said",
  send: "Send",
  close: "Close",
  wait: "…",
  speakerOn: "Voice: on",
  speakerOff: "Voice: off",
  hear: "Hear it",
  stopHearing: "Stop",
  voiceLoading: "The voice is coming…",
  tooLong: "That is too long. At most 2,000 characters fit.",
  wasCut: ": the end of it was left out",
  empty: "Write something first.",
  cut: "The answer was cut off. What you wrote is below: send it again to ask again.",
  noPicture: "A picture was to come here, and did not.",
  voiceGone: "There is no voice here at the moment. The answers are written, as before.",
  voiceQuota: "The voice is used up for today. The answers are written, as before.",
  voiceBusy: "Too many speak at once. The next answer may be heard again.",
  voiceFailed: "This answer could not be spoken.",
  voiceBlocked: "The browser plays no sound yet. Choose “Hear it”.",
});

/** @param {string} name */
export const thinks = (name) => `${name} is thinking`;

/** @param {string} name */
export const sayTo = (name) => `Say something to ${name}`;

/** @param {string} name */
export const talkWith = (name) => `Talk with ${name}`;

/**
 * @param {string} who
 * @param {string} text
 */
export const saidBy = (who, text) => `${who}: ${text}`;

/** @param {number} count how many characters */
export const lengthOf = (count) => `${count.toLocaleString("en")} of 2,000`;

/** @param {number} seconds */
export const waitFor = (seconds) => `Wait ${seconds} s, then send it again.`;

/**
 * What somebody does besides talking; null for what is told otherwise, or by nobody.
 *
 * @param {string} type
 * @param {string|null} target
 * @param {string} name
 */
export function deed(type, target, name) {
  if (type === "fetch_object") return target ? `${name} fetches ${target}.` : `${name} fetches something.`;
  if (type === "change_location") return target ? `${name} goes to ${target}.` : `${name} goes somewhere else.`;
  return null;
}

/**
 * Why there is no answer.
 *
 * @param {Failure} failure
 * @param {string} name who was spoken to
 */
export function whyNot(failure, name) {
  switch (failure.status) {
    case 0:
      return "There was no answer. Look at your connection, then send it again.";
    case 400:
      return `That was not taken: ${failure.detail || "no reason was given"}.`.replace(/([.!?])\.$/u, "$1");
    case 401:
      return "This link no longer works. Ask for a new one where you found it.";
    case 402:
      return `${name} has no more answers for today. Come back tomorrow.`;
    case 404:
      return `${name} is not here any more.`;
    case 413:
      return TALK_WORDS.tooLong;
    case 429:
      return "That was too fast.";
    default:
      return `${name} could not answer just now. Send it again in a moment.`;
  }
}
