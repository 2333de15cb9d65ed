import assert from "node:assert/strict";
import { test } from "node:test";

import { readDataset } from "../src/dataset.js";
import { canonicalKey, findNames, findTag } from "../src/lookup.js";
import { SALT, file, tag, value } from "./fixtures.js";

const salt = new Uint8Array(SALT);

function opened(rows, values) {
  return readDataset(file(rows, values), rows.length);
}

test("every name finds its own value, and an unknown one finds none", async () => {
  const values = [value(), value({ region: "US" }), value({ state: "withheld", region: null })];
  const names = Array.from({ length: 1000 }, (_, number) => `茶客${number}`);
  const dataset = opened(names.map((name, at) => [tag(name), at % 3]), values);
  const found = await findNames(dataset, salt, "exact", [...names, "nobody"]);
  names.forEach((_, at) => assert.deepEqual(found[at], values[at % 3]));
  assert.equal(found.at(-1), null);
});

test("an empty dataset finds nothing", async () => {
  assert.deepEqual(await findNames(opened([], []), salt, "exact", ["lin"]), [null]);
});

test("more than 256 values take two bytes a row", async () => {
  const values = Array.from({ length: 300 }, (_, at) => value({ disputed: at === 299 }));
  const dataset = opened([[tag("lin"), 299], [tag("ada"), 1]], values);
  const [lin, ada] = await findNames(dataset, salt, "exact", ["lin", "ada"]);
  assert.equal(lin?.disputed, true);
  assert.equal(ada?.disputed, false);
});

test("two accounts under one tag give no label rather than another account's", () => {
  const dataset = opened([[tag("lin"), 0], [tag("lin"), 1]], [value(), value({ region: "US" })]);
  assert.equal(findTag(dataset, new Uint8Array(tag("lin"))), null);
});

test("names are compared in NFC, and case-folded only where the site says so", async () => {
  const dataset = opened([[tag("café"), 0]], [value()]);
  assert.ok((await findNames(dataset, salt, "exact", ["cafe\u0301"]))[0]);
  assert.equal((await findNames(dataset, salt, "exact", ["CAFÉ"]))[0], null);
  assert.ok((await findNames(dataset, salt, "casefold", ["CAFÉ"]))[0]);
});

test("case folding is Unicode's", () => {
  const pairs = { Straße: "strasse", ΟΔΟΣ: "οδοσ", "οδος": "οδοσ", "ﬁn": "fin", ẞ: "ss", İ: "i̇", ı: "ı", ꭰ: "Ꭰ" };
  for (const [name, folded] of Object.entries(pairs)) assert.equal(canonicalKey(name, "casefold"), folded);
});
