// Fetch, verify, keep. Called by the alarm and by the reader's acts in the options page,
// never by a page.

import { checkForward, claimedKey, openDataset, openManifest } from "./dataset.js";
import { Problem } from "./problem.js";
import { fetchDataset, fetchEnvelope } from "./server.js";
import { loadState, saveState } from "./settings.js";
import { forgetDataset, heldDataset, keepDataset } from "./store.js";

/** @typedef {import("./types").State} State */
/** @typedef {import("./types").Payload} Payload */
/** @typedef {import("./types").Server} Server */

/** @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * Run one update at a time; a second waits for the first.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export function inTurn(work) {
  const next = last.then(work, work);
  last = next.catch(() => undefined);
  return next;
}

/**
 * Fetch the manifest and whatever datasets it renews; write down how it went.
 * @returns {Promise<import("./types").ProblemCode | null>}
 */
export function update() {
  return inTurn(async () => {
    const { server, status } = await loadState();
    if (!server) return "no_server";
    const checkedAt = new Date().toISOString();
    const problem = await attempt(server);
    const updatedAt = problem === null ? checkedAt : status.updatedAt;
    await saveState({ status: { checkedAt, updatedAt, problem } });
    return problem;
  });
}

/**
 * @param {Server} server
 * @returns {Promise<import("./types").ProblemCode | null>}
 */
async function attempt(server) {
  try {
    const envelope = await fetchEnvelope(server.url);
    const payload = await openPinned(server, envelope);
    const state = await loadState();
    checkForward(payload, state.payload, state.seen);
    const renewal = await renewDatasets(server.url, payload, state.enabled);
    await accept(state, payload, renewal.changed);
    return renewal.problem;
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

/**
 * Open an envelope with the pinned key. Another key is refused and kept for the reader to see.
 * @param {Server} server
 * @param {any} envelope
 */
async function openPinned(server, envelope) {
  const claimed = await claimedKey(envelope);
  if (claimed.public !== server.key.public) {
    await saveState({ server: { ...server, changedKey: claimed } });
    throw new Problem("changed_key", "not the pinned key");
  }
  const payload = await openManifest(envelope, server.key.public);
  if (server.changedKey) await saveState({ server: { ...server, changedKey: null } });
  return payload;
}

/**
 * A dataset that fails keeps its predecessor and does not hold up the others.
 * @param {string} server
 * @param {Payload} payload
 * @param {string[]} enabled
 */
async function renewDatasets(server, payload, enabled) {
  let changed = false;
  /** @type {import("./types").ProblemCode | null} */
  let problem = null;
  for (const { site, release } of payload.sites) {
    if (!enabled.includes(site)) continue;
    try {
      changed = (await renewDataset(server, site, release)) || changed;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problem = error.code;
    }
  }
  return { changed, problem };
}

/**
 * @param {string} server
 * @param {string} site
 * @param {import("./types").Release | null} release
 * @returns {Promise<boolean>} whether what pages show may change
 */
async function renewDataset(server, site, release) {
  const held = await heldDataset(site);
  if (release === null) {
    if (held) await forgetDataset(site);
    return held !== null;
  }
  if (held?.release.sha256 === release.sha256 && held.release.salt === release.salt) return false;
  const bytes = await fetchDataset(server, release);
  await openDataset(bytes, release);
  await keepDataset({ site, release, bytes });
  return true;
}

/**
 * @param {State} state
 * @param {Payload} payload
 * @param {boolean} changed
 */
async function accept(state, payload, changed) {
  const seen = { ...state.seen };
  for (const { site, release } of payload.sites) {
    if (release) seen[site] = Math.max(release.number, seen[site] ?? 0);
  }
  const same = JSON.stringify(withoutDate(state.payload)) === JSON.stringify(withoutDate(payload));
  const stamp = changed || !same ? state.stamp + 1 : state.stamp;
  await saveState({ payload, seen, stamp });
}

/** @param {Payload | null} payload */
function withoutDate(payload) {
  return payload && { ...payload, as_of: "" };
}
