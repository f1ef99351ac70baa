// @ts-check
/**
 * Everything that a person reads and that no world says: in one place, so that it can be translated as one.
 *
 * What session.js, talk.js and the modules of pictures say of failures is here too.
 */

export const WORDS = Object.freeze({
  // Loading.
  loading: "Opening the world",
  steps: Object.freeze({ connect: "Connecting", world: "Reading the world", picture: "Painting the first picture" }),

  // The page around the story.
  untitled: "A world",
  scene: "Scene",
  choicesTitle: "What you can do",
  help: "Help",
  keys: "Keys",
  close: "Close",
  journal: "Journal",
  tales: "Stories to watch",
  skip: "Skip",
  goOn: "Continue",
  leave: "Leave",
  play: "Play",
  soundOn: "Sound on",
  soundOff: "Sound off",
  again: "Play again",
  anew: "Start over",
  back: "Back one step",
  reload: "Try again",
  locked: "Locked",
  byItself: "Happens by itself",
  waypoint: "Way",
  drive: "Move",
  done: "Done",
  open: "Open",
  notYet: "Not yet",
  win: "You made it",
  lose: "It ends here",
  end: "The end",
  stuck: "There is nothing left to do here.",
  clip: "A scene as a video",

  // Keys.
  keysIntro: "Play waits while this is open.",
  keyRows: Object.freeze([
    ["Tab", "go to the next choice"],
    ["Enter", "take the choice that has the focus"],
    ["Esc", "skip a video or a story, close a panel"],
    ["?", "open or close this help"],
  ]),
  letters: "The letter on a choice takes that choice.",
  lettersOn: "Play by letter keys",

  // The session.
  retrying: "Trying again now…",
  left: "left to play",
  lastMinute: "Less than a minute is left",
  ended: "This session has ended",
  failed: "This world cannot be played",
  noToken: "This link has no session. Ask for a new link where you found this one.",
  badToken: "This link is damaged. Ask for a new link where you found this one.",
  broken: "Something in the player went wrong. Reload the page to go on from where you were.",
});

/**
 * @param {number} at from 0 on
 * @param {number} of
 */
export const stepOf = (at, of) => `${at + 1} of ${of}`;

/** @param {number} seconds */
export const inSeconds = (seconds) => (seconds > 120 ? `in ${Math.ceil(seconds / 60)} min` : `in ${seconds} s`);

/** @param {number} minutes */
export const minutes = (minutes) => `${minutes} min`;

/** @param {number} seconds */
export const seconds = (seconds) => `${seconds} s`;

/** @param {number} seconds */
export const tryingAgainIn = (seconds) => (seconds > 0 ? `Trying again in ${seconds} s` : WORDS.retrying);

/**
 * @param {number} done
 * @param {number} of
 */
export const objectivesDone = (done, of) => `${done}/${of}`;

/**
 * The title of a scene: the id of its state, in words. An id that says nothing ("state_12", a UUID) is none.
 *
 * @param {string} id
 * @returns {string|null}
 */
export function sceneTitle(id) {
  // Without looking behind, which Safari cannot before 16.4: no module of the player would load there.
  const words = id.replace(/[_\s/]+/gu, " ").replace(/(\p{L})-(?=\p{L})/gu, "$1 ").trim();
  if (/^(?:(?:state|scene|room|node|[a-z])? ?[\d-]*|[\da-f-]{16,})$/iu.test(words)) return null;
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/**
 * How a key is written on a choice.
 *
 * @param {string} key as in KeyboardEvent.key
 */
export const keyName = (key) => KEY_NAMES[key] ?? (key.length === 1 ? key.toLocaleUpperCase() : key);

/** @type {Readonly<Record<string, string>>} */
const KEY_NAMES = Object.freeze({
  " ": "Space",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
});

/** What a player is told of the session (session.js). */
export const SESSION_WORDS = Object.freeze({
  // While it waits.
  full: "Everybody who can play at once is playing. You are next when somebody leaves.",
  busy: "This world is asked for too often right now.",
  away: "The world cannot be reached right now.",
  offline: "There is no connection to the world.",
  // Why it ended.
  invalid: "This link has expired, or it is not for this page. Ask for a new link where you found this one.",
  expired: "The time of this link is over. Ask for a new link to play on.",
  minutes: "Today's playing time is used up. It begins anew at midnight, UTC.",
  gone: "This world is gone.",
  refused: "This world cannot be played right now. Ask for a new link where you found this one.",
  left: "You have left this world.",
});
