// @ts-check
/** The entry of the player: reads the address, connects, and wires the session, the story and the page around it. */
import { readAddress } from "./address.js";
import { createApi } from "./api.js";
import { applyAccent } from "./colours.js";
import { make } from "./dom.js";
import { listenToKeys } from "./keyboard.js";
import { createMessages } from "./messages.js";
import { createHelp } from "./panels.js";
import { createPictures } from "./pictures.js";
import { mountRuntime } from "./runtime.js";
import { createSession } from "./session.js";
import { createShell } from "./shell.js";
import { createStore } from "./store.js";
import { createStory } from "./story.js";
import { followTheme } from "./theme.js";
import { claimsOf } from "./token.js";
import { WORDS } from "./words.js";

/** @typedef {import("./session.js").Connection} Connection */
/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {import("./types.js").View} View */

/** How long the first picture is waited for. */
const FIRST_PICTURE_MS = 4_000;

/** @type {Clock} one that nobody sets */
const CLOCK = {
  now: () => performance.now(),
  after: (callback, ms) => setTimeout(callback, ms),
  cancel: (timer) => clearTimeout(timer),
};

const root = document.getElementById("player") ?? document.body.appendChild(make("main", { id: "player" }));
const address = readAddress(location.search);
followTheme(document.documentElement, address.theme);
applyAccent(document.documentElement, address.colorPrimary);
const shell = createShell(root, CLOCK);

void open();

async function open() {
  const { token } = address;
  const frame = meta("conjure-frame") || "*";
  const claims = claimsOf(token ?? "");
  if (token === null || (claims.origin ?? "*") !== frame) {
    // Who may show this page was decided by another token than the one that it would play by.
    const message = token === null ? WORDS.noToken : WORDS.badToken;
    shell.close(WORDS.failed, message, false);
    createMessages({ target: frame }).error("invalid", message);
    return;
  }
  await play(token, claims, frame);
}

/**
 * @param {string} token
 * @param {import("./token.js").Claims} claims
 * @param {string} frame
 */
async function play(token, claims, frame) {
  const api = createApi(token);
  const store = createStore(claims.jti);
  /** @type {ReturnType<typeof createStory>|null} */
  let story = null;
  /** @type {import("./types.js").Json|null} */
  let world = null;
  /** @type {import("./runtime.js").Runtime|null} */
  let runtime = null;
  const messages = createMessages({
    target: frame,
    world: () => world,
    onWorldEvent: (name) => story?.worldEvent(name) ?? false,
  });
  /** @type {Set<string>} why time stands still */
  const holds = new Set();

  /**
   * @param {string} reason
   * @param {boolean} isHeld
   */
  function hold(reason, isHeld) {
    const before = holds.size > 0;
    if (isHeld) holds.add(reason);
    else holds.delete(reason);
    if (holds.size > 0 !== before) story?.hold(!before);
  }

  // Before the session listens: what is kept of a talk is told before the session ends.
  addEventListener("pagehide", () => story?.leave());
  const session = createSession(token, CLOCK, api, {
    onRenewed: ({ reactorJwt, expiresAt }) => runtime?.renew(reactorJwt, expiresAt),
    onStatus(status) {
      messages.status(status);
      shell.status.draw(status);
      hold("session", status.phase !== "live"); // nothing is played that nobody has paid for
      if (status.phase !== "ended") return;
      hold("ended", true);
      runtime?.destroy();
      const canReload = status.reason === "left" || status.reason === "refused" || status.reason === "minutes";
      shell.close(story ? WORDS.ended : WORDS.failed, status.message ?? "", canReload);
    },
  });

  shell.loading.step("connect");
  /** @type {Connection} */
  let connection;
  try {
    connection = await session.connect();
  } catch {
    return; // the status has said why
  }
  try {
    await begin(connection);
  } catch (error) {
    console.error(error);
    messages.error("broken", WORDS.broken);
    session.destroy();
    shell.close(WORDS.failed, WORDS.broken, true);
  }

  /** @param {Connection} connection */
  async function begin(connection) {
    world = connection.world;
    shell.loading.step("world");
    shell.entitle(typeof world.name === "string" && world.name.trim() !== "" ? world.name : WORDS.untitled);

    /** @type {() => void} */
    let hasPicture = () => {};
    const firstPicture = new Promise((resolve) => (hasPicture = () => resolve(undefined)));
    const pictures = createPictures(world, api.post, CLOCK, (picture) => void shell.stage.show(picture).then(hasPicture));

    /** @param {View} view */
    function onView(view) {
      pictures.show(view.scene.state);
      pictures.expect(view.next);
      runtime?.show({ state: view.scene.state, event: view.happening?.name ?? null });
    }

    story = createStory({
      shell,
      api,
      world,
      isNamed: claims.isNamed,
      clock: CLOCK,
      onView,
      onEvent: (event) => messages.play(event),
      onChange: () => story && store.keep("play", story.save()),
    });
    const help = createHelp({
      isOn: store.read("letters") !== false,
      onSwitch: (isOn) => store.keep("letters", isOn),
      onToggle: (isOpen) => hold("help", isOpen),
    });
    shell.addTool(help.button, help.element);
    const holdHidden = () => hold("hidden", document.hidden);
    document.addEventListener("visibilitychange", holdHidden);

    shell.loading.step("picture");
    const saved = store.read("play");
    const isRestored = saved !== null && story.restore(saved);
    pictures.show(story.view.scene.state);
    await Promise.race([firstPicture, new Promise((resolve) => CLOCK.after(() => resolve(undefined), FIRST_PICTURE_MS))]);
    if (holds.has("ended")) return;
    shell.open();
    messages.ready(world);
    if (!isRestored) story.begin();
    holdHidden();

    listenToKeys((key) => {
      if (holds.has("ended")) return false;
      if (key === "?") {
        help.toggle();
        return true;
      }
      if (holds.has("help") || (key.length === 1 && store.read("letters") === false)) return false;
      return story?.press(key) ?? false;
    });
    const url = meta("conjure-runtime");
    if (url) {
      runtime = await mountRuntime(url, {
        container: shell.stage.runtime,
        jwt: connection.reactorJwt,
        expiresAt: connection.expiresAt,
        world,
        state: story.view.scene.state,
        onSession: (id) => session.track(id),
        onEvent: (name) => void story?.worldEvent(name),
      });
    }
  }
}

/** @param {string} name */
function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
}
