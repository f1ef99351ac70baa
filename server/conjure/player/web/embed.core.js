// @ts-check
// How a page mounts the player. The server makes two files of it: the module /embed.js and the script /embed.global.js
// (player/files.py). It has no `import`, and `export` only at the beginning of a line.

/**
 * @param {string} here where this file was loaded from: the player is there too
 */
export function embedOf(here) {
  const home = new URL("embed.html", here);
  return {
    /** @param {Record<string, any>} options */
    createEmbed(options) {
      const frame = document.createElement("iframe");
      frame.src = `${home}?token=${encodeURIComponent(options.token)}`;
      options.container.append(frame);
      return { destroy: () => frame.remove() };
    },
    mount() {},
  };
}
