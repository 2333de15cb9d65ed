// The signed manifest and the dataset file: nothing in them is used before it is verified.

import { AdapterRefused, checkAdapter, checkPattern } from "./adapter.js";
import { insist, Problem } from "./problem.js";

/** @typedef {import("./types").Payload} Payload */
/** @typedef {import("./types").Release} Release */
/** @typedef {import("./types").Dataset} Dataset */

const SIGNED_PREFIX = new TextEncoder().encode("shudi-manifest/1\n");
const MAGIC = [0x53, 0x48, 0x55, 0x44, 0x49, 0x01];
const HEADER_BYTES = 16;
const MAX_VALUES_JSON = 4 << 20;
/** Largest dataset file taken: 64 MiB, about six million accounts. */
export const MAX_DATASET_BYTES = 64 << 20;

/**
 * @param {unknown} text
 * @returns {Uint8Array}
 */
export function fromBase64(text) {
  insist(typeof text === "string", "bad_manifest", "base64 expected");
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Problem("bad_manifest", "not base64");
  }
}

/** @param {ArrayBuffer | Uint8Array} bytes */
export async function sha256Hex(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", /** @type {BufferSource} */ (bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The key an envelope claims, with an id and fingerprint computed here.
 * @param {any} envelope
 * @returns {Promise<import("./types").PublicKey>}
 */
export async function claimedKey(envelope) {
  const raw = fromBase64(envelope?.key?.public);
  insist(raw.length === 32, "bad_manifest", "key is not 32 bytes");
  const fingerprint = await sha256Hex(raw);
  return { id: fingerprint.slice(0, 16), public: envelope.key.public, fingerprint };
}

/**
 * Verify an envelope against a key and check its payload.
 * @param {any} envelope the manifest answer
 * @param {string} publicKey base64, the pinned key
 * @returns {Promise<Payload>}
 */
export async function openManifest(envelope, publicKey) {
  insist(envelope?.key?.public === publicKey, "changed_key", "another key");
  const payload = fromBase64(envelope.payload);
  const signed = new Uint8Array(SIGNED_PREFIX.length + payload.length);
  signed.set(SIGNED_PREFIX, 0);
  signed.set(payload, SIGNED_PREFIX.length);
  const good = await verify(fromBase64(publicKey), fromBase64(envelope.signature), signed);
  insist(good, "bad_signature", "signature does not fit");
  try {
    return checkPayload(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)));
  } catch (error) {
    throw error instanceof Problem ? error : new Problem("bad_manifest", "payload is not JSON");
  }
}

/**
 * @param {Uint8Array} raw
 * @param {Uint8Array} signature
 * @param {Uint8Array} signed
 */
async function verify(raw, signature, signed) {
  const buffer = (/** @type {Uint8Array} */ bytes) => /** @type {BufferSource} */ (bytes);
  try {
    const key = await crypto.subtle.importKey("raw", buffer(raw), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, buffer(signature), buffer(signed));
  } catch {
    return false;
  }
}

/**
 * @param {any} data
 * @returns {Payload}
 */
export function checkPayload(data) {
  insist(data?.format === 1, "bad_manifest", "unknown format");
  insist(!Number.isNaN(Date.parse(data.as_of)), "bad_manifest", "as_of");
  insist(Array.isArray(data.sites) && data.sites.length <= 1000, "bad_manifest", "sites");
  insist(isTextList(data.attribution), "bad_manifest", "attribution");
  insist(data.names !== null && typeof data.names === "object", "bad_manifest", "names");
  /** @type {import("./types").Site[]} */
  const sites = [];
  /** @type {string[]} */
  const refused = [];
  for (const entry of data.sites) {
    insist(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(entry?.site), "bad_manifest", "site key");
    try {
      sites.push(checkSite(entry));
    } catch (error) {
      if (!(error instanceof Problem || error instanceof AdapterRefused)) throw error;
      refused.push(entry.site);
    }
  }
  const { server, as_of, vocabulary, attribution, names } = data;
  return { server: String(server), as_of, vocabulary: String(vocabulary), attribution, names, sites, refused };
}

/** @param {unknown} list */
function isTextList(list) {
  return Array.isArray(list) && list.every((item) => typeof item === "string" && item.length <= 500);
}

/**
 * @param {any} entry
 * @returns {import("./types").Site}
 */
