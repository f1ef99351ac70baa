// @ts-check
/**
 * How elements are made. Every text becomes a text node: nothing that a world, a character or a player wrote is ever
 * read as markup.
 *
 * @typedef {Node|string|null|false|undefined} Content
 */

/**
 * An element. `on` has its listeners; `class` and everything else are attributes: `true` is one without a value
 * (of ARIA, "true"), `false`, `null` and `undefined` leave it out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown> & {on?: Record<string, (event: any) => void>}} [attributes]
 * @param {...Content} contents
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, attributes = {}, ...contents) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name !== "on") setAttribute(element, name, value);
  }
  for (const [type, listener] of Object.entries(attributes.on ?? {})) element.addEventListener(type, listener);
  element.append(...contents.filter(isThere));
  return element;
}

/**
 * Sets an attribute, or takes it away; touches nothing that is so already.
 *
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else {
    const text = value !== true ? String(value) : name.startsWith("aria-") ? "true" : "";
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/**
 * Sets the text of an element; one that has it already keeps its node, so that nothing that is selected or being read
 * out is disturbed.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes `contents` all that an element has.
 *
 * @param {Element} element
 * @param {...Content} contents
 */
export function fill(element, ...contents) {
  element.replaceChildren(...contents.filter(isThere));
}

/**
 * Makes `wanted` the children of an element, in this order. Those that are there already stay in the page and keep
 * the focus.
 *
 * @param {Element} element
 * @param {readonly Element[]} wanted
 */
export function arrange(element, wanted) {
  const kept = new Set(wanted);
  for (const child of [...element.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, at) => {
    const there = element.children[at];
    if (there !== child) element.insertBefore(child, there ?? null);
  });
}

/**
 * The paragraphs of a text, each in the direction of its own words.
 *
 * @param {string} text
 * @returns {HTMLParagraphElement[]}
 */
export function paragraphs(text) {
  return text
    .split(/\n+/u)
    .filter((part) => part.trim() !== "")
    .map((part) => make("p", { dir: "auto" }, part.trim()));
}

/**
 * A small drawing of one line, in the colour of the text around it. It says nothing: the words beside it do.
 *
 * @param {string} path as in `d` of an SVG path, in a square of 24
 * @returns {SVGSVGElement}
 */
export function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

/**
 * @param {Content} content
 * @returns {content is Node|string}
 */
function isThere(content) {
  return content !== null && content !== undefined && content !== false && content !== "";
}
