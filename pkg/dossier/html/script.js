"use strict";
// Filters, and all headers at once. The page is whole without this script; it reads nothing but the page and sends nothing.
(() => {
  const by = (id) => document.getElementById(id);
  const bar = by("filter"), tools = by("tools"), count = by("f-count");
  const person = by("f-person"), act = by("f-act"), from = by("f-from"), to = by("f-to"), text = by("f-text");
  const exhibits = [...document.querySelectorAll("article.x")];
  const words = new Map(); // lower-case text of the items, read when first searched
  const most = 5000; // that are kept in it

  const entities = { lt: "<", gt: ">", amp: "&", "#34": "\"", "#39": "'" };

  const has = (list, word) => (list || "").split(" ").includes(word);
  const textOf = (e) => {
    if (words.has(e)) return words.get(e);
    let s = e.textContent;
    if (e.querySelector("noscript")) s = s.replace(/<[^>]*>/g, " ").replace(/&(lt|gt|amp|#34|#39);/g, (_, n) => entities[n]); // not yet unfolded
    s = s.toLowerCase();
    if (words.size < most) words.set(e, s);
    return s;
  };
  const fits = (e, want) => {
    const d = e.dataset;
    const p = d.p ?? by("x" + d.x)?.dataset.p;
    if (want.person && p !== undefined && !has(p, want.person)) return false;
    if (want.act && "a" in d && !has(d.a, want.act)) return false;
    if ((want.from || want.to) && ("d" in d || e.classList.contains("x"))) {
      if (!d.d || (want.from && d.d < want.from) || (want.to && d.d > want.to)) return false;
    }
    return !want.text || textOf(e).includes(want.text);
  };
  const filter = () => {
    const want = { person: person.value, act: act.value, from: from.value, to: to.value, text: text.value.trim().toLowerCase() };
    const on = Object.values(want).some(Boolean);
    let shown = 0;
    if (on) for (const r of document.querySelectorAll(".rows")) unfold(r);
    for (const e of document.querySelectorAll("[data-f]")) {
      const ok = !on || fits(e, want);
      e.hidden = !ok;
      if (ok && e.classList.contains("x")) shown++;
    }
    for (const r of document.querySelectorAll(".rows, .matter")) r.hidden = on && !r.querySelector("tbody > tr:not([hidden])");
    for (const m of document.querySelectorAll(".mk[data-s]")) m.classList.toggle("dim", Boolean(by("tl-" + m.dataset.s)?.hidden));
    let n = 0;
    count.textContent = on ? count.dataset.shown.replace(/%s/g, () => [shown, exhibits.length][n++]) : "";
    // Where nothing that was found is left in view, the first exhibit that was comes there; only while the filter stays on the screen, so that it is not lost.
    const room = bar.getBoundingClientRect().bottom + 90;
    if (on && shown && getComputedStyle(bar).position === "sticky" && !document.elementsFromPoint(innerWidth * .6, room).some((e) => e.closest("[data-f]"))) {
      settle(exhibits.find((e) => !e.hidden));
    }
  };
  const clear = () => {
    for (const f of [person, act, from, to, text]) f.value = "";
    filter();
  };

  // A link must reach its target, whatever the filter hides.
  const reveal = () => {
    let id;
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && reach(id);
    if (target && target.closest("[hidden]")) clear();
    if (target) settle(target);
  };
  // What is not in view is laid out only when it comes near, so a far target moves while the way to it is laid out: go there until it stays.
  const settle = (target) => {
    let left = 60, still = 0;
    const stop = () => { left = 0; };
    const own = { once: true, passive: true };
    for (const name of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(name, stop, own); // the reader goes on alone
    const step = () => {
      const before = scrollY;
      target.scrollIntoView();
      still = scrollY === before ? still + 1 : 0;
      if (left-- > 0 && still < 8) requestAnimationFrame(step);
    };
    step();
  };

  let wait = 0;
  text.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(filter, 150); });
  for (const f of [person, act, from, to]) f.addEventListener("change", filter);
  by("f-clear").addEventListener("click", clear);
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (e) => { // the same link once more
    const a = e.target.closest?.("a[href^='#']");
    if (a && a.getAttribute("href") === location.hash) reveal();
  });

  const headers = (open) => { unfold(document); for (const d of document.querySelectorAll("details.raw")) d.open = open; };
  by("open-all").addEventListener("click", () => headers(true));
  by("close-all").addEventListener("click", () => headers(false));

  // What is folded on the screen is printed all the same.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const d of folded) d.open = true;
  });
  addEventListener("afterprint", () => { for (const d of folded) d.open = false; });

  if (matchMedia("(max-width: 46rem)").matches) document.querySelector(".toc details").open = false; // the answer comes first
  bar.hidden = false;
  // What is gone to must not stand below the filter, however high that is.
  new ResizeObserver(() => document.documentElement.style.setProperty("--bar", bar.offsetHeight + "px")).observe(bar);
  tools.hidden = false;
  if (location.hash) reveal();
})();