function checkSite(entry) {
  const { site, name, match, page_key, adapter, release } = entry;
  insist(typeof name === "string" && name.length > 0 && name.length <= 200, "bad_manifest", "name");
  insist(Array.isArray(match) && match.length > 0 && match.length <= 20, "bad_manifest", "match");
  match.forEach(checkPattern);
  insist(["handle", "id"].includes(page_key?.kind), "bad_manifest", "page_key.kind");
  insist(["exact", "casefold"].includes(page_key?.fold), "bad_manifest", "page_key.fold");
  return {
    site,
    name,
    match,
    page_key: { kind: page_key.kind, fold: page_key.fold },
    adapter: checkAdapter(adapter),
    release: release === null ? null : checkRelease(release),
  };
}

/**
 * @param {any} release
 * @returns {Release}
 */
function checkRelease(release) {
  const { number, cut, salt, count, url, size, sha256 } = release ?? {};
  const whole = [number, count, size].every((value) => Number.isSafeInteger(value) && value >= 0);
  insist(whole && size <= MAX_DATASET_BYTES, "bad_manifest", "release numbers");
  insist(fromBase64(salt).length >= 8, "bad_manifest", "salt");
  insist(/^[0-9a-f]{64}$/.test(sha256), "bad_manifest", "sha256");
  insist(typeof url === "string" && url.length <= 2000, "bad_manifest", "release url");
  return { number, cut: String(cut), salt, count, url, size, sha256 };
}

/**
 * Refuse a manifest older than what this reader already has.
 * @param {Payload} payload
 * @param {Payload | null} held
 * @param {Record<string, number>} seen highest release number per site
 */
export function checkForward(payload, held, seen) {
  const older = held !== null && Date.parse(payload.as_of) < Date.parse(held.as_of);
  insist(!older, "rollback", "as_of goes back");
  for (const { site, release } of payload.sites) {
    insist(release === null || release.number >= (seen[site] ?? 0), "rollback", "release goes back");
  }
}

/**
 * Verify a dataset file against its release in a verified manifest, then read it.
 * @param {ArrayBuffer} bytes
 * @param {Release} release
 * @returns {Promise<Dataset>}
 */
export async function openDataset(bytes, release) {
  insist(bytes.byteLength === release.size, "bad_dataset", "size");
  insist((await sha256Hex(bytes)) === release.sha256, "bad_dataset", "hash");
  return readDataset(bytes, release.count);
}

/**
 * Read a dataset file that is known to be genuine.
 * @param {ArrayBuffer} bytes
 * @param {number} expected number of accounts by the manifest
 * @returns {Dataset}
 */
export function readDataset(bytes, expected) {
  insist(bytes.byteLength >= HEADER_BYTES, "bad_dataset", "no header");
  const view = new DataView(bytes);
  insist(MAGIC.every((byte, at) => view.getUint8(at) === byte), "bad_dataset", "magic");
  const valueCount = view.getUint16(6, true);
  const count = view.getUint32(8, true);
  const jsonBytes = view.getUint32(12, true);
  const wide = valueCount > 256;
  const tagsAt = HEADER_BYTES + jsonBytes;
  const indicesAt = tagsAt + count * 8;
  const end = indicesAt + count * (wide ? 2 : 1);
  insist(count === expected && jsonBytes <= MAX_VALUES_JSON, "bad_dataset", "counts");
  insist(end === bytes.byteLength, "bad_dataset", "length");
  const values = readValues(new Uint8Array(bytes, HEADER_BYTES, jsonBytes), valueCount);
  const tags = new Uint8Array(bytes, tagsAt, count * 8);
  return { values, count, tags, indices: new Uint8Array(bytes, indicesAt), wide };
}

/**
 * @param {Uint8Array} json
 * @param {number} expected
 */
function readValues(json, expected) {
  /** @type {any} */
  let values = null;
  try {
    values = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    throw new Problem("bad_dataset", "values are not JSON");
  }
  insist(Array.isArray(values) && values.length === expected, "bad_dataset", "values");
  for (const value of values) {
    insist(["labelled", "uncertain", "withheld"].includes(value?.state), "bad_dataset", "state");
    const place = value.region === null || /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(value.region);
    insist(place, "bad_dataset", "region");
    insist(["subdivision", "country", "none"].includes(value.precision), "bad_dataset", "precision");
  }
  return values;
}
