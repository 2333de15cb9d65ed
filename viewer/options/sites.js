// The sites section: turn each on or off, one by one, and see how well its pages are read.

import { button, make } from "./dom.js";

/** @typedef {import("../src/types").State} State */
/** @typedef {import("../src/types").Site} Site */
/** @typedef {import("./server.js").Say} Say */
/**
 * @typedef {object} Tools
 * @property {Say} say
 * @property {(site: Site) => void} turnOn
 * @property {(site: Site) => void} turnOff
 * @property {(site: string) => boolean} permitted
 */

/**
 * @param {State} state
 * @param {Tools} tools
 * @returns {Node[]}
 */
export function sitesView({ payload, enabled, health }, tools) {
  if (!payload) return [make("p", "soft", tools.say("sites_empty"))];
  const rows = make("ul", "rows");
  for (const site of payload.sites) {
    rows.append(row(site, enabled.includes(site.site), health[site.site], tools));
  }
  for (const site of payload.refused) {
    rows.append(make("li", "", make("p", "about", tools.say("site_refused", site))));
  }
  return [rows];
}

/**
 * @param {Site} site
 * @param {boolean} on
 * @param {import("../src/types").Health | undefined} health
 * @param {Tools} tools
 */
function row(site, on, health, { say, turnOn, turnOff, permitted }) {
  const name = make("h3", "", site.name);
  if (on) name.append(make("span", "on", say("site_is_on")));
  const about = make("div", "about", name, make("p", "", site.match.join(" · ")));
  about.append(make("p", "", site.release ? say("site_count", site.release.count) : say("site_uncovered")));
  if (on && permitted(site.site)) about.append(healthLine(health, say));
  if (on && !permitted(site.site)) about.append(broken(say("site_no_permission")));
  const act = on
    ? button(`off-${site.site}`, "", say("site_off"), () => turnOff(site))
    : button(`on-${site.site}`, "main", say("site_on"), () => turnOn(site));
  act.setAttribute("aria-label", `${act.textContent}: ${site.name}`);
  const item = make("li", "", about, act);
  item.dataset["site"] = site.site;
  return item;
}

/** @param {string} text */
function broken(text) {
  const line = make("p", "health", text);
  line.dataset["health"] = "broken";
  return line;
}

/**
 * @param {import("../src/types").Health | undefined} health
 * @param {Say} say
 */
function healthLine(health, say) {
  if (!health) return make("p", "health", say("health_none"));
  const { matched, keyed, labelled } = health;
  if (matched === 0) return broken(say("health_empty"));
  if (keyed === 0) return broken(say("health_broken", matched));
  return make("p", "health", say("health_found", keyed, matched, labelled));
}
