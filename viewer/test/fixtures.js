// A signed manifest and a dataset made here, byte by byte as the contract says.

import { createHash, generateKeyPairSync, sign } from "node:crypto";

export const SALT = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");

/** @param {object} change */
export function value(change = {}) {
  return {
    state: "labelled",
    region: "CN-GD",
    precision: "subdivision",
    corrected: false,
    disputed: false,
    ...change,
  };
}

export function tag(key, salt = SALT) {
  const input = Buffer.concat([salt, Buffer.from([0]), Buffer.from(key, "utf8")]);
  return createHash("sha256").update(input).digest().subarray(0, 8);
}

/** @param {[Buffer, number][]} rows tag and index of value, in any order */
export function file(rows, values) {
  const sorted = [...rows].sort(([a], [b]) => Buffer.compare(a, b));
  const json = Buffer.from(JSON.stringify(values));
  const head = Buffer.alloc(16);
  head.write("SHUDI\x01", "latin1");
  head.writeUInt16LE(values.length, 6);
  head.writeUInt32LE(rows.length, 8);
  head.writeUInt32LE(json.length, 12);
  const width = values.length > 256 ? 2 : 1;
  const indices = Buffer.alloc(rows.length * width);
  sorted.forEach(([, index], row) => indices.writeUIntLE(index, row * width, width));
  const all = Buffer.concat([head, json, ...sorted.map(([bytes]) => bytes), indices]);
  return all.buffer.slice(all.byteOffset, all.byteOffset + all.length);
}

export function release(bytes, count, change = {}) {
  const sha256 = createHash("sha256").update(Buffer.from(bytes)).digest("hex");
  return {
    number: 3,
    cut: "2026-11-22T01:00:00Z",
    salt: SALT.toString("base64"),
    count,
    url: `/api/v1/dataset/teahouse/3-${sha256.slice(0, 16)}.bin`,
    size: bytes.byteLength,
    sha256,
    ...change,
  };
}

export function site(change = {}) {
  return {
    site: "teahouse",
    name: "Teahouse",
    match: ["https://tea.example.org/*"],
    page_key: { kind: "handle", fold: "casefold" },
    adapter: {
      version: 1,
      account: [{ element: "a[data-account]", key: { from: "attribute", name: "data-account" }, place: "after" }],
    },
    release: null,
    ...change,
  };
}

export function payload(change = {}) {
  return {
    format: 1,
    server: "https://labels.example.org",
    as_of: "2026-11-22T02:00:00Z",
    vocabulary: "1",
    attribution: ["Somebody, CC BY 4.0"],
    names: { "CN-GD": { en: "Guangdong", "zh-Hans": "广东", "zh-Hant": "廣東" } },
    sites: [site()],
    ...change,
  };
}

export function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return { privateKey, public: raw.toString("base64") };
}

export function envelope(content, key) {
  const bytes = Buffer.from(JSON.stringify(content));
  const signed = Buffer.concat([Buffer.from("shudi-manifest/1\n"), bytes]);
  return {
    payload: bytes.toString("base64"),
    signature: sign(null, signed, key.privateKey).toString("base64"),
    key: { id: "not-trusted", public: key.public },
  };
}
