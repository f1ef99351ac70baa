// @ts-check
/**
 * What the address of the page says: `token`, `theme` and `colorPrimary`. All of it may be wrong: it is a link that
 * anybody can have written.
 *
 * @typedef {Object} Address
 * @property {string|null} token null: there is none, or more than one
 * @property {"dark"|"light"|"auto"} theme
 * @property {string|null} colorPrimary as it was written
 */

/**
 * @param {string} search `location.search`
 * @returns {Address}
 */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  const tokens = query.getAll("token");
  const theme = query.get("theme");
  return {
    token: tokens.length === 1 && tokens[0] ? tokens[0] : null,
    theme: theme === "light" || theme === "auto" ? theme : "dark",
    colorPrimary: query.get("colorPrimary"),
  };
}
