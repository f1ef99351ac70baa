// @ts-check
/**
 * Keeps the focus in the story. A choice that was taken goes, and the focus with it: then it goes to where the reading
 * goes on. It is not taken from anything that is still there, nor from the page around the player.
 *
 * @returns {{note: () => void, keep: (place: HTMLElement) => void}} `note` before a view is drawn, `keep` after it
 */
export function createFocusKeeper() {
  let hadFocus = false;
  return {
    note() {
      const active = document.activeElement;
      hadFocus = document.hasFocus() && active !== null && active !== document.body;
    },

    keep(place) {
      const active = document.activeElement;
      const isLost = active === null || active === document.body || !isVisible(active);
      if (hadFocus && isLost) place.focus({ preventScroll: true });
    },
  };
}

/** @param {Element} element */
function isVisible(element) {
  return element.isConnected && element.getClientRects().length > 0;
}
