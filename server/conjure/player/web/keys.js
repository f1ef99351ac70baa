// @ts-check
/**
 * Keys, as worlds write them and as browsers name them.
 */

/** What people call keys, in lower case, and what KeyboardEvent.key calls them. */
const NAMES = new Map(
  Object.entries({
    space: " ",
    spacebar: " ",
    esc: "Escape",
    return: "Enter",
    up: "ArrowUp",
    down: "ArrowDown",
    left: "ArrowLeft",
    right: "ArrowRight",
    del: "Delete",
    ins: "Insert",
    pgup: "PageUp",
    pgdn: "PageDown",
  }),
);
for (const name of [
  "Escape", "Enter", "Backspace", "Delete", "Insert", "Home", "End", "PageUp", "PageDown",
  "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight",
]) NAMES.set(name.toLowerCase(), name); // prettier-ignore
for (let number = 1; number <= 12; number++) NAMES.set(`f${number}`, `F${number}`);

/**
 * One lower-case character, or the name of a key as in KeyboardEvent.key; null for what is no key that a world may
 * bind. Tab is none: without it nobody gets on by keyboard.
 *
 * @param {unknown} hotkey
 * @returns {string|null}
 */
export function keyOf(hotkey) {
  if (typeof hotkey !== "string") return null;
  if (hotkey === " ") return hotkey;
  const written = hotkey.trim();
  const [character, ...more] = written;
  if (character !== undefined && more.length === 0) return written.toLowerCase();
  return NAMES.get(written.toLowerCase().replace(/[ _-]/g, "")) ?? null;
}
