// @ts-check
/**
 * Keeps the focus in the story. A choice that was taken goes, and the focus with it: then it goes to where the reading
 * goes on. It is not taken from anything that is still there, nor from the page around the player.
 */
export function createFocusKeeper() {
  let hadFocus = false;
  let isPressed = false;
  return {
    /** A key was pressed: whoever plays by keys has the focus here, wherever it stood. */
    claim() {
      isPressed = true;
    },

    /** Before a view is drawn. */
    note() {
      const active = document.activeElement;
      hadFocus = document.hasFocus() && (isPressed || (active !== null && active !== document.body));
      isPressed = false;
    },

    /**
     * After it is drawn.
     *
     * @param {HTMLElement} place
     */
    keep(place) {
      const active = document.activeElement;
      const isLost = active === null || active === document.body || active.getClientRects().length === 0;
      if (hadFocus && isLost) place.focus({ preventScroll: true });
    },
  };
}
