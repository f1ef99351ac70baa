// @ts-check
/**
 * Play as it is kept over a reload of the page, and taken back.
 *
 * What is taken back comes from the browser's storage: anybody may have written it, or the world may be another by now.
 */
import { situationOf } from "./rules.js";
import { amount, child, children, elements, isObject, member, strings, text } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 * @typedef {import("./types.js").Situation} Situation
 * @typedef {import("./rules.js").Game} Game
 *
 * Where play stands, and how it came there as far as that matters.
 * @typedef {Object} Play
 * @property {Situation} situation
 * @property {Situation|null} before what it was before the last transition
 * @property {Map<string, number>} visits how often each state was entered
 * @property {number} stayMs how long the player could choose since the state was entered
 * @property {Set<string>} byItself names of the events that happened by themselves since
 * @property {boolean} isOutroSeen
 * @property {boolean} isOver whether the ending was told
 */

const FORMAT = 1;
const MOST_VISITS = 1e9;

/**
 * @param {Game} game
 * @returns {Play}
 */
export function newPlay(game) {
  return {
    situation: game.start,
    before: null,
    visits: new Map(),
    stayMs: 0,
    byItself: new Set(),
    isOutroSeen: false,
    isOver: false,
  };
}

/**
 * @param {Play} play
 * @returns {Json}
 */
export function saved(play) {
  return {
    format: FORMAT,
    situation: written(play.situation),
    before: play.before === null ? null : written(play.before),
    visits: [...play.visits],
    stayMs: play.stayMs,
    byItself: [...play.byItself],
    isOutroSeen: play.isOutroSeen,
    isOver: play.isOver,
  };
}

/**
 * The play that was saved; null when it is none of this world.
 *
 * @param {Game} game
 * @param {unknown} json
 * @returns {Play|null}
 */
export function restored(game, json) {
  if (!isObject(json) || member(json, "format") !== FORMAT) return null;
  const known = namesOf(game.world);
  const situation = situationIn(game, known, member(json, "situation"));
  const before = member(json, "before") === null ? null : situationIn(game, known, member(json, "before"));
  const visits = visitsIn(game, member(json, "visits"));
  const byItself = namesIn(known.events, member(json, "byItself"));
  const stayMs = amount(json, "stayMs");
  const isOutroSeen = member(json, "isOutroSeen");
  const isOver = member(json, "isOver");
  if (situation === null || visits === null || byItself === null || stayMs === null) return null;
  if (before === null && member(json, "before") !== null) return null;
  if (typeof isOutroSeen !== "boolean" || typeof isOver !== "boolean") return null;
  if (!visits.has(situation.state)) return null;
  return { situation, before, visits, stayMs, byItself: new Set(byItself), isOutroSeen, isOver };
}

/**
 * @param {Situation} situation
 * @returns {Json}
 */
function written(situation) {
  return { state: situation.state, flags: [...situation.flags], used: [...situation.used] };
}

/**
 * @typedef {{flags: ReadonlySet<string>, oneShots: ReadonlySet<string>, events: ReadonlySet<string>}} Names
 *
 * @param {Json} world
 * @returns {Names}
 */
function namesOf(world) {
  const events = children(child(world, "scene"), "events");
  return {
    flags: new Set(events.flatMap((event) => strings(event, "grants"))),
    oneShots: new Set(events.filter((event) => member(event, "oneShot") === true).map((event) => text(event, "name") ?? "")),
    events: new Set(events.map((event) => text(event, "name") ?? "")),
  };
}

/**
 * @param {Game} game
 * @param {Names} known
 * @param {unknown} json
 * @returns {Situation|null}
 */
function situationIn(game, known, json) {
  if (!isObject(json)) return null;
  const state = text(json, "state");
  const flags = namesIn(known.flags, member(json, "flags"));
  const used = namesIn(known.oneShots, member(json, "used"));
  if (state === null || !game.hasState(state) || flags === null || used === null) return null;
  return situationOf(state, flags, used);
}

/**
 * Different names that are all known; null when it is anything else.
 *
 * @param {ReadonlySet<string>} known
 * @param {unknown} json
 * @returns {string[]|null}
 */
function namesIn(known, json) {
  if (!Array.isArray(json) || json.length > known.size) return null;
  return json.every((name) => known.has(name)) ? json : null;
}

/**
 * @param {Game} game
 * @param {unknown} json
 * @returns {Map<string, number>|null}
 */
function visitsIn(game, json) {
  /** @type {Map<string, number>} */
  const visits = new Map();
  for (const entry of elements({ json }, "json")) {
    if (!Array.isArray(entry) || entry.length !== 2) return null;
    const [state, count] = entry;
    if (typeof state !== "string" || !game.hasState(state) || visits.has(state)) return null;
    if (!Number.isInteger(count) || count < 1 || count > MOST_VISITS) return null;
    visits.set(state, count);
  }
  return visits;
}
