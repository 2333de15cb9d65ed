// The content script. Content scripts are classic scripts, so this one imports the modules
// and hands them to each other: with `use_dynamic_url` (which keeps pages from probing whether
// a reader has the viewer) a module cannot import its neighbour by a relative address.
(async () => {
  const runtime = (globalThis.browser ?? globalThis.chrome).runtime;
  const names = ["browser", "words", "adapter", "style", "card", "badge", "watch", "content"];
  const modules = await Promise.all(
    names.map((name) => import(runtime.getURL(`src/${name}.js`))),
  );
  const parts = Object.fromEntries(names.map((name, index) => [name, modules[index]]));
  parts.content.start(parts);
})();
