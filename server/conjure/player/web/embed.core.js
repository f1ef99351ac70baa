// @ts-check
// How a page mounts the player. The server makes two files of it: the module /embed.js and the script /embed.global.js
// (player/files.py). It has no `import`, and `export` only at the beginning of a line.

/**
 * @typedef {Object} EmbedTheme
 * @property {string} [colorPrimary] the colour of what can be chosen, as CSS writes it
 * @property {"dark"|"light"|"auto"} [scheme] dark without it
 *
 * @typedef {Object} EmbedOptions
 * @property {Element|string} container where the player goes, or a selector of it
 * @property {string} token a session token
 * @property {string} [slug] what the player is called for those who do not see it
 * @property {EmbedTheme} [theme]
 * @property {(told: Record<string, any>) => void} [onReady] the world plays: {worldId, name}
 * @property {(told: Record<string, any>) => void} [onChoice] {event}
 * @property {(told: Record<string, any>) => void} [onStateEntered] {state}
 * @property {(told: Record<string, any>) => void} [onEnding] {kind, title}
 * @property {(told: Record<string, any>) => void} [onSessionEnded] {reason, message}
 * @property {(told: Record<string, any>) => void} [onError] play cannot go on: {reason, message}
 *
 * @typedef {Object} Embed
 * @property {() => void} destroy takes the player away and ends its session
 */

/**
 * @param {string} here where this file was loaded from: the player is there too
 */
export function embedOf(here) {
  const page = new URL("embed.html", here);
  const schemes = new Set(["dark", "light", "auto"]);
  const longest = 8192; // characters of a token
  // The script may be loaded twice, and as a module too: an element is mounted by one of them.
  const mounted = Symbol.for("alakazam.mounted");
  /** @type {ReadonlyMap<string, "onReady"|"onChoice"|"onStateEntered"|"onEnding"|"onSessionEnded"|"onError">} */
  const callbacks = new Map([
    ["ready", "onReady"],
    ["choice", "onChoice"],
    ["state-entered", "onStateEntered"],
    ["ending", "onEnding"],
    ["session-ended", "onSessionEnded"],
    ["error", "onError"],
  ]);

  /**
   * @param {unknown} container
   * @returns {Element}
   */
  const elementOf = (container) => {
    // Of a frame's document it is another Element.
    if (Object(container).nodeType === 1) return /** @type {Element} */ (container);
    if (typeof container !== "string") throw new TypeError("createEmbed: container must be an element or a selector");
    let found = null;
    try {
      found = document.querySelector(container);
    } catch {
      throw new TypeError("createEmbed: container is no valid selector");
    }
    if (found === null) throw new TypeError("createEmbed: no element matches container");
    return found;
  };

  /**
   * @param {unknown} token
   * @param {unknown} theme
   */
  const addressOf = (token, theme) => {
    // The token never stands in an error.
    if (typeof token !== "string" || token.trim() === "" || token.length > longest)
      throw new TypeError("createEmbed: token must be a session token (POST /v1/sessions/token)");
    const address = new URL(page);
    address.searchParams.set("token", token.trim());
    const { colorPrimary, scheme } = Object(theme);
    if (typeof scheme === "string" && schemes.has(scheme)) address.searchParams.set("theme", scheme);
    if (typeof colorPrimary === "string" && colorPrimary !== "" && colorPrimary.length <= 100)
      address.searchParams.set("colorPrimary", colorPrimary);
    return address.href;
  };

  /**
   * The origin whose pages alone may frame a token's player; null when any may.
   *
   * @param {string} token
   * @returns {string|null}
   */
  const boundTo = (token) => {
    try {
      const { aud } = JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
      return /^https?:/.test(aud) ? aud : null;
    } catch {
      return null; // the player says what is wrong with it
    }
  };

  /**
   * Mounts a world in an element of the page.
   *
   * @param {EmbedOptions} options
   * @returns {Embed}
   */
  const createEmbed = (options) => {
    if (typeof options !== "object" || options === null) throw new TypeError("createEmbed: options must be an object");
    const container = elementOf(options.container);
    const source = addressOf(options.token, options.theme);
    const frame = document.createElement("iframe");
    frame.title = typeof options.slug === "string" && options.slug !== "" ? `World: ${options.slug}` : "World";
    frame.allow = "autoplay; fullscreen";
    frame.referrerPolicy = "no-referrer";
    // Where the container has no height of its own, 100 % of it is none, and the ratio says how high.
    const looks = { width: "100%", height: "100%", "aspect-ratio": "16 / 10", "min-height": "20rem", border: "0", display: "block" };
    for (const [name, value] of Object.entries(looks)) frame.style.setProperty(name, value);
    frame.src = source;

    /**
     * @param {string} type
     * @param {Record<string, any>} told
     */
    const tell = (type, told) => {
      const name = callbacks.get(type);
      const callback = name === undefined ? undefined : options[name];
      // What a callback throws is the page's own: it shows up there as any error does.
      if (typeof callback === "function") callback.call(options, told);
    };

    /** @param {MessageEvent} message */
    const heard = (message) => {
      if (!frame.isConnected) destroy(); // the page has taken it away without us
      if (message.source === null || message.source !== frame.contentWindow || message.origin !== page.origin) return;
      const { source: from, type, ...told } = Object(message.data);
      if (from === "conjure") tell(type, told);
    };
    const destroy = () => {
      clearTimeout(refusal);
      window.removeEventListener("message", heard);
      frame.remove();
    };
    const origin = boundTo(options.token);
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    let refusal;
    if (origin !== null && origin !== location.origin) {
      // The browser will refuse the frame, and tells no script of it.
      const message = `The session token is for pages of ${origin}, and this one is of ${location.origin}.`;
      console.error(`createEmbed: ${message}`);
      refusal = setTimeout(() => tell("error", { reason: "invalid", message }));
    }
    window.addEventListener("message", heard);
    container.append(frame);
    return { destroy };
  };

  /** @param {Element} element */
  const mountElement = (element) => {
    const token = element.getAttribute("data-alakazam-token");
    if (!token || !element.isConnected || mounted in element) return; // without its token, until it gets one
    Object.defineProperty(element, mounted, { value: true });
    createEmbed({
      container: element,
      token,
      slug: element.getAttribute("data-alakazam-slug") ?? undefined,
      theme: {
        colorPrimary: element.getAttribute("data-alakazam-color-primary") ?? undefined,
        scheme: /** @type {EmbedTheme["scheme"]} */ (element.getAttribute("data-alakazam-theme") ?? undefined),
      },
    });
  };

  const selector = "[data-alakazam-slug]";

  /** @param {Node} node */
  const mountIn = (node) => {
    const root = /** @type {Element|Document} */ (node);
    if ("matches" in root && root.matches(selector)) mountElement(root);
    if ("querySelectorAll" in root) root.querySelectorAll(selector).forEach(mountElement);
  };

  let isWatching = false;

  /** Mounts every element with `data-alakazam-slug` and a token: those that are there, and those that come. */
  const mount = () => {
    mountIn(document);
    if (isWatching) return;
    isWatching = true;
    const observer = new MutationObserver((records) => {
      for (const { type, target, addedNodes } of records) {
        if (type === "attributes") mountIn(target);
        else addedNodes.forEach(mountIn);
      }
    });
    observer.observe(document, {
      attributeFilter: ["data-alakazam-slug", "data-alakazam-token"],
      childList: true,
      subtree: true,
    });
  };

  return { createEmbed, mount };
}
