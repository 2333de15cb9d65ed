// In the page: asks the background, over the browser's own channel, for the labels of the names
// near the reader, and shows them. Makes no request. Imports nothing (see loader.js).

/** @typedef {import("./types").Label} Label */
/** @typedef {import("./types").Welcome} Welcome */
/** @typedef {import("./watch").Found} Found */
/** @typedef {import("./badge").Parts & {adapter: typeof import("./adapter"), badge: typeof import("./badge"), watch: typeof import("./watch")}} Modules */

const MOST_KEYS = 200;
/** Badges made in one task, so that no task grows long. */
const BADGES_A_TASK = 50;
const HEALTH_MS = 1000;

/** @param {Modules} modules */
export async function start(modules) {
  const { browser } = modules;
  let leave = new AbortController();
  const begin = async () => {
    leave.abort();
    const mine = new AbortController();
    leave = mine;
    /** @type {Welcome | null} */
    const welcome = await browser.ask({ type: "hello" });
    if (welcome && !mine.signal.aborted) new Labels(modules, welcome, mine.signal).start();
  };
  await begin();
  const forever = new AbortController().signal;
  browser.onStored(["stamp"], () => void whenNoCardIsOpen(modules, begin), forever);
}

/**
 * New data must not take a card from under the reader's hands.
 * @param {Modules} modules
 * @param {() => Promise<void>} act
 */
async function whenNoCardIsOpen({ badge }, act) {
  const open = () =>
    [...document.querySelectorAll(badge.HOST)].some((host) =>
      badge.isOpen(/** @type {HTMLElement} */ (host)),
    );
  while (open()) await pause(500);
  await act();
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The labels of one page under one state of the data. */
class Labels {
  /**
   * @param {Modules} modules
   * @param {Welcome} welcome
   * @param {AbortSignal} signal
   */
  constructor(modules, welcome, signal) {
    this.modules = modules;
    this.welcome = welcome;
    this.signal = signal;
    /** @type {Map<string, Label | null>} */
    this.answers = new Map();
    this.healthTimer = 0;
    this.told = "";
    this.watch = new modules.watch.Watch({
      adapterModule: modules.adapter,
      adapter: welcome.adapter,
      host: modules.badge.HOST,
      wanted: (found) => void this.#resolve(found),
      settled: () => this.#planHealth(),
      signal,
    });
    signal.addEventListener("abort", () => clearTimeout(this.healthTimer));
  }

  start() {
    // What an earlier life of the extension left behind has no card any more.
    for (const old of document.querySelectorAll(this.modules.badge.HOST)) old.remove();
    this.watch.start();
  }

  /** @param {Found[]} found */
  async #resolve(found) {
    if (!this.#onSite()) return;
    const keys = new Set(found.flatMap(({ key }) => (key === null ? [] : [key])));
    const unknown = [...keys].filter((key) => !this.answers.has(key));
    for (let at = 0; at < unknown.length; at += MOST_KEYS) {
      await this.#look(unknown.slice(at, at + MOST_KEYS));
    }
    for (let at = 0; at < found.length; at += BADGES_A_TASK) {
      if (this.signal.aborted) return;
      for (const one of found.slice(at, at + BADGES_A_TASK)) this.#show(one);
      await pause(0);
    }
    this.#planHealth();
  }

  /** @param {string[]} keys */
  async #look(keys) {
    /** @type {(Label | null)[] | null} */
    const labels = await this.modules.browser.ask({ type: "lookup", keys });
    if (labels) keys.forEach((key, at) => this.answers.set(key, labels[at] ?? null));
  }

  /**
   * Show what is known of the name the element carries now, which may not be the one it
   * carried when the question was asked.
   * @param {Found} found
   */
  #show(found) {
    const { element, rule, key } = found;
    if (key === null || found.badge || this.watch.found.get(element) !== found) return;
    if (this.modules.adapter.extractKey(element, rule.key) !== key) return;
    const label = this.answers.get(key);
    if (!label) return;
    this.watch.attach(found, this.modules.badge.createBadge(this.modules, this.welcome, key, label));
  }

  /** A page that navigates without loading may leave the addresses the site is known by. */
  #onSite() {
    const { match } = this.welcome;
    return match.some((pattern) => this.modules.adapter.matchesPattern(pattern, location.href));
  }

  #planHealth() {
    if (this.healthTimer) return;
    this.healthTimer = setTimeout(() => this.#tellHealth(), HEALTH_MS);
  }

  /** Counts only: no name and no address. */
  #tellHealth() {
    this.healthTimer = 0;
    const all = [...this.watch.found.values()];
    const counts = {
      matched: all.length,
      keyed: all.filter(({ key }) => key !== null).length,
      labelled: all.filter(({ badge }) => badge !== null).length,
    };
    const told = JSON.stringify(counts);
    if (told === this.told || document.visibilityState === "hidden") return;
    this.told = told;
    void this.modules.browser.ask({ type: "health", ...counts });
  }
}
