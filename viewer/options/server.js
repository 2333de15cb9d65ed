// The server section: add with its key shown, follow its health, consent to a new key, remove.

import { button, facts, fingerprint, make } from "./dom.js";

/** @typedef {import("../src/types").State} State */
/** @typedef {import("../src/types").PublicKey} PublicKey */
/** @typedef {(key: string, ...values: (string | number)[]) => string} Say */
/** @typedef {(message: {type: string, [field: string]: unknown}) => Promise<any>} Act */
/** @typedef {{say: Say, act: Act, date: (instant: string) => string}} Tools */

/**
 * @param {State} state
 * @param {Tools} tools
 * @returns {Node[]}
 */
export function serverView(state, tools) {
  return state.server ? known(state, state.server, tools) : [adding(tools)];
}

/** @param {Tools} tools */
function adding({ say, act }) {
  const input = make("input", "");
  input.id = "address";
  input.type = "text";
  input.inputMode = "url";
  input.autocomplete = "off";
  input.placeholder = "https://";
  input.required = true;
  const caption = make("label", "", say("server_address"));
  caption.htmlFor = "address";
  const look = make("button", "main", say("server_look"));
  look.id = "look";
  const form = make("form", "", make("p", "soft", say("server_intro")), caption, make("div", "line", input, look));
  const panel = make("div", "");
  panel.setAttribute("aria-live", "polite");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    panel.replaceChildren();
    const answer = await act({ type: "inspect", address: input.value });
    if (answer?.ok) panel.replaceChildren(found(answer, { say, act }));
  });
  return make("div", "", form, panel);
}

/**
 * @param {{url: string, key: PublicKey, sites: string[]}} answer
 * @param {{say: Say, act: Act}} tools
 */
function found({ url, key, sites }, { say, act }) {
  const add = () => void act({ type: "addServer", url, key });
  return make(
    "div",
    "panel",
    make("p", "", say("server_found", sites.join(", ") || "–")),
    facts([say("server_address"), url], [say("server_key_found"), fingerprint(key)]),
    button("add-server", "main", say("server_add"), add),
  );
}

/**
 * @param {State} state
 * @param {import("../src/types").Server} server
 * @param {Tools} tools
 * @returns {Node[]}
 */
function known(state, server, tools) {
  const { say, act, date } = tools;
  const when = (/** @type {string | null} */ instant) => (instant ? date(instant) : say("server_never"));
  const list = facts(
    [say("server_address"), server.url],
    [say("server_key"), fingerprint(server.key)],
    [say("card_as_of"), when(state.payload?.as_of ?? null)],
    [say("server_updated"), when(state.status.updatedAt)],
    [say("server_checked"), when(state.status.checkedAt)],
  );
  const update = button("update", "", say("server_update"), () => void act({ type: "updateNow" }));
  const remove = twice("remove-server", say("server_remove"), say("server_remove_sure"), () =>
    act({ type: "removeServer" }),
  );
  return [...trouble(state, server, tools), list, make("div", "line", update, remove)];
}

/**
 * @param {State} state
 * @param {import("../src/types").Server} server
 * @param {Tools} tools
 * @returns {Node[]}
 */
function trouble({ status }, { key, changedKey }, { say, act }) {
  if (!status.problem) return [];
  const notice = make("div", "notice");
  notice.id = "problem";
  notice.dataset["problem"] = status.problem;
  notice.setAttribute("role", "alert");
  notice.append(make("p", "", say("server_problem", say(`problem_${status.problem}`))));
  if (status.problem === "changed_key" && changedKey) {
    notice.append(
      facts([say("server_key"), fingerprint(key)], [say("server_new_key"), fingerprint(changedKey)]),
      twice("trust-key", say("server_trust"), say("server_trust_sure"), () =>
        act({ type: "trustKey", id: changedKey.id }),
      ),
    );
  }
  return [notice];
}

/**
 * A button that asks once more before it acts.
 * @param {string} id
 * @param {string} first
 * @param {string} second
 * @param {() => void} act
 */
function twice(id, first, second, act) {
  let sure = false;
  const element = button(id, "", first, () => {
    if (sure) return act();
    sure = true;
    element.textContent = second;
    element.classList.add("main");
    return undefined;
  });
  element.addEventListener("blur", () => {
    sure = false;
    element.textContent = first;
    element.classList.remove("main");
  });
  return element;
}
