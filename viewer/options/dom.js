// Elements for the options page. Text is text: nothing here parses HTML.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {...(Node | string)} content
 */
export function make(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/**
 * @param {string} id
 * @param {string} className
 * @param {string} text
 * @param {() => void} act
 */
export function button(id, className, text, act) {
  const element = make("button", className, text);
  element.type = "button";
  element.id = id;
  element.addEventListener("click", act);
  return element;
}

/** @param {...[string, Node | string]} pairs */
export function facts(...pairs) {
  const list = make("dl", "");
  for (const [term, value] of pairs) list.append(make("dt", "", term), make("dd", "", value));
  return list;
}

/**
 * A key's fingerprint in groups of four; its id, the first sixteen digits, stands out.
 * @param {import("../src/types").PublicKey} key
 */
export function fingerprint(key) {
  const groups = key.fingerprint.match(/.{4}/g) ?? [];
  const id = make("b", "", groups.slice(0, 4).join(" "));
  const code = make("code", "key", id, ` ${groups.slice(4).join(" ")}`);
  code.dataset["keyId"] = key.id;
  return code;
}

/** @param {string} id */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
