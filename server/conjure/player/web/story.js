// @ts-check
/**
 * A world as an illustrated story: draws the views of the director, and tells it what the player does. With a character
 * one talks besides; how it stands is the state that play is in.
 */
import { createCharacter } from "./character.js";
import { createChoices } from "./choices.js";
import { createClips } from "./clips.js";
import { createDirector } from "./director.js";
import { make } from "./dom.js";
import { createEndings } from "./endings.js";
import { createFocusKeeper } from "./focus.js";
import { createJournal } from "./panels.js";
import { createPassing } from "./passing.js";
import { createScene } from "./scene.js";
import { createTerminals } from "./terminals.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./shell.js").Shell} Shell */
/** @typedef {import("./types.js").Clock} Clock */
/** @typedef {import("./types.js").Json} Json */
/** @typedef {import("./types.js").PlayEvent} PlayEvent */
/** @typedef {import("./types.js").View} View */
/** @typedef {ReturnType<typeof createStory>} Story */

/**
 * @param {Object} parts
 * @param {Shell} parts.shell
 * @param {Api} parts.api
 * @param {Json} parts.world
 * @param {boolean} parts.isNamed whether the token names its player
 * @param {Clock} parts.clock
 * @param {() => boolean} parts.mayPlay whether what the player does counts now
 * @param {(view: View) => void} parts.onView after it was drawn
 * @param {(event: PlayEvent) => void} parts.onEvent
 * @param {() => void} parts.onChange what `save` gives is another
 */
export function createStory({ shell, api, world, isNamed, clock, mayPlay, onView, onEvent, onChange }) {
  const director = createDirector(world, clock, { onView: draw, onEvent });
  const character =
    world.kind === "character"
      ? createCharacter({ api, world, isNamed, clock, onChange, onStance: (stance) => director.show(stance) })
      : null;
  const focus = createFocusKeeper();
  const scene = createScene();
  const choices = createChoices(clock, (name) => mayPlay() && director.choose(name));
  const passing = createPassing(clock, { onSkip: () => mayPlay() && director.skip(), onGoOn: () => mayPlay() && director.goOn() });
  const terminals = createTerminals(api, world, clock, {
    onLine: (line) => director.addLine(line),
    onClose: () => director.closeTerminal(),
  });
  const endings = createEndings({ onAgain: () => mayPlay() && director.restart(), onBack: () => mayPlay() && director.back() });
  const journal = createJournal((id) => mayPlay() && director.watch(id));
  const clips = createClips(clock, () => director.goOn());
  let terminal = "";

  const actions = make("div", { class: "actions" }, passing.element, terminals.element, endings.element, choices.element);
  shell.furnish([...(character?.elements ?? []), scene.element, actions], [journal.element]);
  shell.root.append(clips.element);

  /** @param {View} view */
  function draw(view) {
    focus.note();
    const news = scene.draw(view);
    // The prose of a stance is for who draws it.
    scene.element.hidden = character !== null && !view.happening && !view.ending && !view.stop;
    passing.draw(view);
    choices.draw(view.choices);
    const ending = endings.draw(view);
    journal.draw(view.missions, view.tales);
    clips.draw(view.clip);
    // One that the page around the player has opened does not take the focus from that page.
    if (terminals.draw(view.device) && document.hasFocus()) terminals.focus();
    focus.keep(placeFor(view));
    terminal = view.device?.name ?? "";
    const said = [...(scene.element.hidden ? [] : news), ...ending];
    shell.voice.say(said);
    if (said.length > 0) {
      journal.close();
      shell.toTop();
    }
    onView(view);
    onChange();
  }

  /**
   * Where reading goes on. Who comes back from a terminal stands before it again.
   *
   * @param {View} view
   * @returns {HTMLElement}
   */
  function placeFor(view) {
    const left = view.device === null && terminal !== "" ? choices.button(terminal) : null;
    return left ?? (scene.element.hidden ? shell.heading : scene.heading);
  }

  return {
    begin() {
      director.begin();
      character?.begin(null);
    },

    /** @param {any} saved */
    restore(saved) {
      if (!director.restore(saved?.play)) return false;
      character?.begin(saved.talk);
      return true;
    },

    save: () => ({ play: director.save(), talk: character?.save() }),

    /** @param {string} key */
    press(key) {
      if (!mayPlay()) return false;
      focus.claim();
      return key === "Escape" ? director.skip() : director.press(key);
    },

    /** Begins anew; not with a character, with whom the talk goes on. */
    restart: character ? null : () => void (mayPlay() && director.restart()),

    /** @param {string} name */
    worldEvent: (name) => mayPlay() && director.worldEvent(name),

    /** @param {boolean} isHeld */
    hold(isHeld) {
      clips.hold(isHeld);
      if (!isHeld) {
        director.resume();
        return;
      }
      director.pause();
      choices.hold();
      passing.hold();
      character?.hush();
    },

    /** The page is left: before the session ends. */
    leave() {
      character?.leave();
    },

    get view() {
      return director.view;
    },

    destroy() {
      terminals.destroy();
      clips.draw(null);
      character?.destroy();
      director.destroy();
    },
  };
}
