// More posts while scrolling. Without scripts, the «show more» link does the same by pages.

const AHEAD = "600px";

/** @param {HTMLElement} more */
async function load(more) {
  const link = more.querySelector("a");
  more.setAttribute("aria-busy", "true");
  if (link) link.textContent = more.dataset.loading ?? "";
  try {
    const answer = await fetch(more.dataset.more ?? "", { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = [...page.body.children];
    const hadFocus = more.contains(document.activeElement);
    more.replaceWith(...rows);
    if (hadFocus) rows[0]?.querySelector("a")?.focus();
    watch();
  } catch {
    more.removeAttribute("aria-busy");
    if (link) link.textContent = more.dataset.failed ?? "";
  }
}

function watch() {
  const more = document.querySelector("[data-posts] > [data-more]");
  if (!(more instanceof HTMLElement)) return;
  const seen = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      void load(more);
    },
    { rootMargin: AHEAD },
  );
  seen.observe(more);
  more.querySelector("a")?.addEventListener("click", (event) => {
    event.preventDefault();
    seen.disconnect();
    void load(more);
  });
}

watch();
