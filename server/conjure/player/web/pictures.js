// @ts-check
/**
 * Which picture a state has: the entrance its own, every other one that Conjure draws when it is first asked for. What
 * can come next is asked for ahead. A picture that is not to be had changes nothing: the one before stays.
 */

/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {import("./types.js").Failure} Failure */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./stage.js").Picture} Picture */

const AT_ONCE = 2;
const TRIES = 3;
const PAUSE_MS = 4_000;

/**
 * @param {Json} world
 * @param {(path: string, body: Json) => Promise<Json>} post
 * @param {Clock} clock
 * @param {(picture: Picture) => void} onPicture the picture of the state that was last shown
 * @param {(src: string) => void} [load] loads a picture that is not shown yet
 * @returns {{show: (state: string) => void, expect: (states: Iterable<string>) => void, destroy: () => void}}
 */
export function createPictures(world, post, clock, onPicture, load = (src) => void (new Image().src = src)) {
  /** @type {Map<string, Picture>} */
  const known = new Map();
  /** @type {Map<string, number>} how often each state has failed */
  const failures = new Map();
  /** @type {Set<string>} */
  const running = new Set();
  /** @type {string[]} those to be asked for next stand first */
  let queue = [];
  let current = "";
  let notBefore = 0;
  let isOver = false;
  /** @type {unknown} */
  let timer;

  const entrance = entrancePicture(world);
  if (entrance) known.set(entrance.state, entrance.picture);

  /** @param {string} state */
  const isWanted = (state) => !known.has(state) && !running.has(state) && (failures.get(state) ?? 0) < TRIES;

  function next() {
    if (isOver) return;
    const pause = notBefore - clock.now();
    if (pause > 0) {
      if (timer === undefined && queue.length > 0) timer = clock.after(wake, pause);
      return;
    }
    while (running.size < AT_ONCE && queue.length > 0) {
      const state = queue.shift();
      if (state !== undefined && isWanted(state)) void ask(state);
    }
  }

  function wake() {
    timer = undefined;
    next();
  }

  /** @param {string} state */
  async function ask(state) {
    running.add(state);
    try {
      const answer = await post("/v1/sessions/picture", { state });
      if (isOver || typeof answer?.url !== "string") return;
      const picture = { src: answer.url, alt: "" };
      known.set(state, picture);
      if (state === current) onPicture(picture);
      else load(picture.src);
    } catch (error) {
      fail(state, /** @type {Partial<Failure>} */ (error));
    } finally {
      running.delete(state);
      next();
    }
  }

  /**
   * @param {string} state
   * @param {Partial<Failure>} failure
   */
  function fail(state, failure) {
    const isForever = failure.status === 400 || failure.status === 401 || failure.status === 404;
    failures.set(state, isForever ? Infinity : (failures.get(state) ?? 0) + 1);
    if (isForever) return;
    notBefore = clock.now() + Math.max(PAUSE_MS, (failure.retryAfterS ?? 0) * 1000);
    if (state === current) queue.unshift(state); // one that was only expected is asked for when it comes
  }

  return {
    show(state) {
      // What could not be had then, as the server was away, may be there when play comes back.
      if (state !== current && failures.get(state) !== Infinity) failures.delete(state);
      current = state;
      const picture = known.get(state);
      if (picture) onPicture(picture);
      else if (isWanted(state)) {
        queue = [state, ...queue.filter((other) => other !== state)];
        next();
      }
    },

    /** Only these are asked for ahead: what was expected before may not come any more. */
    expect(states) {
      const ahead = [...new Set(states)].filter((state) => state !== current && isWanted(state));
      queue = [...queue.filter((state) => state === current), ...ahead];
      next();
    },

    destroy() {
      isOver = true;
      if (timer !== undefined) clock.cancel(timer);
    },
  };
}

/**
 * The picture that a world has of its entrance.
 *
 * @param {Json} world
 * @returns {{state: string, picture: Picture}|null}
 */
export function entrancePicture(world) {
  const { state, image } = world.entrance ?? {};
  if (typeof state !== "string" || typeof image?.src !== "string" || image.src === "") return null;
  const alt = typeof image.label === "string" ? image.label : "";
  return { state, picture: { src: image.src, alt, isCover: image.src === world.cover } };
}
