// A name on a page -> its row in the dataset. Runs in the background, never on a page's thread.

/** @typedef {import("./types").Dataset} Dataset */
/** @typedef {import("./types").Value} Value */

const TAG_BYTES = 8;
const encoder = new TextEncoder();

/**
 * Unicode full case folding of one character, equal to Python's str.casefold: lower, upper,
 * lower, except dotless i, which stays, and Cherokee, which folds to its capitals.
 * @param {string} character
 */
function foldCharacter(character) {
  if (character === "\u0131") return character;
  if (/[\u13a0-\u13fd\uab70-\uabbf]/.test(character)) return character.toUpperCase();
  return character.toLowerCase().toUpperCase().toLowerCase();
}

/**
 * The form of a page key that is hashed.
 * @param {string} key as the page shows it
 * @param {import("./types").Fold} fold
 */
export function canonicalKey(key, fold) {
  const normal = key.normalize("NFC");
  return fold === "exact" ? normal : Array.from(normal, foldCharacter).join("");
}

/**
 * @param {Uint8Array} salt
 * @param {string} canonical
 * @returns {Promise<Uint8Array>} first 8 bytes of SHA-256(salt, 0x00, key)
 */
export async function tagOf(salt, canonical) {
  const key = encoder.encode(canonical);
  const input = new Uint8Array(salt.length + 1 + key.length);
  input.set(salt, 0);
  input.set(key, salt.length + 1);
  const digest = await crypto.subtle.digest("SHA-256", input);
  return new Uint8Array(digest, 0, TAG_BYTES);
}

/**
 * @param {Uint8Array} tags sorted
 * @param {number} row
 * @param {Uint8Array} tag
 */
function compareTag(tags, row, tag) {
  const start = row * TAG_BYTES;
  for (let byte = 0; byte < TAG_BYTES; byte += 1) {
    const difference = /** @type {number} */ (tags[start + byte]) - /** @type {number} */ (tag[byte]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * @param {Dataset} dataset
 * @param {Uint8Array} tag
 * @returns {Value | null} null where there is no label, or where two names share the tag:
 *   no label is better than another account's
 */
export function findTag(dataset, tag) {
  let low = 0;
  let high = dataset.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareTag(dataset.tags, middle, tag) < 0) low = middle + 1;
    else high = middle;
  }
  if (low >= dataset.count || compareTag(dataset.tags, low, tag) !== 0) return null;
  if (low + 1 < dataset.count && compareTag(dataset.tags, low + 1, tag) === 0) return null;
  return dataset.values[indexAt(dataset, low)] ?? null;
}

/**
 * @param {Dataset} dataset
 * @param {number} row
 */
function indexAt(dataset, row) {
  const { indices } = dataset;
  const at = (/** @type {number} */ byte) => /** @type {number} */ (indices[byte]);
  return dataset.wide ? at(row * 2) | (at(row * 2 + 1) << 8) : at(row);
}

/**
 * @param {Dataset} dataset
 * @param {Uint8Array} salt
 * @param {import("./types").Fold} fold
 * @param {string[]} keys
 * @returns {Promise<(Value | null)[]>} in the order asked
 */
export function findNames(dataset, salt, fold, keys) {
  return Promise.all(
    keys.map(async (key) => findTag(dataset, await tagOf(salt, canonicalKey(key, fold)))),
  );
}
