// Plays that tests of the director drive by hand, and short words for what they show.
import { createDirector } from "../../../server/conjure/player/web/director.js";
import { FakeClock } from "./fakes.mjs";

export const transition = (name, from, to, more = {}) => ({ name, kind: "transition", from: [...from], to, ...more });
export const override = (name, from, more = {}) => ({ name, kind: "override", from: [...from], ...more });
export const terminal = (name, from, more = {}) => ({ name, kind: "terminal", from: [...from], ...more });

/** A world that begins in `a`; its states say their names, and `end` is an ending. */
export const world = (events, more = {}, states = {}) => ({
  entrance: { state: "a" },
  scene: {
    states: { a: { base: "A." }, b: { base: "B." }, c: { base: "C." }, end: { base: "E.", ending: { kind: "win", title: "Out" } }, ...states },
    events,
  },
  ...more,
});

/** A director with all that it has told. */
export class Play {
  clock = new FakeClock();
  views = [];
  told = [];

  constructor(played, { saved, isBegun = true, ...listeners } = {}) {
    this.director = createDirector(played, this.clock, {
      onView: (view) => {
        this.views.push(view);
        listeners.onView?.(view);
      },
      onEvent: (event) => {
        this.told.push(inWords(event));
        listeners.onEvent?.(event);
      },
    });
    if (saved !== undefined) this.isRestored = this.director.restore(saved);
    else if (isBegun) this.director.begin();
  }

  get view() {
    return this.director.view;
  }

  get choices() {
    return this.view.choices.map(({ name, isLocked }) => (isLocked ? `(${name})` : name));
  }

  /** The mode, and what is to be seen in it. */
  get shown() {
    const { mode, scene, happening, clip, stop, device, ending } = this.view;
    const detail =
      happening !== null ? ` ${happening.name} ${happening.phase + 1}/${happening.phases}: ${happening.text}`
      : clip !== null ? ` ${clip.src}`
      : stop !== null ? ` ${stop.title} ${stop.at + 1}/${stop.stops}`
      : device !== null ? ` ${device.name}`
      : ending !== null ? ` ${ending.kind}`
      : ""; // prettier-ignore
    return `${mode} ${scene.state}${detail}`;
  }

  /** Plays an event to its end. */
  async through(name) {
    if (!this.director.choose(name)) throw new Error(`${name} is not offered`);
    while (this.director.view.mode === "event") if (!this.director.skip()) await this.clock.move(100);
  }
}

const inWords = (event) => {
  if (event.type === "choice") return `${event.event} by ${event.by}`;
  return event.type === "ending" ? `ending ${event.kind} ${event.title}` : `in ${event.state}`;
};

/** Numbers that look random and are the same every time. */
export const numbers = (seed) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};
