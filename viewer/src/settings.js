// What the viewer keeps, its defaults, and what a reader may type.

import * as browser from "./browser.js";
import { Problem } from "./problem.js";
import { LANGUAGES } from "./words.js";

/** @typedef {import("./types").State} State */
/** @typedef {import("./types").Preferences} Preferences */

/** Shortest time between two fetches: a hard floor whatever the reader picks. */
export const FLOOR_SECONDS = 30;
export const PERIODS = [30, 300, 1800, 7200, 43200];
const JITTER = 0.25;

/** @type {State} */
export const DEFAULTS = {
  server: null,
  payload: null,
  seen: {},
  enabled: [],
  preferences: { language: "auto", periodSeconds: 1800 },
  status: { checkedAt: null, updatedAt: null, problem: null },
  health: {},
  stamp: 0,
};

/** @returns {Promise<State>} */
export async function loadState() {
  const keys = /** @type {(keyof State)[]} */ (Object.keys(DEFAULTS));
  const stored = await browser.read(keys);
  /** @type {Record<string, unknown>} */
  const state = {};
  for (const key of keys) state[key] = stored[key] ?? DEFAULTS[key];
  return /** @type {State} */ (/** @type {unknown} */ (state));
}

/** @param {Partial<State>} change */
export async function saveState(change) {
  await browser.write(change);
}

/**
 * @param {unknown} typed
 * @returns {string} the server's address without a trailing slash
 */
export function checkServerAddress(typed) {
  const text = String(typed ?? "").trim();
  const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) throw new Problem("bad_address", "no address");
  const url = new URL(address);
  const loopback = ["127.0.0.1", "localhost"].includes(url.hostname);
  const allowed = url.protocol === "https:" || (url.protocol === "http:" && loopback);
  if (!allowed || url.username || url.password || url.search || url.hash) {
    throw new Problem("bad_address", "https, or this machine");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/**
 * @param {any} typed
 * @returns {Preferences}
 */
export function checkPreferences(typed) {
  const language = ["auto", ...LANGUAGES].includes(typed?.language) ? typed.language : "auto";
  const seconds = Number(typed?.periodSeconds);
  const wanted = Number.isFinite(seconds) ? seconds : DEFAULTS.preferences.periodSeconds;
  return { language, periodSeconds: Math.min(Math.max(wanted, FLOOR_SECONDS), 7 * 86400) };
}

/**
 * Seconds to the next fetch: the period, up to a quarter sooner or later, so that readers do
 * not come to the server together and the time says nothing about what the reader does.
 * @param {number} periodSeconds
 * @param {number} chance 0 to 1
 */
export function nextDelay(periodSeconds, chance) {
  const factor = 1 - JITTER + 2 * JITTER * chance;
  return Math.max(FLOOR_SECONDS, periodSeconds * factor);
}
