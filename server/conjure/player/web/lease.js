// @ts-check
/** When a session asks again: numbers only, milliseconds of one clock. */

const MARGIN_MS = 20_000;
const HIDDEN_MARGIN_MS = 75_000; // a hidden page's timers may be a minute late
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * When to renew: a connect prolongs the lease in its last third only, and only while the token is good. The later it is
 * asked, the later the lease ends. So it is asked shortly before the lease or the token ends, whichever is first, with
 * some time left for trying again.
 *
 * @param {Object} lease
 * @param {number} lease.now
 * @param {number} lease.end of what is paid for
 * @param {number} lease.third of what was paid for at once
 * @param {number} lease.tokenEnd
 * @param {boolean} lease.isVisible
 * @param {boolean} lease.isNew whether the last answer has given more time
 * @returns {number|null} null: there is no such time
 */
export function renewalAt({ now, end, third, tokenEnd, isVisible, isNew }) {
  const until = Math.min(end, tokenEnd);
  const margin = Math.min(third * 0.75, isVisible ? MARGIN_MS : HIDDEN_MARGIN_MS);
  // A moment before the last third begins, a connect would prolong nothing.
  const opens = end - third + Math.min(1_000, third / 4);
  let at = Math.max(opens, until - margin, now);
  if (!isNew && at <= now + 1_000) at = now + Math.max((until - now) / 2, 1_000);
  return at < until ? at : null;
}

/**
 * How long to wait after a failure: as the server says, else longer each time. Not all who wait do so equally long.
 *
 * @param {number} failures before this one
 * @param {number|null} retryAfterS
 * @param {number} random from 0 to below 1
 */
export function pauseAfter(failures, retryAfterS, random) {
  if (retryAfterS !== null) {
    const told = Math.min(Math.max(retryAfterS * 1000, FIRST_PAUSE_MS), LONGEST_RETRY_AFTER_MS);
    return told + random * Math.min(told / 4, 2_000);
  }
  const backoff = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures, 10), LONGEST_PAUSE_MS);
  return Math.max(backoff * (0.75 + 0.5 * random), FIRST_PAUSE_MS);
}
