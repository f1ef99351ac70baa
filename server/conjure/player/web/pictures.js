// @ts-check
/**
 * Which picture a state has: the entrance its own, every other one that Conjure draws when it is first asked for. What
 * can come next is asked for ahead. A picture that is not to be had changes nothing: the one before stays.
 *
 * The entrance of a world without a picture of its own has the cover that Conjure drew: letters, and a view of the world
 * and not of this state. It is drawn as the others are, and the cover stands in until that picture is there.
 */

/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {import("./types.js").Failure} Failure */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./stage.js").Picture} Picture */
/** @typedef {import("./stage.js").Shown} Shown */

const AT_ONCE = 2;
const TRIES = 3;
const PAUSE_MS = 4_000;

/** How long the picture of the entrance is waited for before the cover stands in. */
const COVER_MS = 1_500;

/** Where the covers are that Conjure drew itself, whoever made the world. */
const OUR_DRAWING = /\/assets\/[\da-f]{64}\.svg$/;

/**
 * @param {Json} world
 * @param {(path: string, body: Json) => Promise<Json>} post
 * @param {Clock} clock
 * @param {(picture: Picture) => Promise<Shown>|void} onPicture the picture of the state that was last shown
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
  /** @type {unknown} */
  let coverTimer;

  const entrance = entrancePicture(world);
  if (entrance && !entrance.isDrawnCover) known.set(entrance.state, entrance.picture);

  /** The cover, while there is nothing better. */
  function standIn() {
    if (!isOver && entrance?.isDrawnCover && current === entrance.state && !known.has(current)) void onPicture(entrance.picture);
  }

  /** @param {Picture} picture */
  async function put(picture) {
    const state = current;
    if ((await onPicture(picture)) !== "broken" || picture !== entrance?.picture) return;
    known.delete(state); // the entrance is drawn as any other state
    if (isOver || state !== current) return;
    want(state);
  }

  /** @param {string} state */
  function want(state) {
    if (!isWanted(state)) return;
    queue = [state, ...queue.filter((other) => other !== state)];
    next();
  }

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
      if (state === current) void put(picture);
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
    if (state === current) standIn();
    if (isForever) return;
    notBefore = clock.now() + Math.max(PAUSE_MS, (failure.retryAfterS ?? 0) * 1000);
    if (state === current) queue.unshift(state); // one that was only expected is asked for when it comes
  }

  return {
    show(state) {
      const isNew = state !== current;
      // What could not be had then, as the server was away, may be there when play comes back.
      if (isNew && failures.get(state) !== Infinity) failures.delete(state);
      current = state;
      const picture = known.get(state);
      if (picture) {
        void put(picture);
        return;
      }
      want(state);
      if (!isNew || !entrance?.isDrawnCover || state !== entrance.state) return;
      if (coverTimer !== undefined) clock.cancel(coverTimer);
      if (isWanted(state) || running.has(state)) coverTimer = clock.after(standIn, COVER_MS);
      else standIn();
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
      if (coverTimer !== undefined) clock.cancel(coverTimer);
    },
  };
}

/**
 * The picture that a world has of its entrance.
 *
 * @param {Json} world
 * @returns {{state: string, picture: Picture, isDrawnCover: boolean}|null}
 */
export function entrancePicture(world) {
  const { state, image } = world.entrance ?? {};
  if (typeof state !== "string" || typeof image?.src !== "string" || image.src === "") return null;
  const alt = typeof image.label === "string" ? image.label : "";
  const isCover = image.src === world.cover;
  return { state, picture: { src: image.src, alt, isCover }, isDrawnCover: isCover && OUR_DRAWING.test(image.src) };
}
