// @ts-check
// Stands in the page itself, before anything is loaded. While a new release is being rolled out, the page may come from
// a new server and a file be asked of an old one, which does not have it: then the page is loaded once more, some
// times, later and later. How often is kept in the history's entry, which survives a reload and needs no storage.
(() => {
  const most = 5;
  let hasFailed = false;

  /** @returns {number} how often the page was loaded again */
  const tries = () => Number(history.state?.conjureTries ?? 0);

  const giveUp = () => {
    const text = document.createElement("p");
    text.setAttribute("role", "alert");
    text.textContent = "The player did not load. Check the connection, then reload the page.";
    document.body.replaceChildren(text);
  };

  addEventListener(
    "error",
    (event) => {
      const target = event.target;
      const isFile = target instanceof HTMLScriptElement || target instanceof HTMLLinkElement;
      if (!isFile || hasFailed || (target instanceof HTMLLinkElement && target.rel !== "stylesheet")) {
        return;
      }
      hasFailed = true;
      const done = tries();
      if (done >= most) {
        history.replaceState(null, "");
        giveUp();
        return;
      }
      history.replaceState({ conjureTries: done + 1 }, "");
      setTimeout(() => location.reload(), 250 * 2 ** done);
    },
    true, // such events do not bubble
  );
  addEventListener("load", () => {
    if (!hasFailed && tries() > 0) {
      history.replaceState(null, "");
    }
  });
})();
