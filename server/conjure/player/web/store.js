// @ts-check
/**
 * What a page that is loaded again goes on from: kept in this tab, under the token's own id. A page that may keep
 * nothing keeps nothing.
 */

/**
 * @param {string} jti
 * @returns {{keep: (name: string, value: unknown) => void, read: (name: string) => any}}
 */
export function createStore(jti) {
  /** @type {Map<string, unknown>} */
  const values = new Map();
  /** @param {string} name */
  const keyOf = (name) => `conjure-${name}-${jti}`;
  return {
    keep(name, value) {
      values.set(name, value);
      try {
        sessionStorage.setItem(keyOf(name), JSON.stringify(value));
      } catch {
        // It is full, or forbidden.
      }
    },

    read(name) {
      if (!values.has(name)) {
        let value = null;
        try {
          value = JSON.parse(sessionStorage.getItem(keyOf(name)) ?? "null");
        } catch {
          // The same, or somebody has written there.
        }
        values.set(name, value);
      }
      return values.get(name);
    },
  };
}
