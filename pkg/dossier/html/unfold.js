"use strict";
// The technical part of each exhibit, and a long list that is folded, stand in a <noscript>: a browser without script shows it at once, one with script keeps
// it as plain text, so that thousands of messages open quickly. Here it becomes part of the page: near the view at once, the rest while the reader reads.
const unfold = (root) => {
  for (const n of [...root.querySelectorAll("noscript.more")]) {
    const t = document.createElement("template");
    t.innerHTML = n.textContent; // written by the same program, escaped like the rest of the page
    n.replaceWith(t.content);
  }
};
(() => {
  const waiting = new Set([...document.querySelectorAll("noscript.more")].map((n) => n.closest(".x, details")));
  const done = (x) => { unfold(x); waiting.delete(x); near.unobserve(x); };
  const near = new IntersectionObserver((seen) => { for (const s of seen) if (s.isIntersecting) done(s.target); }, { rootMargin: "1500px" });
  for (const x of waiting) near.observe(x);
  const idle = globalThis.requestIdleCallback || ((f) => setTimeout(() => { const end = Date.now() + 8; f({ timeRemaining: () => end - Date.now() }); }, 60));
  const some = (deadline) => {
    for (const x of waiting) {
      if (deadline.timeRemaining() < 4) break;
      done(x);
    }
    if (waiting.size) idle(some);
  };
  addEventListener("load", () => idle(some));
  addEventListener("beforeprint", () => { for (const x of waiting) done(x); });
})();
