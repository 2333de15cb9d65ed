// Finding names on a page and noticing when they change. Imports nothing (see loader.js).
//
// A stale badge is taken away inside the MutationObserver's own callback, which runs before the
// next paint; new names wait for a 50 ms batch and for the reader to come near them.

/** @typedef {import("./types").Adapter} Adapter */
/** @typedef {import("./types").AccountRule} AccountRule */
/** @typedef {{element: Element, rule: AccountRule, key: string | null, near: boolean, badge: HTMLElement | null, repairs: number}} Found */

const BATCH_MS = 50;
const NEAR = "200px";
/** A page that keeps removing or moving a badge wins after this many repairs. */
const MAX_REPAIRS = 20;

/**
 * @typedef {object} Hooks
 * @property {typeof import("./adapter")} adapterModule
 * @property {Adapter} adapter
 * @property {string} host tag name of badges
 * @property {(found: Found[]) => void} wanted names near the reader that need an answer
 * @property {() => void} settled after a batch
 * @property {AbortSignal} signal
 */

export class Watch {
  /** @param {Hooks} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    /** @type {Map<Element, Found>} */
    this.found = new Map();
    /** @type {Set<Element>} */
    this.fresh = new Set();
    /** @type {Set<Found>} */
    this.asking = new Set();
    this.timer = 0;
    this.selector = hooks.adapter.account.map(({ element }) => element).join(",");
    this.near = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: NEAR });
    this.changes = new MutationObserver((records) => this.#changed(records));
    hooks.signal.addEventListener("abort", () => this.#stop());
  }

  start() {
    this.#scan(document.documentElement);
    this.changes.observe(document.documentElement, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: this.hooks.adapterModule.watchedAttributes(this.hooks.adapter),
    });
    this.#schedule();
  }

  /**
   * Put a badge where its rule says.
   * @param {Found} found
   * @param {HTMLElement} badge
   */
  attach(found, badge) {
    this.detach(found);
    found.badge = badge;
    this.#place(found);
  }

  /** @param {Found} found */
  detach(found) {
    found.badge?.remove();
    found.badge = null;
  }

  #stop() {
    clearTimeout(this.timer);
    this.near.disconnect();
    this.changes.disconnect();
    for (const found of this.found.values()) this.detach(found);
    this.found.clear();
  }

  /** @param {Found} found */
  #place({ element, rule, badge }) {
    if (!badge) return;
    if (rule.place === "after") element.after(badge);
    else element.append(badge);
  }

  /** @param {Found} found */
  #isPlaced({ element, rule, badge }) {
    if (rule.place === "after") return element.nextSibling === badge;
    return element.lastChild === badge;
  }

  /** @param {Element} element */
  #track(element) {
    const rule = this.hooks.adapter.account.find((entry) => element.matches(entry.element));
    if (!rule || this.found.has(element)) return;
    const key = this.hooks.adapterModule.extractKey(element, rule.key);
    this.found.set(element, { element, rule, key, near: false, badge: null, repairs: 0 });
    this.near.observe(element);
  }

  /** @param {Element} root */
  #scan(root) {
    if (!root.isConnected) return;
    if (root.matches(this.selector)) this.#track(root);
    if (root.firstElementChild === null) return;
    for (const element of root.querySelectorAll(this.selector)) this.#track(element);
    for (const badge of root.querySelectorAll(this.hooks.host)) this.#adopt(badge);
  }

  /**
   * Remove a badge nobody here placed: a page's copy of a row copies its badge's shell.
   * @param {Element} badge
   */
  #adopt(badge) {
    const ours = [badge.previousElementSibling, badge.parentElement].some(
      (element) => element !== null && this.found.get(element)?.badge === badge,
    );
    if (!ours) badge.remove();
  }

  /** @param {MutationRecord[]} records */
  #changed(records) {
    let moved = false;
    for (const record of records) {
      if (record.type === "childList") moved = this.#children(record) || moved;
      const element = record.target instanceof Element ? record.target : record.target.parentElement;
      const named = element?.closest(this.selector) ?? element;
      if (named) this.#recheck(named, record.type === "attributes");
    }
    if (moved) this.#sweep();
    if (this.fresh.size > 0) this.#schedule();
  }

  /**
   * @param {MutationRecord} record
   * @returns {boolean} whether badges may have lost their names
   */
  #children({ addedNodes, removedNodes }) {
    let moved = removedNodes.length > 0;
    for (const node of addedNodes) {
      const ownBadge = node.nodeName.toLowerCase() === this.hooks.host;
      if (ownBadge) continue;
      moved = true;
      if (!(node instanceof Element)) continue;
      // Leaves that are no names themselves, most of what pages add, are skipped.
      if (node.firstElementChild !== null || node.matches(this.selector)) this.fresh.add(node);
    }
    return moved;
  }

  /**
   * @param {Element} element
   * @param {boolean} mayBeNew
   */
  #recheck(element, mayBeNew) {
    const found = this.found.get(element);
    if (!found) {
      if (mayBeNew && element.matches(this.selector)) this.fresh.add(element);
      return;
    }
    const key = element.matches(found.rule.element)
      ? this.hooks.adapterModule.extractKey(element, found.rule.key)
      : null;
    if (key === found.key) return;
    this.detach(found);
    found.key = key;
    if (key !== null && found.near) this.asking.add(found);
    this.#schedule();
  }

  /** Take badges from names that left the page; put back those that were moved or removed. */
  #sweep() {
    for (const found of this.found.values()) {
      if (!found.element.isConnected) {
        this.detach(found);
        this.near.unobserve(found.element);
        this.found.delete(found.element);
        this.asking.delete(found);
      } else if (found.badge && !this.#isPlaced(found)) {
        found.repairs += 1;
        if (found.repairs > MAX_REPAIRS) this.detach(found);
        else this.#place(found);
      }
    }
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const found = this.found.get(target);
      if (!found) continue;
      found.near = isIntersecting;
      if (isIntersecting && !found.badge && found.key !== null) this.asking.add(found);
    }
    if (this.asking.size > 0) this.#schedule();
  }

  #schedule() {
    if (this.timer) return;
    this.timer = setTimeout(() => this.#batch(), BATCH_MS);
  }

  #batch() {
    this.timer = 0;
    for (const element of this.fresh) this.#scan(element);
    this.fresh.clear();
    if (this.asking.size > 0) this.hooks.wanted([...this.asking]);
    this.asking.clear();
    this.hooks.settled();
  }
}
