// The only seam to the browser: no other module names chrome.* or browser.*
// (src/loader.js, which loads this one into a page, has to find it first).

/** @type {typeof chrome} */
const api = /** @type {any} */ (globalThis).browser ?? globalThis.chrome;

/** Firefox's match patterns carry no port. */
const PORTLESS = api.runtime.getURL("").startsWith("moz-extension:");

/** The one dynamic script; its matches are the pages of all sites turned on. */
const SCRIPT_ID = "shudi-labels";

/**
 * @template {string} K
 * @param {K[]} keys
 * @returns {Promise<Record<K, any>>}
 */
export async function read(keys) {
  return /** @type {Record<K, any>} */ (await api.storage.local.get(keys));
}

/** @param {Record<string, unknown>} values */
export async function write(values) {
  await api.storage.local.set(values);
}

/**
 * Call back when a stored value changes, in whichever page or worker changed it.
 * @param {string[]} keys
 * @param {() => void} listener
 * @param {AbortSignal} signal
 */
export function onStored(keys, listener, signal) {
  /** @type {(changes: Record<string, unknown>, area: string) => void} */
  const heard = (changes, area) => {
    if (area === "local" && keys.some((key) => key in changes)) listener();
  };
  api.storage.onChanged.addListener(heard);
  signal.addEventListener("abort", () => api.storage.onChanged.removeListener(heard));
}

/**
 * Ask the background. Null when the extension was reloaded or removed under an open page.
 * @param {{type: string, [field: string]: unknown}} message
 * @returns {Promise<any>}
 */
export async function ask(message) {
  try {
    return (await api.runtime.sendMessage(message)) ?? null;
  } catch {
    return null;
  }
}

/**
 * Answer messages. `from.own` is true for the extension's own pages.
 * @param {(message: any, from: {own: boolean, url: string}) => Promise<unknown>} answer
 */
export function onAsk(answer) {
  api.runtime.onMessage.addListener((message, sender, reply) => {
    if (sender.id !== api.runtime.id) return undefined;
    const url = sender.url ?? "";
    answer(message, { own: url.startsWith(api.runtime.getURL("")), url }).then(reply, () =>
      reply(null),
    );
    return true;
  });
}

/**
 * @param {string} name
 * @param {number} seconds until the alarm rings, once
 */
export async function setAlarm(name, seconds) {
  await api.alarms.create(name, { delayInMinutes: seconds / 60 });
}

/** @param {string} name */
export async function alarmIsSet(name) {
  return (await api.alarms.get(name)) !== undefined;
}

/** @param {string} name */
export async function clearAlarm(name) {
  await api.alarms.clear(name);
}

/** @param {(name: string) => void} listener */
export function onAlarm(listener) {
  api.alarms.onAlarm.addListener((alarm) => listener(alarm.name));
}

/**
 * The extension was installed or updated, or the browser started.
 * @param {(reason: "install" | "start") => void} listener
 */
export function onStart(listener) {
  api.runtime.onInstalled.addListener((details) =>
    listener(details.reason === "install" ? "install" : "start"),
  );
  api.runtime.onStartup.addListener(() => listener("start"));
}

/** @param {() => void} listener */
export function onToolbarClick(listener) {
  api.action.onClicked.addListener(listener);
}

export async function openOptions() {
  await api.runtime.openOptionsPage();
}

/**
 * @param {string[]} patterns
 * @returns {string[]} the same pages, or in Firefox the same hosts on any port
 */
function hostPatterns(patterns) {
  return PORTLESS ? patterns.map((pattern) => pattern.replace(/:\d+\//, "/")) : patterns;
}

/**
 * Ask the reader for some pages. Must be called straight from a click.
 * @param {string[]} patterns
 */
export function requestHosts(patterns) {
  return api.permissions.request({ origins: hostPatterns(patterns) });
}

/** @param {string[]} patterns */
export function holdsHosts(patterns) {
  return api.permissions.contains({ origins: hostPatterns(patterns) });
}

/** @param {string[]} patterns */
export async function dropHosts(patterns) {
  await api.permissions.remove({ origins: hostPatterns(patterns) });
}

/** @param {() => void} listener */
export function onHostsDropped(listener) {
  api.permissions.onRemoved.addListener(listener);
}

/**
 * Run the labels on exactly these pages from their next load on.
 * @param {string[]} patterns
 */
export async function runOnPages(patterns) {
  const held = await api.scripting.getRegisteredContentScripts({ ids: [SCRIPT_ID] });
  if (held.length > 0) await api.scripting.unregisterContentScripts({ ids: [SCRIPT_ID] });
  if (patterns.length === 0) return;
  await api.scripting.registerContentScripts([
    { id: SCRIPT_ID, js: ["src/loader.js"], matches: hostPatterns(patterns), runAt: "document_idle" },
  ]);
}

/** @param {string} path of a file shipped with the extension */
export async function readOwnFile(path) {
  const response = await fetch(api.runtime.getURL(path));
  return await response.json();
}

/** The browser's own language, as a BCP 47 tag. */
export function browserLanguage() {
  return api.i18n.getUILanguage();
}
