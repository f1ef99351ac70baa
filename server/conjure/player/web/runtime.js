// @ts-check
/**
 * Hands the picture over to the client of a runtime: a module that whoever runs Conjure has named
 * (CONJURE_PLAYER_RUNTIME_CLIENT_URL). What it must export is in player/README.md. Whatever goes wrong in it, the world
 * goes on as an illustrated story.
 *
 * @typedef {import("./types.js").Json} Json
 *
 * @typedef {Object} RuntimeScene
 * @property {string} state where the player is
 * @property {string|null} event what is being played, if anything is
 *
 * @typedef {Object} RuntimeOptions
 * @property {HTMLElement} container empty, and the client's alone
 * @property {string} jwt the runtime's credential
 * @property {number|null} expiresAt Unix seconds
 * @property {Json} world
 * @property {string} state where play begins
 * @property {(id: string) => void} [onSession] the runtime's own id of the session
 * @property {(name: string) => void} [onEvent] something happened in the picture: plays this event, if it is possible
 * @property {(cause: string) => void} [onFailure] told once: from now on nobody draws into the container
 *
 * @typedef {Object} Runtime
 * @property {(scene: RuntimeScene) => void} show
 * @property {(jwt: string, expiresAt: number|null) => void} renew
 * @property {() => void} destroy
 */

const LOADING_MS = 20_000;

/**
 * What is told while it begins is told afterwards, as far as it is still so.
 *
 * @param {string} url of the module
 * @param {RuntimeOptions} options
 * @param {(url: string) => Promise<Json>} [load]
 * @returns {Runtime}
 */
export function mountRuntime(url, options, load = (address) => import(address)) {
  const { container, jwt, expiresAt, world, state, onSession, onEvent, onFailure } = options;
  /** @type {Json|null} */
  let client = null;
  let isOver = false;
  /** What it was told last before it was there. @type {Map<"show"|"renew", unknown[]>} */
  const missed = new Map();

  const end = () => {
    isOver = true;
    const ended = client;
    client = null;
    try {
      if (typeof ended?.destroy === "function") ended.destroy();
    } catch {
      // It is over in any case.
    }
    container.replaceChildren();
  };

  /** @param {unknown} error */
  const fail = (error) => {
    if (isOver) return;
    end();
    onFailure?.(error instanceof Error ? error.message : String(error));
  };

  /**
   * @param {"show"|"renew"} name
   * @param {unknown[]} given
   */
  const call = (name, ...given) => {
    if (isOver) return;
    if (client === null) {
      missed.set(name, given);
      return;
    }
    try {
      // It may be asynchronous; then it fails later.
      Promise.resolve(client[name](...given)).catch(fail);
    } catch (error) {
      fail(error);
    }
  };

  const begin = async () => {
    const { mount } = await load(url);
    if (typeof mount !== "function") throw new TypeError("the runtime's client exports no mount()");
    if (isOver) return;
    client = Object(
      await mount({
        container,
        jwt,
        expiresAt,
        world,
        state,
        onSession: (/** @type {unknown} */ id) => void (!isOver && typeof id === "string" && onSession?.(id)),
        onEvent: (/** @type {unknown} */ name) => void (!isOver && typeof name === "string" && onEvent?.(name)),
        onError: fail,
      }),
    );
    if (isOver) {
      end(); // it has failed, came too late, or was taken away while it began
      return;
    }
    for (const name of ["show", "renew", "destroy"])
      if (typeof client?.[name] !== "function") throw new TypeError(`the runtime's client has no ${name}()`);
    for (const [name, given] of missed) call(name, ...given);
  };

  inTime(begin()).catch(fail);
  return {
    show: (scene) => call("show", scene),
    renew: (credential, until) => call("renew", credential, until),
    destroy: end,
  };
}

/** @param {Promise<void>} begun */
function inTime(begun) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the runtime's client did not begin in time")), LOADING_MS);
  });
  return Promise.race([begun, late]).finally(() => clearTimeout(timer));
}
