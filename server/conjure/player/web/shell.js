// @ts-check
/** The page around whatever is played: its name, its tools, the stage, and where the words stand. */
import { fill, make, setText } from "./dom.js";
import { createStage } from "./stage.js";
import { createCurtain, createLoading, createStatus } from "./status.js";
import { createVoice } from "./voice.js";
import { WORDS } from "./words.js";

/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {ReturnType<typeof createShell>} Shell */

/**
 * @param {HTMLElement} root
 * @param {Clock} clock
 */
export function createShell(root, clock) {
  const name = make("h1", { dir: "auto", tabindex: "-1" }, WORDS.loading);
  const tools = make("div", { class: "tools" });
  const page = make("div", { class: "page" });
  const stage = createStage();
  const status = createStatus(clock);
  const curtain = createCurtain();
  const loading = createLoading();
  const voice = createVoice();
  const bar = make("header", { class: "bar" }, name, tools);
  fill(root, stage.element, bar, page, status.notice, voice.element, curtain.element, loading.element);

  /** What is covered is not there for anybody. */
  const covered = [bar, page];
  for (const part of covered) part.inert = true;

  return {
    root,
    heading: name,
    stage,
    status,
    loading,
    voice,

    /** @param {string} title */
    entitle(title) {
      setText(name, title);
      document.title = title;
    },

    /**
     * What stands on the page, and which tools beside it.
     *
     * @param {readonly HTMLElement[]} parts
     * @param {readonly HTMLElement[]} more
     */
    furnish(parts, more) {
      fill(page, ...parts);
      fill(tools, status.time, ...more);
    },

    /**
     * @param {HTMLElement} button
     * @param {HTMLDialogElement} dialog
     */
    addTool(button, dialog) {
      tools.append(button);
      root.append(dialog);
    },

    /** What is new stands at the top. */
    toTop() {
      scrollTo({ top: 0 });
    },

    /** Lets the player in. */
    open() {
      loading.done();
      for (const part of covered) part.inert = false;
    },

    /**
     * Lets nobody in any more.
     *
     * @param {string} heading
     * @param {string} message
     * @param {boolean} canReload
     */
    close(heading, message, canReload) {
      for (const dialog of root.querySelectorAll("dialog[open]")) /** @type {HTMLDialogElement} */ (dialog).close();
      loading.done();
      for (const part of covered) part.inert = true;
      curtain.draw(heading, message, canReload);
    },
  };
}
