// @ts-check
/** Hotkeys. Space and Enter belong to what has the focus, letters to who is typing. */

/**
 * @param {(key: string) => boolean} onKey gets one lower-case character or the name of a key; whether it did anything
 */
export function listenToKeys(onKey) {
  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " " || event.key === "Tab" || isTyping(event.target)) return;
    if (onKey(event.key.length === 1 ? event.key.toLowerCase() : event.key)) event.preventDefault();
  }
  document.addEventListener("keydown", pressed);
}

/** @param {EventTarget|null} target */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}
