// @ts-check
/**
 * Texts as the server counts them, and failures of whatever kind.
 *
 * @typedef {import("./types.js").Failure} Failure
 */

/** How many characters can be said at once (CONTRACT 5): code points, not the halves that JavaScript counts. */
export const MOST_TEXT = 2_000;

/**
 * How many characters a text has; null where it has so many that nobody has to count: a paste may have megabytes.
 *
 * @param {string} text
 * @returns {number|null}
 */
export function countOf(text) {
  if (text.length > 10 * MOST_TEXT) return null;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * Whether a text can be said as far as its length goes.
 *
 * @param {string} text
 */
export function hasLength(text) {
  const count = countOf(text);
  return count !== null && count <= MOST_TEXT;
}

/**
 * The text without halves of characters, which no JSON can hold, and without the white space around it.
 *
 * @param {string} text
 */
export const tidy = (text) => text.trim().replace(/\p{Surrogate}/gu, "\u{FFFD}");

/**
 * The beginning of a text, cut between characters.
 *
 * @param {string} text
 * @param {number} most
 */
export function mostOf(text, most) {
  if (text.length <= most) return text;
  let end = 0;
  let count = 0;
  for (const character of text) {
    if (count === most) break;
    count += 1;
    end += character.length;
  }
  return text.slice(0, end);
}

/**
 * How large the body of a call is.
 *
 * @param {import("./types.js").Json} body
 */
export const bytesOf = (body) => new TextEncoder().encode(JSON.stringify(body)).length;

/**
 * A text with something in it; null for anything else.
 *
 * @param {unknown} value
 * @returns {string|null}
 */
export const wordsOf = (value) => (typeof value === "string" && value.trim() !== "" ? value : null);

/**
 * What a call was answered with that failed; status 0 for whatever was no answer.
 *
 * @param {any} error
 * @returns {Failure}
 */
export function failureOf(error) {
  const failure = error?.failure;
  if (typeof failure?.status !== "number") return { status: 0, detail: "", retryAfterS: null };
  return {
    status: failure.status,
    detail: typeof failure.detail === "string" ? failure.detail : "",
    retryAfterS: typeof failure.retryAfterS === "number" ? failure.retryAfterS : null,
  };
}

/**
 * An error as `failureOf` reads it.
 *
 * @param {number} status
 * @param {string} detail
 */
export function failedWith(status, detail) {
  return Object.assign(new Error(detail), { failure: { status, detail, retryAfterS: null } });
}
