"use strict";
// The drawn timeline: a card for the mark under the pointer, the finger or the focus; arrow keys from mark to mark; a larger or smaller drawing.
(() => {
  const by = (id) => document.getElementById(id);
  const bar = by("zoom");
  if (!bar) return;
  const figures = [...document.querySelectorAll(".draw")];
  const card = document.createElement("div");
  card.className = "card";
  card.id = "mark-card";
  card.hidden = true;
  bar.after(card);
  let shown = null, leaving = 0;

  // What the card says stands in the table: it is shown from there, so that both say the same.
  const fill = (mark) => {
    card.replaceChildren();
    const row = mark.dataset.s && reach("tl-" + mark.dataset.s);
    if (row) {
      for (const i of [1, 0, 2, 3]) {
        const part = document.createElement("div");
        for (const n of row.cells[i].childNodes) part.append(n.cloneNode(true));
        card.append(part);
      }
    } else {
      const part = document.createElement("div");
      part.textContent = mark.getAttribute("aria-label");
      card.append(part);
    }
    const go = document.createElement("a");
    go.href = mark.getAttribute("href");
    go.textContent = bar.dataset.go;
    go.addEventListener("click", hide);
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = bar.dataset.close;
    close.addEventListener("click", hide);
    const last = document.createElement("div");
    last.className = "acts";
    last.append(go, " ", close);
    card.append(last);
  };
  const show = (mark) => {
    clearTimeout(leaving);
    if (shown === mark) return;
    if (shown) shown.classList.remove("on");
    shown = mark;
    mark.classList.add("on");
    fill(mark);
    card.hidden = false;
    const at = mark.querySelector(".hit").getBoundingClientRect();
    const wide = document.documentElement.clientWidth, own = card.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left + at.width / 2 - own.width / 2, wide - own.width - 8));
    const below = at.bottom + 6 + own.height < innerHeight || at.top < own.height + 6;
    card.style.left = left + scrollX + "px";
    card.style.top = (below ? at.bottom + 6 : at.top - own.height - 6) + scrollY + "px";
  };
  function hide() {
    clearTimeout(leaving);
    if (shown) shown.classList.remove("on");
    shown = null;
    card.hidden = true;
  }
  const leave = () => { clearTimeout(leaving); leaving = setTimeout(hide, 250); };
  card.addEventListener("pointerenter", () => clearTimeout(leaving));
  card.addEventListener("pointerleave", leave);

  let zoom = 1, touched = false;
  const size = () => {
    for (const f of figures) {
      f.classList.toggle("zoomed", zoom > 1);
      f.style.setProperty("--zoom", zoom);
    }
    by("zoom-out").disabled = zoom <= 1;
    by("zoom-fit").disabled = zoom === 1;
    by("zoom-in").disabled = zoom >= 4;
  };
  const enlarge = (by) => {
    hide();
    zoom = Math.max(1, Math.min(4, by === 0 ? 1 : zoom * by));
    size();
  };
  by("zoom-in").addEventListener("click", () => enlarge(Math.SQRT2));
  by("zoom-out").addEventListener("click", () => enlarge(Math.SQRT1_2));
  by("zoom-fit").addEventListener("click", () => enlarge(0));

  for (const f of figures) {
    const marks = [...f.querySelectorAll(".mk")];
    const place = (m) => { const b = m.querySelector(".hit"); return [+b.getAttribute("x"), +b.getAttribute("y")]; };
    for (const [i, m] of marks.entries()) {
      const title = m.querySelector("title"); // the card takes its place; its words stay the name of the mark
      m.setAttribute("aria-label", title.textContent);
      title.remove();
      m.setAttribute("tabindex", i === 0 ? "0" : "-1");
      m.addEventListener("pointerdown", (e) => { touched = e.pointerType !== "mouse"; });
      m.addEventListener("pointerenter", (e) => { if (e.pointerType === "mouse") show(m); });
      m.addEventListener("pointerleave", (e) => { if (e.pointerType === "mouse") leave(); });
      m.addEventListener("focus", () => {
        for (const o of marks) o.setAttribute("tabindex", o === m ? "0" : "-1");
        show(m);
      });
      m.addEventListener("blur", leave);
      m.addEventListener("click", (e) => { // a first tap shows the card; its link leads on
        if (touched) { e.preventDefault(); show(m); } else hide();
        touched = false;
      });
    }
    f.addEventListener("wheel", (e) => {
      if (!e.ctrlKey) return;
      e.preventDefault();
      enlarge(e.deltaY < 0 ? Math.SQRT2 : Math.SQRT1_2);
    }, { passive: false });
    f.addEventListener("keydown", (e) => {
      if (e.key === "+" || e.key === "=") return enlarge(Math.SQRT2);
      if (e.key === "-") return enlarge(Math.SQRT1_2);
      if (e.key === "0") return enlarge(0);
      const at = marks.indexOf(document.activeElement);
      if (at < 0) return;
      const [x, y] = place(marks[at]);
      let next = null;
      switch (e.key) {
        case "ArrowRight": next = marks[at + 1]; break;
        case "ArrowLeft": next = marks[at - 1]; break;
        case "Home": next = marks[0]; break;
        case "End": next = marks[marks.length - 1]; break;
        case "ArrowUp":
        case "ArrowDown": { // the nearest mark in time on the next lane that has one
          const way = e.key === "ArrowDown" ? 1 : -1;
          let best = Infinity;
          for (const m of marks) {
            const [mx, my] = place(m);
            const far = (my - y) * way;
            if (far > 0 && far * 1000 + Math.abs(mx - x) < best) { best = far * 1000 + Math.abs(mx - x); next = m; }
          }
          break;
        }
        default: return;
      }
      e.preventDefault();
      if (next) next.focus();
    });
  }
  addEventListener("keydown", (e) => { if (e.key === "Escape" && shown) hide(); });
  addEventListener("hashchange", hide);
  addEventListener("beforeprint", hide);
  bar.hidden = false;
  size();
})();
