// The verified dataset files, one per site, in the extension's own IndexedDB.

/** @typedef {import("./types").StoredDataset} StoredDataset */

const NAME = "shudi";
const TABLE = "datasets";

/** @returns {Promise<IDBDatabase>} */
function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "site" });
  return settled(request);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(table: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function within(mode, work) {
  const database = await open();
  try {
    return await settled(work(database.transaction(TABLE, mode).objectStore(TABLE)));
  } finally {
    database.close();
  }
}

/**
 * @param {string} site
 * @returns {Promise<StoredDataset | null>}
 */
export async function heldDataset(site) {
  return (await within("readonly", (table) => table.get(site))) ?? null;
}

/** @param {StoredDataset} record */
export async function keepDataset(record) {
  await within("readwrite", (table) => table.put(record));
}

/** @param {string} site */
export async function forgetDataset(site) {
  await within("readwrite", (table) => table.delete(site));
}

export async function forgetAllDatasets() {
  await within("readwrite", (table) => table.clear());
}
