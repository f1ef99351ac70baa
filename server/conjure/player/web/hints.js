// @ts-check
/**
 * How a way is told in words: where it drives the player, and what lies at its end.
 */
import { amount, child, text } from "./values.js";

/**
 * @typedef {import("./types.js").Json} Json
 */

const MOVEMENTS = new Map([
  ["forward", "forward"],
  ["back", "back"],
  ["strafe_left", "to the left"],
  ["strafe_right", "to the right"],
]);
const SIDES = new Set(["left", "right", "up", "down"]);

/**
 * "forward, looking left"; null when the event says nothing of it.
 *
 * @param {Json} event
 * @returns {string|null}
 */
export function driveOf(event) {
  const drive = child(event, "drive");
  const movement = MOVEMENTS.get(text(drive, "movement") ?? "");
  const looks = ["lookHorizontal", "lookVertical"].map((key) => text(drive, key) ?? "").filter((side) => SIDES.has(side));
  const parts = movement === undefined ? [] : [movement];
  if (looks.length > 0) parts.push(`looking ${looks.join(" and ")}`);
  return parts.join(", ") || null;
}

/**
 * "The gate, 120 m"; null when the event says nothing of it.
 *
 * @param {Json} event
 * @returns {string|null}
 */
export function waypointOf(event) {
  const waypoint = child(event, "waypoint");
  const metres = amount(waypoint, "distanceM", 1e9);
  return [text(waypoint, "label"), metres === null ? null : distance(metres)].filter(Boolean).join(", ") || null;
}

/**
 * @param {number} metres
 */
function distance(metres) {
  if (metres >= 999.5) return `${Number((metres / 1_000).toFixed(1))} km`;
  return `${Number(metres.toFixed(metres < 9.95 ? 1 : 0))} m`;
}
