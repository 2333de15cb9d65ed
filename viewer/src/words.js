// The reader's language and its words. One catalogue per language, in the browsers' own
// format, because the browser's i18n call cannot be told a language by the reader.

/** @typedef {import("./types").Language} Language */
/** @typedef {import("./types").Catalogue} Catalogue */

/** @type {readonly Language[]} */
export const LANGUAGES = ["en", "zh_CN", "zh_TW"];

/** BCP 47 tags, for `lang` attributes and Intl. */
const TAGS = { en: "en", zh_CN: "zh-CN", zh_TW: "zh-TW" };

/** Keys of the place names in a manifest. */
const PLACE_KEYS = { en: "en", zh_CN: "zh-Hans", zh_TW: "zh-Hant" };

/**
 * @param {Language | "auto"} choice
 * @param {string} browserLanguage BCP 47
 * @returns {Language}
 */
export function chooseLanguage(choice, browserLanguage) {
  if (choice !== "auto") return choice;
  const tag = browserLanguage.toLowerCase();
  if (!tag.startsWith("zh")) return "en";
  return /hant|tw|hk|mo/.test(tag) ? "zh_TW" : "zh_CN";
}

/** @param {Language} language */
export function languageTag(language) {
  return TAGS[language];
}

/**
 * A place's name in the reader's language; its code where the manifest has no name.
 * @param {import("./types").Names} names
 * @param {string | null} region
 * @param {Language} language
 */
export function placeName(names, region, language) {
  if (region === null) return null;
  const known = names[region];
  return known?.[PLACE_KEYS[language]] ?? known?.["en"] ?? region;
}

/**
 * A messages.json as key -> text with $1, $2 where values go.
 * @param {Record<string, {message: string, placeholders?: Record<string, {content: string}>}>} file
 * @returns {Catalogue}
 */
export function flatten(file) {
  /** @type {Catalogue} */
  const catalogue = {};
  for (const [key, entry] of Object.entries(file)) {
    catalogue[key] = entry.message.replace(
      /\$([A-Za-z_]+)\$/g,
      (whole, name) => entry.placeholders?.[name.toLowerCase()]?.content ?? whole,
    );
  }
  return catalogue;
}

/**
 * @param {Catalogue} catalogue
 * @param {string} key
 * @param {...(string | number)} values
 */
export function say(catalogue, key, ...values) {
  const text = catalogue[key] ?? key;
  return text.replace(/\$(\d)/g, (_, digit) => String(values[Number(digit) - 1] ?? ""));
}

/**
 * The words of a badge, without its marks.
 * @param {Catalogue} catalogue
 * @param {import("./types").Label} label
 */
export function badgeText(catalogue, label) {
  if (label.state === "withheld") return say(catalogue, "badge_withheld");
  if (label.state === "labelled" && label.place) return say(catalogue, "badge_labelled", label.place);
  if (label.place) return say(catalogue, "badge_uncertain_place", label.place);
  return say(catalogue, "badge_uncertain");
}

/**
 * @param {Language} language
 * @param {string} instant ISO
 * @param {boolean} withTime
 */
export function showDate(language, instant, withTime = false) {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return "";
  /** @type {Intl.DateTimeFormatOptions} */
  const shape = withTime ? { dateStyle: "medium", timeStyle: "short" } : { dateStyle: "long" };
  return new Intl.DateTimeFormat(languageTag(language), shape).format(date);
}
