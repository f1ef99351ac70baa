// @ts-check
/**
 * The colour of what can be chosen, whatever the page around the player has asked for: what is written on it, and what
 * is written in it, can always be read (WCAG 2.2, contrast of 4.5).
 *
 * @typedef {readonly [number, number, number]} Colour red, green, blue: 0..255
 */

/** The grounds that text in that colour stands on, over the worst of pictures: 86 % of what player.css has, on white and on black. */
const DARK = /** @type {Colour} */ ([55, 53, 59]);
const LIGHT = /** @type {Colour} */ ([215, 212, 205]);
const READABLE = 4.6; // a little over 4.5: browsers round

/**
 * Makes a colour that somebody wrote the accent of the page. One that is none changes nothing.
 *
 * @param {HTMLElement} root
 * @param {string|null} written as in CSS
 */
export function applyAccent(root, written) {
  const colour = written && written.length <= 100 ? parse(written) : null;
  if (!colour) return;
  root.style.setProperty("--accent", css(colour));
  root.style.setProperty("--on-accent", contrast(colour, [0, 0, 0]) >= contrast(colour, [255, 255, 255]) ? "#000" : "#fff");
  root.style.setProperty("--accent-on-dark", css(readable(colour, DARK)));
  root.style.setProperty("--accent-on-light", css(readable(colour, LIGHT)));
}

/**
 * The contrast of two colours, 1..21.
 *
 * @param {Colour} one
 * @param {Colour} other
 */
export function contrast(one, other) {
  const [lower, higher] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((higher ?? 0) + 0.05) / ((lower ?? 0) + 0.05);
}

/**
 * The colour, moved towards black or white until it can be read on a ground.
 *
 * @param {Colour} colour
 * @param {Colour} ground
 * @returns {Colour}
 */
export function readable(colour, ground) {
  const end = luminance(ground) < 0.18 ? 255 : 0;
  for (let part = 0; part <= 1; part += 0.05) {
    const [red, green, blue] = colour.map((value) => Math.round(value + (end - value) * part));
    const moved = /** @type {Colour} */ ([red, green, blue]);
    if (contrast(moved, ground) >= READABLE) return moved;
  }
  return [end, end, end];
}

/**
 * Any colour that CSS can write, without its transparency. The browser reads it, as a pixel.
 *
 * @param {string} written
 * @returns {Colour|null}
 */
function parse(written) {
  if (!CSS.supports("color", written) || /var\(|currentcolor|inherit|initial|unset|revert/iu.test(written)) return null;
  const canvas = document.createElement("canvas"); // an OffscreenCanvas is not in every browser that can play
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  pen.fillStyle = written;
  pen.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = pen.getImageData(0, 0, 1, 1).data;
  return alpha === 0 ? null : [red, green, blue];
}

/** @param {Colour} colour */
const css = (colour) => `rgb(${colour.join(" ")})`;

/** @param {Colour} colour */
function luminance(colour) {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
