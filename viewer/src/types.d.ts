// The shapes that cross module borders. No code: read by tsc and by people.

export type KeyRule =
  | { from: "attribute"; name: string }
  | { from: "href"; pattern: string }
  | { from: "text"; strip?: string };

export interface AccountRule {
  element: string;
  key: KeyRule;
  place: "after" | "inside";
}

export interface Adapter {
  version: 1;
  account: AccountRule[];
}

export type Fold = "exact" | "casefold";

export interface Release {
  number: number;
  cut: string;
  salt: string;
  count: number;
  url: string;
  size: number;
  sha256: string;
}

export interface Site {
  site: string;
  name: string;
  match: string[];
  page_key: { kind: "handle" | "id"; fold: Fold };
  adapter: Adapter;
  release: Release | null;
}

export type Names = Record<string, Record<string, string>>;

/** A verified and checked manifest payload. */
export interface Payload {
  server: string;
  as_of: string;
  vocabulary: string;
  attribution: string[];
  names: Names;
  sites: Site[];
  /** Keys of sites whose entry this viewer does not understand. */
  refused: string[];
}

export type LabelState = "labelled" | "uncertain" | "withheld";

/** One row of the dataset's table of values. */
export interface Value {
  state: LabelState;
  region: string | null;
  precision: "subdivision" | "country" | "none";
  corrected: boolean;
  disputed: boolean;
}

export interface Dataset {
  values: Value[];
  count: number;
  tags: Uint8Array;
  indices: Uint8Array;
  wide: boolean;
}

/** What the store keeps for a site: the verified file and what it was verified against. */
export interface StoredDataset {
  site: string;
  release: Release;
  bytes: ArrayBuffer;
}

export interface PublicKey {
  id: string;
  public: string;
  /** SHA-256 of the raw key, 64 hex digits. */
  fingerprint: string;
}

export interface Server {
  url: string;
  key: PublicKey;
  /** A key the server signs with that the reader has not consented to. */
  changedKey: PublicKey | null;
}

export type ProblemCode =
  | "offline"
  | "bad_answer"
  | "bad_manifest"
  | "changed_key"
  | "bad_signature"
  | "rollback"
  | "bad_dataset"
  | "too_large"
  | "bad_address"
  | "no_server"
  | "no_permission"
  | "slow_down"
  | "not_this_site";

export interface Status {
  /** ISO instant of the last attempt, of the last success; null before the first. */
  checkedAt: string | null;
  updatedAt: string | null;
  problem: ProblemCode | null;
}

/** Counts of the last page read; no name and no address is kept. */
export interface Health {
  matched: number;
  keyed: number;
  labelled: number;
  at: string;
}

export type Language = "en" | "zh_CN" | "zh_TW";

export interface Preferences {
  language: Language | "auto";
  periodSeconds: number;
}

export interface State {
  server: Server | null;
  payload: Payload | null;
  /** Highest release number accepted per site: a lower one is a rollback. */
  seen: Record<string, number>;
  enabled: string[];
  preferences: Preferences;
  status: Status;
  health: Record<string, Health>;
  /** Counts changes of what pages show; content scripts listen to it. */
  stamp: number;
}

export type Catalogue = Record<string, string>;

/** What a page shows for one name, already in the reader's language. */
export interface Label {
  state: LabelState;
  place: string | null;
  precision: Value["precision"];
  corrected: boolean;
  disputed: boolean;
}

/** What a content script is told about the page it runs in. */
export interface Welcome {
  site: string;
  siteName: string;
  server: string;
  match: string[];
  adapter: Adapter;
  language: Language;
  catalogue: Catalogue;
  asOf: string;
  attribution: string[];
}

export type Answer<T> = ({ ok: true } & T) | { ok: false; problem: ProblemCode };
