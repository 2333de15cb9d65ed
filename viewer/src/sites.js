// Which sites are turned on, and on which pages labels therefore run.

import * as browser from "./browser.js";
import { matchesPattern } from "./adapter.js";
import { Problem } from "./problem.js";
import { loadState, saveState } from "./settings.js";
import { forgetDataset } from "./store.js";

/** @typedef {import("./types").State} State */
/** @typedef {import("./types").Site} Site */

/**
 * @param {State} state
 * @returns {Site[]}
 */
function enabledSites(state) {
  return (state.payload?.sites ?? []).filter(({ site }) => state.enabled.includes(site));
}

/**
 * @param {State} state
 * @param {string} address of the page that asks
 * @returns {Site | null}
 */
export function siteOfPage(state, address) {
  const fits = (/** @type {Site} */ { match }) =>
    match.some((pattern) => matchesPattern(pattern, address));
  return enabledSites(state).find(fits) ?? null;
}

/** Run labels on the pages of enabled sites for which the reader's permission is held. */
export async function syncPages() {
  const patterns = new Set(enabledSites(await loadState()).flatMap(({ match }) => match));
  const held = [];
  for (const pattern of patterns) {
    if (await browser.holdsHosts([pattern])) held.push(pattern);
  }
  await browser.runOnPages(held);
}

/** @param {string} site */
export async function enableSite(site) {
  const { payload, enabled } = await loadState();
  const known = payload?.sites.find((entry) => entry.site === site);
  if (!known || !(await browser.holdsHosts(known.match))) throw new Problem("no_permission", site);
  if (!enabled.includes(site)) await saveState({ enabled: [...enabled, site] });
}

/**
 * Turn a site off, give its permission back and forget its dataset.
 * @param {string} site
 */
export async function disableSite(site) {
  const { payload, enabled, health, stamp } = await loadState();
  const { [site]: _, ...others } = health;
  const rest = enabled.filter((entry) => entry !== site);
  const sites = payload?.sites ?? [];
  const needed = sites.filter((entry) => rest.includes(entry.site)).flatMap(({ match }) => match);
  const known = sites.find((entry) => entry.site === site);
  const spare = known?.match.filter((pattern) => !needed.includes(pattern)) ?? [];
  await saveState({ enabled: rest, health: others, stamp: stamp + 1 });
  await forgetDataset(site);
  if (spare.length > 0) await browser.dropHosts(spare);
}
