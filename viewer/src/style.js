// The look of badges and cards, inside their own shadow roots. Imports nothing (see loader.js).

const CSS = `
:host {
  all: initial !important; display: inline-flex !important; position: static !important;
  max-width: min(100%, 32em) !important; margin-inline-start: 0.35em !important; vertical-align: middle !important;
  --ink: #1d3f45; --chip: #e6f1f2; --edge: #5b7f85; --focus: #0b5cad;
  --text: #1b2224; --soft: #4d5a5e; --sheet: #ffffff; --line: #ccd6d8; --accent: #0f6570;
  --on-accent: #ffffff; --warn: #fdf3dc; --warn-ink: #5c4300; --bad: #9b1c1c; --good: #1a6134;
  font: 400 12px/1.4 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC",
    "PingFang SC", "Microsoft YaHei", sans-serif !important;
  color-scheme: light dark !important;
}
@media (prefers-color-scheme: dark) {
  :host {
    --ink: #cfe9ec; --chip: #17353a; --edge: #5f929a; --focus: #8cc4ff;
    --text: #e8eef0; --soft: #a9b8bc; --sheet: #1d2426; --line: #3a474b; --accent: #7fd0da;
    --on-accent: #0c2327; --warn: #3a2f12; --warn-ink: #f5dc9b; --bad: #ff9d9d; --good: #8fdcab;
  }
}
*, ::before { box-sizing: border-box; }
button, textarea { font: inherit; }
button:focus-visible, textarea:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.badge {
  position: relative; display: flex; flex-wrap: wrap; align-items: center; column-gap: 0.3em; min-width: 0; max-width: 100%; min-height: 24px;
  margin: 0; padding: 0 8px 0 22px; border: 1px solid var(--edge); border-radius: 12px;
  background: var(--chip); color: var(--ink); cursor: pointer; text-align: start;
}
.badge:hover { border-color: var(--ink); }
.badge[data-state="uncertain"] { border-style: dashed; }
/* Icons are drawn by the sheet: a thousand svg elements cost more layout than all the rest. */
.badge::before {
  content: ""; position: absolute; left: 6px; top: 5px; width: 12px; height: 12px; background: currentColor;
  clip-path: path(evenodd, "M6 1a3.7 3.7 0 0 0-3.7 3.7C2.3 7.5 6 11.5 6 11.5s3.7-4 3.7-6.8A3.7 3.7 0 0 0 6 1Zm0 5.1a1.4 1.4 0 1 1 0-2.8 1.4 1.4 0 0 1 0 2.8Z");
}
.badge:not([data-state="labelled"])::before {
  border: 1.5px solid currentColor; border-radius: 50%; background: none; clip-path: none;
  font-size: 9px; font-weight: 700; line-height: 9px; text-align: center;
}
.badge[data-state="uncertain"]::before { content: "?"; }
.badge[data-state="withheld"]::before { content: "–"; }
/* Too long for its column, a label wraps: cut short, it could lose its “(uncertain)”. */
.badge .words { max-width: 100%; overflow-wrap: break-word; unicode-bidi: isolate; }
.badge .mark { flex: none; padding-inline-start: 0.4em; border-inline-start: 1px solid var(--edge); white-space: nowrap; }
.card {
  position: fixed; inset: auto; margin: 0; width: min(340px, calc(100% - 16px));
  overflow: auto; scrollbar-width: thin; padding: 16px; border: 1px solid var(--line);
  border-radius: 12px; background: var(--sheet); color: var(--text); font-size: 14px; line-height: 1.5;
  text-align: start; box-shadow: 0 8px 28px rgb(0 0 0 / 22%); cursor: auto;
}
.card:focus { outline: none; }
.top { display: flex; align-items: flex-start; gap: 8px; }
.top h2 { flex: 1; margin: 0; font-size: 16px; line-height: 1.4; font-weight: 600; overflow-wrap: anywhere; }
.close { flex: none; width: 28px; height: 28px; margin: -4px -6px 0 0; padding: 0; border: 0; border-radius: 6px;
  background: none; color: var(--soft); font-size: 18px; line-height: 1; cursor: pointer; }
.close:hover { background: var(--chip); color: var(--text); }
.who { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
p { margin: 10px 0 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 12px; margin: 12px 0 0; padding: 10px 0 0;
  border-top: 1px solid var(--line); font-size: 13px; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.notes { margin: 10px 0 0; padding: 8px 10px; border-radius: 8px; background: var(--chip); color: var(--ink); }
.report { margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--line); }
.warning { margin: 0; padding: 8px 10px; border-radius: 8px; background: var(--warn); color: var(--warn-ink);
  font-size: 13px; overflow-wrap: anywhere; }
label { display: block; margin: 10px 0 4px; font-size: 13px; color: var(--soft); }
textarea { display: block; width: 100%; min-height: 56px; padding: 6px 8px; border: 1px solid var(--edge);
  border-radius: 8px; background: var(--sheet); color: var(--text); resize: vertical; }
.acts { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
.act { min-height: 32px; padding: 4px 12px; border: 1px solid var(--edge); border-radius: 8px;
  background: none; color: var(--text); cursor: pointer; }
.act:hover { border-color: var(--text); }
.act.main { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.act:disabled { opacity: 0.6; cursor: default; }
.status:empty { display: none; }
.status[data-outcome="sent"] { color: var(--good); }
.status[data-outcome="failed"] { color: var(--bad); }
[hidden] { display: none !important; }
@media (prefers-reduced-motion: no-preference) {
  .badge { transition: border-color 120ms; }
}
@media (forced-colors: active) {
  .badge[data-state="labelled"]::before { forced-color-adjust: none; background: ButtonText; }
}
`;

/** @type {CSSStyleSheet | null} */
let sheet = null;

/**
 * One sheet shared by all badges; a style element of its own where the browser does not let
 * an extension share one (Firefox's wrappers around page objects).
 * @param {ShadowRoot} root
 */
export function dress(root) {
  try {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
    }
    root.adoptedStyleSheets = [sheet];
  } catch {
    const element = document.createElement("style");
    element.textContent = CSS;
    root.prepend(element);
  }
}
