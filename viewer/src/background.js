// The background: wakes for the alarm, for the reader's acts in the options page, and to answer
// pages from what is already here. Holds no truth in memory; the browser ends it at will.

import * as browser from "./browser.js";
import { claimedKey, openManifest, readDataset, fromBase64 } from "./dataset.js";
import { findNames } from "./lookup.js";
import { Problem } from "./problem.js";
import { fetchEnvelope, postReport } from "./server.js";
import { DEFAULTS, checkPreferences, checkServerAddress, loadState, nextDelay, saveState } from "./settings.js";
import { disableSite, enableSite, siteOfPage, syncPages } from "./sites.js";
import { forgetAllDatasets, heldDataset } from "./store.js";
import { inTurn, update } from "./update.js";
import { chooseLanguage, flatten, placeName } from "./words.js";

/** @typedef {import("./types").State} State */

const ALARM = "update";
const MAX_KEYS = 200;
const MAX_REPORT_TEXT = 500;

/** @type {{stamp: number, site: string, dataset: import("./types").Dataset, salt: Uint8Array} | null} */
let opened = null;

/** @param {State} state */
function languageOf(state) {
  return chooseLanguage(state.preferences.language, browser.browserLanguage());
}

/** Arm the next timed fetch; without a server there is nothing to fetch. */
async function arm() {
  const { server, preferences } = await loadState();
  if (!server) return browser.clearAlarm(ALARM);
  return browser.setAlarm(ALARM, nextDelay(preferences.periodSeconds, Math.random()));
}

/** Fetch now, put labels on the right pages, arm the next fetch. */
async function refresh() {
  try {
    await update();
    await syncPages();
  } finally {
    await arm();
  }
}

/**
 * @param {State} state
 * @param {string} site
 */
async function openedDataset(state, site) {
  if (opened?.stamp === state.stamp && opened.site === site) return opened;
  const held = await heldDataset(site);
  if (!held) return null;
  const dataset = readDataset(held.bytes, held.release.count);
  opened = { stamp: state.stamp, site, dataset, salt: fromBase64(held.release.salt) };
  return opened;
}

/** What pages may ask. The site is that of the asking page, whatever the message says. */
const forPages = {
  /**
   * @param {State} state
   * @param {import("./types").Site} site
   */
  async hello(state, site) {
    const language = languageOf(state);
    const { match, adapter } = site;
    return {
      site: site.site,
      siteName: site.name,
      server: new URL(state.server?.url ?? "").host,
      match,
      adapter,
      language,
      catalogue: flatten(await browser.readOwnFile(`_locales/${language}/messages.json`)),
      asOf: state.payload?.as_of ?? "",
      attribution: state.payload?.attribution ?? [],
    };
  },

  /**
   * @param {State} state
   * @param {import("./types").Site} site
   * @param {any} message
   */
  async lookup(state, site, message) {
    const keys = message.keys.slice(0, MAX_KEYS).map(String);
    const held = await openedDataset(state, site.site);
    if (!held) return keys.map(() => null);
    const values = await findNames(held.dataset, held.salt, site.page_key.fold, keys);
    const language = languageOf(state);
    const names = state.payload?.names ?? {};
    return values.map((value) => value && { ...value, place: placeName(names, value.region, language) });
  },

  /**
   * @param {State} state
   * @param {import("./types").Site} site
   * @param {any} message
   */
  async health(state, site, message) {
    const entry = {
      matched: Number(message.matched),
      keyed: Number(message.keyed),
      labelled: Number(message.labelled),
      at: new Date().toISOString(),
    };
    await saveState({ health: { ...state.health, [site.site]: entry } });
  },

  /**
   * @param {State} state
   * @param {import("./types").Site} site
   * @param {any} message sent by the card after the reader's confirmed click
   */
  async report(state, site, message) {
    if (!state.server) throw new Problem("no_server");
    const text = Array.from(String(message.text)).slice(0, MAX_REPORT_TEXT).join("");
    await postReport(state.server.url, { site: site.site, account: String(message.account), text });
    return {};
  },
};

/** What the extension's own pages may ask: each is an act of the reader. */
const forReader = {
  async overview() {
    const state = await loadState();
    const language = languageOf(state);
    const file = await browser.readOwnFile(`_locales/${language}/messages.json`);
    return { state, language, catalogue: flatten(file) };
  },

  /** @param {any} message */
  async inspect(message) {
    const url = checkServerAddress(message.address);
    const envelope = await fetchEnvelope(url);
    const key = await claimedKey(envelope);
    const payload = await openManifest(envelope, key.public);
    return { url, key, sites: payload.sites.map(({ name }) => name) };
  },

  /** @param {any} message with the address and key that the reader saw */
  async addServer(message) {
    const server = { url: checkServerAddress(message.url), key: message.key, changedKey: null };
    await forReader.removeServer();
    await saveState({ server });
    await refresh();
    return {};
  },

  async removeServer() {
    const { enabled, stamp, preferences } = await loadState();
    for (const site of enabled) await disableSite(site);
    await inTurn(async () => {
      await forgetAllDatasets();
      await saveState({ ...DEFAULTS, preferences, stamp: stamp + enabled.length + 1 });
    });
    await syncPages();
    await arm();
    return {};
  },

  /** @param {any} message with the id of the key the reader consented to */
  async trustKey(message) {
    const { server } = await loadState();
    if (!server?.changedKey || server.changedKey.id !== message.id) throw new Problem("changed_key");
    // The reader vouches for a new start, so what the old key signed no longer binds.
    const renewed = { ...server, key: server.changedKey, changedKey: null };
    await saveState({ server: renewed, payload: null, seen: {} });
    await refresh();
    return {};
  },

  /** @param {any} message */
  async enableSite(message) {
    await enableSite(String(message.site));
    await refresh();
    return {};
  },

  /** @param {any} message */
  async disableSite(message) {
    await disableSite(String(message.site));
    await syncPages();
    return {};
  },

  /** @param {any} message */
  async setPreferences(message) {
    const { stamp } = await loadState();
    await saveState({ preferences: checkPreferences(message.preferences), stamp: stamp + 1 });
    await arm();
    return {};
  },

  async updateNow() {
    await refresh();
    return {};
  },
};

/**
 * @param {any} message
 * @param {string} address of the asking page
 */
async function answerPage(message, address) {
  const state = await loadState();
  const site = siteOfPage(state, address);
  if (!site || !Object.hasOwn(forPages, message.type)) return null;
  return forPages[/** @type {keyof typeof forPages} */ (message.type)](state, site, message);
}

/**
 * Acts answer {ok}, with the problem's code when refused.
 * @param {() => Promise<object>} act
 */
async function tell(act) {
  try {
    return { ok: true, ...(await act()) };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, problem: error.code };
    throw error;
  }
}

browser.onAsk(async (message, { own, url }) => {
  if (own && Object.hasOwn(forReader, message.type)) {
    return tell(() => forReader[/** @type {keyof typeof forReader} */ (message.type)](message));
  }
  if (own) return null;
  if (message.type === "report") {
    return tell(async () => {
      const answer = await answerPage(message, url);
      if (answer === null) throw new Problem("not_this_site");
      return /** @type {object} */ (answer);
    });
  }
  return answerPage(message, url);
});

browser.onAlarm((name) => {
  if (name === ALARM) void refresh();
});

browser.onStart(async (reason) => {
  await syncPages();
  if (!(await browser.alarmIsSet(ALARM))) await arm();
  if (reason === "install") await browser.openOptions();
});

browser.onToolbarClick(() => void browser.openOptions());
browser.onHostsDropped(() => void syncPages());
