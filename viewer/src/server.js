// Everything the viewer ever sends over the network: three requests, none with cookies,
// none carrying a page's address.

import { insist, Problem } from "./problem.js";

const MAX_MANIFEST_BYTES = 4 << 20;

/** @type {RequestInit} */
const PLAIN = { credentials: "omit", referrerPolicy: "no-referrer", redirect: "error" };

/**
 * @param {string} address
 * @param {RequestInit} init
 */
async function request(address, init) {
  try {
    return await fetch(address, { ...PLAIN, ...init });
  } catch {
    throw new Problem("offline", "no answer");
  }
}

/**
 * Read a body, refusing to hold more of it than allowed.
 * @param {Response} response
 * @param {number} most bytes
 * @returns {Promise<ArrayBuffer>}
 */
async function readBounded(response, most) {
  insist(response.ok && response.body, "bad_answer", String(response.status));
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const chunks = [];
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Problem("offline", "broken off");
    });
    if (done) return new Blob(chunks).arrayBuffer();
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new Problem("too_large", `more than ${most} bytes`);
    }
    chunks.push(value);
  }
}

/**
 * @param {string} server
 * @returns {Promise<any>} the envelope, not yet verified
 */
export async function fetchEnvelope(server) {
  const response = await request(`${server}/api/v1/dataset/manifest`, { cache: "no-cache" });
  const bytes = await readBounded(response, MAX_MANIFEST_BYTES);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Problem("bad_answer", "not JSON");
  }
}

/**
 * @param {string} server
 * @param {import("./types").Release} release of a verified manifest
 */
export async function fetchDataset(server, release) {
  const address = new URL(release.url, `${server}/`);
  insist(address.origin === new URL(server).origin, "bad_manifest", "dataset elsewhere");
  return readBounded(await request(address.href, {}), release.size);
}

/**
 * Send a report. Only ever called for a reader's confirmed click.
 * @param {string} server
 * @param {{site: string, account: string, text: string}} report
 */
export async function postReport(server, report) {
  const response = await request(`${server}/api/v1/reports`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...report, kind: "wrong_label" }),
  });
  if (response.status === 429) throw new Problem("slow_down", "429");
  insist(response.ok, "bad_answer", String(response.status));
}
