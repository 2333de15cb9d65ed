import assert from "node:assert/strict";
import { test } from "node:test";

import { checkForward, checkPayload, claimedKey, openDataset, openManifest, readDataset } from "../src/dataset.js";
import { envelope, file, keyPair, payload, release, site, tag, value } from "./fixtures.js";

const refusal = (code) => ({ code });

test("a manifest signed with the pinned key opens", async () => {
  const key = keyPair();
  const opened = await openManifest(envelope(payload(), key), key.public);
  assert.equal(opened.sites[0].site, "teahouse");
});

test("a changed payload, signature or missing signature is refused", async () => {
  const key = keyPair();
  const good = envelope(payload(), key);
  const other = Buffer.from(JSON.stringify(payload({ vocabulary: "2" }))).toString("base64");
  const zero = Buffer.alloc(64).toString("base64");
  for (const bad of [{ ...good, payload: other }, { ...good, signature: zero }, { ...good, signature: "" }]) {
    await assert.rejects(openManifest(bad, key.public), refusal("bad_signature"));
  }
});

test("a signature without the manifest's prefix is refused", async () => {
  const { sign } = await import("node:crypto");
  const key = keyPair();
  const bytes = Buffer.from(JSON.stringify(payload()));
  const bad = { ...envelope(payload(), key), signature: sign(null, bytes, key.privateKey).toString("base64") };
  await assert.rejects(openManifest(bad, key.public), refusal("bad_signature"));
});

test("another key is refused, even with a good signature of its own", async () => {
  const [pinned, other] = [keyPair(), keyPair()];
  await assert.rejects(openManifest(envelope(payload(), other), pinned.public), refusal("changed_key"));
  // One that claims the pinned key but signs with the other fails on the signature.
  const lying = envelope(payload(), other);
  lying.key.public = pinned.public;
  await assert.rejects(openManifest(lying, pinned.public), refusal("bad_signature"));
});

test("a key's id is computed here, not believed", async () => {
  const key = await claimedKey(envelope(payload(), keyPair()));
  assert.match(key.id, /^[0-9a-f]{16}$/);
  assert.equal(key.fingerprint.slice(0, 16), key.id);
  await assert.rejects(claimedKey({ key: { public: "AAAA" } }), refusal("bad_manifest"));
  await assert.rejects(claimedKey({}), refusal("bad_manifest"));
});

test("one site that is not understood does not lose the others", () => {
  const odd = site({ site: "odd", adapter: { version: 1, account: [], run: "code" } });
  const checked = checkPayload(payload({ sites: [odd, site()] }));
  assert.deepEqual(checked.sites.map((entry) => entry.site), ["teahouse"]);
  assert.deepEqual(checked.refused, ["odd"]);
});

test("a payload out of shape is refused", () => {
  for (const bad of [{ format: 2 }, { as_of: "soon" }, { sites: null }, { attribution: "x" }, { names: null }]) {
    assert.throws(() => checkPayload(payload(bad)), refusal("bad_manifest"));
  }
  assert.throws(() => checkPayload(null), refusal("bad_manifest"));
});

test("an older manifest or release is a rollback; the same one and a newer one are not", () => {
  const at = (as_of, number) => {
    const numbered = site({ release: release(new ArrayBuffer(1), 0, { number }) });
    return checkPayload(payload({ as_of, sites: [numbered] }));
  };
  const held = at("2026-11-22T02:00:00Z", 3);
  checkForward(held, null, {});
  checkForward(held, held, { teahouse: 3 });
  checkForward(at("2026-11-22T03:00:00Z", 4), held, { teahouse: 3 });
  assert.throws(() => checkForward(at("2026-11-22T01:59:59Z", 4), held, {}), refusal("rollback"));
  assert.throws(() => checkForward(at("2026-11-22T03:00:00Z", 2), held, { teahouse: 3 }), refusal("rollback"));
});

test("a dataset opens only with the size and hash of its release", async () => {
  const bytes = file([[tag("lin"), 0]], [value()]);
  const described = release(bytes, 1);
  assert.equal((await openDataset(bytes, described)).count, 1);
  const flipped = bytes.slice(0);
  new Uint8Array(flipped)[20] ^= 1;
  await assert.rejects(openDataset(flipped, described), refusal("bad_dataset"));
  await assert.rejects(openDataset(bytes.slice(0, -1), described), refusal("bad_dataset"));
});

test("a file cut off or grown at any byte is refused", () => {
  const bytes = file([[tag("lin"), 0], [tag("ada"), 1]], [value(), value({ region: "US" })]);
  for (let length = 0; length < bytes.byteLength; length += 1) {
    assert.throws(() => readDataset(bytes.slice(0, length), 2), refusal("bad_dataset"), `${length} bytes`);
  }
  const grown = new Uint8Array(bytes.byteLength + 1);
  grown.set(new Uint8Array(bytes));
  assert.throws(() => readDataset(grown.buffer, 2), refusal("bad_dataset"));
});

test("values outside the closed set are refused", () => {
  for (const change of [{ state: "guilty" }, { region: "guangdong" }, { precision: "street" }]) {
    assert.throws(() => readDataset(file([], [value(change)]), 0), refusal("bad_dataset"));
  }
});
