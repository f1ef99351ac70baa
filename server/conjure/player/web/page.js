// @ts-check
/**
 * What a session needs of the page it is in: an object, so that tests have their own.
 *
 * @typedef {Object} Page
 * @property {() => boolean} isVisible
 * @property {(begin: () => void) => void} whenOpened now, unless a browser has only prepared the page
 * @property {() => number} wall the player's clock, Unix milliseconds: it may be wrong, and set
 * @property {() => number} random from 0 to below 1
 * @property {(handlers: PageHandlers) => () => void} watch returns what ends it
 * @property {(path: string, text: string) => void} beacon sends what need not be answered, also while the page goes
 * @property {(name: string, onMessage: (data: unknown) => void) => Line|null} line to the other pages of this origin
 * @property {(key: string, value: string) => void} remember for a reload of this tab
 * @property {(key: string) => string|null} recall
 *
 * @typedef {Object} PageHandlers
 * @property {() => void} onHide it is left: closed, reloaded, or put aside for the way back
 * @property {() => void} onShow it was put aside, and is back
 * @property {() => void} onWake it is visible again, has a network again, or was frozen
 *
 * @typedef {Object} Line
 * @property {(data: object) => void} send
 * @property {() => void} close
 */

import { here } from "./api.js";

/** @returns {Page} */
export function browserPage() {
  return {
    isVisible: () => document.visibilityState === "visible",
    whenOpened(begin) {
      // Nobody plays yet, and perhaps nobody will: then it must cost nothing.
      if (!("prerendering" in document) || document.prerendering !== true) begin();
      else document.addEventListener("prerenderingchange", begin, { once: true });
    },
    wall: () => Date.now(),
    random: () => Math.random(),
    watch({ onHide, onShow, onWake }) {
      const aborts = new AbortController();
      const { signal } = aborts;
      window.addEventListener("pagehide", onHide, { signal });
      window.addEventListener("pageshow", (event) => event.persisted && onShow(), { signal });
      window.addEventListener("online", onWake, { signal });
      document.addEventListener("visibilitychange", onWake, { signal });
      document.addEventListener("resume", onWake, { signal });
      return () => aborts.abort();
    },
    beacon(path, text) {
      const body = new Blob([text], { type: "text/plain" });
      // Too much is under way already, or somebody has turned beacons off.
      if (navigator.sendBeacon?.(here(path), body) !== true)
        fetch(here(path), { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => {});
    },
    line(name, onMessage) {
      try {
        const channel = new BroadcastChannel(name);
        channel.addEventListener("message", (event) => onMessage(event.data));
        return { send: (data) => channel.postMessage(data), close: () => channel.close() };
      } catch {
        return null; // a page that may keep nothing
      }
    },
    remember(key, value) {
      try {
        sessionStorage.setItem(key, value);
      } catch {
        // The same.
      }
    },
    recall(key) {
      try {
        return sessionStorage.getItem(key);
      } catch {
        return null;
      }
    },
  };
}
