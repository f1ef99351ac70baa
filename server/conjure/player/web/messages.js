// @ts-check
/**
 * What the player and the page around it tell each other by postMessage (CONTRACT 12).
 *
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").PlayEvent} PlayEvent
 * @typedef {import("./types.js").SessionStatus} SessionStatus
 *
 * @typedef {Object} Messages
 * @property {(world: Json) => void} ready the world plays
 * @property {(event: PlayEvent) => void} play
 * @property {(status: SessionStatus) => void} status told of every one: of an end it tells once
 * @property {(reason: string, message: string) => void} error play cannot go on, and the session is not why
 *
 * @typedef {Object} MessageOptions
 * @property {string} target the origin that the token is bound to, or "*"
 * @property {(name: string) => boolean} [onWorldEvent] plays an event, if it is possible
 * @property {() => Json|null} [world] what is played
 * @property {Window} [frame] for tests
 */

const LONGEST = 4_000; // characters of a name, or of the prose of an event
const MOST_EARLY = 100;
const STUDIO = "alakazam-studio";

/**
 * @param {MessageOptions} options
 * @returns {Messages}
 */
export function createMessages({ target, onWorldEvent, world = () => null, frame = window }) {
  const { parent } = frame;
  const isFramed = parent !== frame;
  let hasPlayed = false;
  let isOver = false;
  /** What happened before it was ready: a page is told that first. @type {Json[]|null} */
  let early = [];

  /** @param {Json} members */
  const tell = (members) => {
    if (!isFramed) return;
    try {
      parent.postMessage({ source: "conjure", ...members }, target);
    } catch {
      // The page around has gone, or `target` is no origin.
    }
  };

  /** @param {Json} members */
  const tellEnd = (members) => {
    if (isOver) return;
    isOver = true;
    tell(members);
  };

  /** @param {MessageEvent} message */
  const heard = (message) => {
    if (message.source !== parent || (target !== "*" && message.origin !== target)) return;
    const { source, type, event } = Object(message.data);
    if (source !== STUDIO || type !== "world-event" || onWorldEvent === undefined) return;
    for (const name of eventNames(event, world())) if (onWorldEvent(name)) return;
  };
  if (isFramed) frame.addEventListener("message", heard);

  return {
    ready(played) {
      tell({ type: "ready", worldId: textOf(played.id), name: textOf(played.name) });
      for (const members of early ?? []) tell(members);
      early = null;
    },
    play(event) {
      const members = membersOf(event);
      if (early === null) tell(members);
      else if (early.length < MOST_EARLY) early.push(members);
    },
    status({ phase, reason, message }) {
      if (phase === "live") {
        hasPlayed = true;
        isOver = false;
      } else if (phase === "ended") {
        tellEnd({ type: hasPlayed ? "session-ended" : "error", reason: reason ?? "refused", message: message ?? "" });
      }
    },
    error(reason, message) {
      tellEnd({ type: "error", reason, message });
    },
  };
}

/** @param {PlayEvent} event */
function membersOf(event) {
  if (event.type === "choice") return { type: "choice", event: event.event };
  if (event.type === "state-entered") return { type: "state-entered", state: event.state };
  return { type: "ending", kind: event.kind, title: event.title };
}

/**
 * The names of the events that a `world-event` may mean, most likely first: its name, as text or as `name`. The studio
 * sends what it would send a runtime, `{kind, value, stateId?}`: prose, and where it leads.
 *
 * @param {unknown} event anything
 * @param {Json|null} world
 * @returns {string[]}
 */
export function eventNames(event, world) {
  if (typeof event === "string") return event === "" || event.length > LONGEST ? [] : [event];
  const { name, value, stateId, kind } = Object(event);
  /** @type {Set<string>} */
  const names = new Set();
  for (const text of [name, value]) if (isText(text)) names.add(text);
  const events = world?.scene?.events;
  if (kind === "command" || !Array.isArray(events)) return [...names];
  const prose = isText(value) ? value.trim() : "";
  for (const known of events) {
    const { name: id, base } = Object(known);
    if (isText(id) && isText(base) && base.trim() !== "" && `${prose} `.startsWith(`${base.trim()} `)) names.add(id);
  }
  if (kind === "state" && isText(stateId))
    for (const known of events) if (isText(known?.name) && known.to === stateId) names.add(known.name);
  return [...names];
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
const isText = (value) => typeof value === "string" && value !== "" && value.length <= LONGEST;

/** @param {unknown} value */
const textOf = (value) => (typeof value === "string" ? value : "");
