"use strict";
// The technical part of each exhibit, exhibits beyond the first ones, and the later pieces of long tables stand in a <noscript>: a browser without script shows
// them at once, one with script keeps them as plain text, so that thousands of messages open quickly. Here they become part of the page: near the view at once,
// the rest while the reader reads, as far as a browser can well hold it.
const unfold = (root) => {
  for (const n of [...root.querySelectorAll("noscript.more")]) {
    const t = document.createElement("template");
    t.innerHTML = n.textContent; // written by the same program, escaped like the rest of the page
    n.replaceWith(t.content);
  }
};
// The element with an id, wherever it still is folded.
const reach = (id) => {
  const there = () => document.getElementById(id);
  if (there() || !id) return there();
  const exhibit = /^x\d+(?=-)/.exec(id);
  const home = exhibit && document.getElementById(exhibit[0]);
  if (home) unfold(home);
  if (there()) return there();
  const mark = ` id="${id}"`;
  for (const n of document.querySelectorAll(".rows noscript.more")) {
    if (n.textContent.includes(mark)) {
      unfold(n.parentNode);
      break;
    }
  }
  return there();
};
(() => {
  const places = ".rows, .x, details";
  const waiting = new Set([...document.querySelectorAll("noscript.more")].map((n) => n.closest(places)));
  const done = (x) => { unfold(x); waiting.delete(x); near.unobserve(x); };
  const near = new IntersectionObserver((seen) => { for (const s of seen) if (s.isIntersecting) done(s.target); }, { rootMargin: "1500px" });
  for (const x of waiting) near.observe(x);
  let many = 3000; // so many are laid out although nobody looks at them, so that the browser's own search finds them
  const idle = globalThis.requestIdleCallback || ((f) => setTimeout(() => { const end = Date.now() + 8; f({ timeRemaining: () => end - Date.now() }); }, 60));
  const some = (deadline) => {
    for (const x of waiting) {
      if (deadline.timeRemaining() < 4 || many <= 0) break;
      many--;
      done(x);
    }
    if (waiting.size && many > 0) idle(some);
  };
  addEventListener("load", () => idle(some));
  addEventListener("beforeprint", () => { for (const x of waiting) done(x); });
})();
