// @ts-check
/** The picture: it fills the stage, and the next one is faded in over it. */
import { make } from "./dom.js";

/**
 * @typedef {Object} Picture
 * @property {string} src
 * @property {string} alt empty: the prose says what is to be seen
 * @property {boolean} [isCover] its title stands in it
 *
 * @typedef {"shown"|"late"|"broken"} Shown late: another one was asked for meanwhile
 */

/** @returns {{element: HTMLElement, runtime: HTMLElement, show: (picture: Picture) => Promise<Shown>}} */
export function createStage() {
  const pictures = make("div", {});
  const runtime = make("div", { class: "runtime" });
  const element = make("div", { class: "stage" }, pictures, runtime);
  let shown = "";
  let wanted = 0;

  return {
    element,
    /** The runtime's client draws here, over the pictures. */
    runtime,

    /**
     * Shows a picture once it is there. One that does not load leaves the old one; one that is asked for later wins.
     *
     * @param {Picture} picture
     * @returns {Promise<Shown>}
     */
    async show(picture) {
      const turn = ++wanted;
      if (picture.src === shown) return "shown";
      const image = make("img", { alt: picture.alt, class: picture.isCover ? "picture is-cover" : "picture", decoding: "async", draggable: "false" });
      image.src = picture.src;
      try {
        await image.decode();
      } catch {
        return "broken";
      }
      if (turn !== wanted) return "late";
      shown = picture.src;
      const before = [...pictures.children];
      pictures.append(image);
      const fade = image.getAnimations().find((animation) => "animationName" in animation && animation.animationName === "appear");
      // Under reduced motion nothing is faded.
      (fade?.finished ?? Promise.resolve()).catch(() => undefined).then(() => {
        for (const old of before) old.remove();
      });
      return "shown";
    },
  };
}
