// @ts-check
/**
 * What a session token says of itself (CONTRACT 6.1). Nothing here is checked: the server does that.
 *
 * @typedef {Object} Claims
 * @property {string} jti "" where the token has none
 * @property {string|null} origin the web origin that it is bound to
 * @property {number|null} expiresAt Unix milliseconds, by the server's clock
 * @property {boolean} isNamed whether it names its player, whom characters then remember (CONTRACT 5)
 */

const ANONYMOUS = "anon";
const LONGEST = 8192; // characters, as at the server
const BASE64URL = /^[\w-]+$/;

/**
 * @param {string} token anything
 * @returns {Claims}
 */
export function claimsOf(token) {
  const payload = payloadOf(token);
  const { jti, aud, exp, sub } = payload;
  return {
    jti: typeof jti === "string" ? jti.slice(0, 64) : "",
    origin: typeof aud === "string" ? webOrigin(aud) : null,
    expiresAt: typeof exp === "number" && Number.isFinite(exp) ? exp * 1000 : null,
    isNamed: typeof sub === "string" && sub !== "" && sub !== ANONYMOUS,
  };
}

/**
 * @param {string} text
 * @returns {string|null} an http or https origin as it is written in `Origin`
 */
export function webOrigin(text) {
  if (!/^https?:\/\//i.test(text) || text.length > 1000) return null;
  try {
    const { origin } = new URL(text);
    return origin === text ? origin : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} token
 * @returns {Record<string, unknown>}
 */
function payloadOf(token) {
  const part = token.length <= LONGEST ? token.split(".")[1] : undefined;
  if (part === undefined || !BASE64URL.test(part)) return {};
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const payload = JSON.parse(new TextDecoder().decode(bytes));
    return typeof payload === "object" && payload !== null && !Array.isArray(payload) ? payload : {};
  } catch {
    return {};
  }
}
