"use strict";
// The check in the page: SHA-256 of files that are dropped, compared with the digests that stand in the page. It reads what is dropped and sends nothing.
(() => {
  const by = (id) => document.getElementById(id);
  const box = by("check"), drop = by("drop"), says = by("check-says"), result = by("check-result");
  const w = box.dataset;
  const say = (template, ...args) => { let n = 0; return template.replace(/%s/g, () => args[n++]); };
  const large = 256 << 20; // beyond it a file is read in pieces

  // The digests, as they stand in the page.
  let exhibits, sources, digests, ids, canonical;
  const learn = () => {
    if (exhibits) return;
    for (const id of ["list", "sources"]) unfold(by(id));
    exhibits = new Map(); sources = new Map(); digests = new Map(); ids = new Map();
    for (const row of document.querySelectorAll("#list tr[data-file]")) {
      const x = { n: row.dataset.n, file: row.dataset.file, hex: row.lastElementChild.textContent.trim() };
      exhibits.set(x.file, x);
      digests.set(x.hex, x);
      if (row.dataset.m && !ids.has(row.dataset.m)) ids.set(row.dataset.m, x);
    }
    for (const row of document.querySelectorAll("#sources tr[data-file]")) {
      const s = { source: row.dataset.file, hex: row.dataset.h };
      sources.set(s.source, s);
      if (!digests.has(s.hex)) digests.set(s.hex, s);
    }
  };
  // All digests of an exhibit, in the order in which its box has them: message, raw, canonical, header, body, content.
  const sums = (n) => {
    const x = by("x" + n);
    if (x) unfold(x);
    const pre = x && x.querySelector(".sums");
    return pre ? pre.textContent.trim().split("\n").map((l) => l.slice(0, 64)) : [];
  };
  const byCanonical = () => {
    if (!canonical) {
      canonical = new Map();
      for (const x of exhibits.values()) canonical.set(sums(x.n)[2], x);
    }
    return canonical;
  };

  let own = ""; // whether our own SHA-256 was used, and why
  const subtle = () => globalThis.crypto && crypto.subtle;
  const hash = async (bytes) => {
    if (subtle()) return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");
    own = "own";
    const h = sha256();
    h.update(bytes);
    return h.hex();
  };
  const hashFile = async (file) => {
    if (file.size <= large) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      return { hex: await hash(bytes), bytes };
    }
    own = subtle() ? "large" : "own";
    const h = sha256();
    for (let at = 0; at < file.size; at += 4 << 20) h.update(new Uint8Array(await file.slice(at, at + (4 << 20)).arrayBuffer()));
    return { hex: h.hex(), bytes: null };
  };

  // Every line ending, LF or CR alone included, as CRLF.
  const crlf = (b) => {
    const out = new Uint8Array(2 * b.length);
    let o = 0;
    for (let i = 0; i < b.length; i++) {
      if (b[i] === 13 || (b[i] === 10 && b[i - 1] !== 13)) { out[o++] = 13; out[o++] = 10; } else if (b[i] !== 10) out[o++] = b[i];
    }
    return out.subarray(0, o);
  };
  const halves = (b) => {
    for (let i = 0, start = 0; i < b.length; i++) {
      if (b[i] !== 10) continue;
      if (i === start || (i === start + 1 && b[start] === 13)) return [b.subarray(0, start), b.subarray(i + 1)];
      start = i + 1;
    }
    return [b, b.subarray(b.length)];
  };
  const differs = async (bytes, n) => {
    const [head, body] = halves(bytes), known = sums(n);
    if (await hash(body) === known[4]) return "; " + w.body;
    if (await hash(head) === known[3]) return "; " + w.head;
    return "";
  };
  const messageID = (bytes) => {
    const head = new TextDecoder("latin1").decode(bytes.subarray(0, 65536)).split(/\r?\n\r?\n/, 1)[0];
    const found = /^message-id:\s*(<[^>\r\n]*>)/im.exec(head);
    return found && found[1];
  };

  // The path inside of the dossier, whatever folder was dropped around it.
  const inside = (path) => {
    const at = path.search(/(^|\/)data\/(messages|sources)\//);
    return at < 0 ? path.slice(path.lastIndexOf("/") + 1) : path.slice(path[at] === "/" ? at + 1 : at);
  };

  const judge = async (path, file) => {
    let hex, bytes;
    try { ({ hex, bytes } = await hashFile(file)); } catch { return { path, kind: "bad", text: w.fail, hex: "" }; }
    const place = inside(path), at = exhibits.get(place) || (place.endsWith(".eml") && exhibits.get("data/messages/" + place));
    const known = digests.get(hex);
    const good = (text, n) => ({ path, place, kind: "good", text, hex, n, bytes: null });
    const bad = (text) => ({ path, place, kind: "bad", text, hex });
    if (place.startsWith("data/messages/") && at && at.hex === hex) return good(say(w.same, at.n), at.n);
    if (place.startsWith("data/messages/") && at) return bad(say(w.changed, at.n) + await differs(bytes || new Uint8Array(), at.n));
    if (sources.has(place)) return sources.get(place).hex === hex ? good(say(w.source, place)) : bad(say(w.sourcebad, place));
    if (known && known.n) return good(say(w.same, known.n), known.n);
    if (known) return good(say(w.source, known.source));
    if (/^(bagit|bag-info|README|dkim-keys|(tag)?manifest-sha(256|512))\.txt$|^dossier.*\.(pdf|json|html)$|^case\.yaml$/.test(place)) {
      const tag = /manifest-sha256\.txt$/.test(place) && bytes ? new TextDecoder().decode(bytes) : "";
      return { path, place, kind: "tag", text: w.tagopen, hex, tag };
    }
    if (bytes) {
      const other = byCanonical().get(await hash(crlf(bytes)));
      if (other) return { path, place, kind: "open", text: say(w.endings, other.n), hex };
      const same = ids.get(messageID(bytes));
      if (same) return bad(say(w.id, same.n) + await differs(bytes, same.n));
      if (at) return bad(say(w.changed, at.n) + await differs(bytes, at.n));
    }
    return { path, place, kind: "open", text: w.unknown, hex };
  };

  // The manifests that were dropped with the rest: each must agree with the page or with the files beside it.
  const manifests = (all) => {
    const tags = all.find((r) => r.place === "tagmanifest-sha256.txt" && r.tag);
    const listed = new Map();
    if (tags) for (const line of tags.tag.split("\n")) if (line) listed.set(line.slice(66), line.slice(0, 64));
    for (const r of all) {
      if (r.kind !== "tag") continue;
      if (listed.has(r.place)) {
        const same = listed.get(r.place) === r.hex;
        r.kind = same ? "good" : "bad";
        r.text = same ? w.tag : w.tagbad;
      } else r.kind = "open";
      if (r.place !== "manifest-sha256.txt") continue;
      const wrong = [], seen = new Set();
      for (const line of r.tag.split("\n")) {
        if (!line) continue;
        const file = line.slice(66), known = exhibits.get(file) || sources.get(file);
        seen.add(file);
        if (known ? known.hex !== line.slice(0, 64) : file.startsWith("data/messages/")) wrong.push(file);
      }
      for (const file of exhibits.keys()) if (!seen.has(file)) wrong.push(file);
      if (wrong.length) { r.kind = "bad"; r.text = say(w.listbad, wrong.slice(0, 20).join(", ")); } else if (r.kind === "open") { r.kind = "good"; r.text = w.list; }
    }
  };

  const element = (name, text, cls) => {
    const e = document.createElement(name);
    if (text) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  };
  const most = 500;
  const show = (all, notes) => {
    const order = { bad: 0, open: 1, good: 2 };
    all.sort((a, b) => order[a.kind] - order[b.kind]);
    const table = element("table", "", "cards checked"), heads = [w.hfile, w.hresult, w.hhash];
    const top = table.createTHead().insertRow();
    table.createCaption().textContent = says.textContent;
    for (const h of heads) { const th = element("th", h); th.scope = "col"; top.append(th); }
    const body = table.createTBody();
    for (const r of all.slice(0, most)) {
      const row = body.insertRow();
      const cells = [element("code", r.path), element("span", r.text, "v " + r.kind), element("code", r.hex, "digest")];
      cells.forEach((c, i) => { const td = row.insertCell(); td.dataset.l = heads[i]; td.append(c); });
    }
    result.append(...notes.map(([kind, text]) => element("p", text, "v " + kind)), table);
    if (all.length > most) result.append(element("p", say(w.left, all.length - most), "note"));
  };

  let turn = 0;
  const check = async (files) => {
    const mine = ++turn;
    learn();
    own = "";
    result.replaceChildren();
    box.dataset.state = "busy";
    const all = [];
    for (const { path, file } of files) {
      if (all.length % 50 === 0) {
        says.textContent = say(w.busy, all.length, files.length);
        await new Promise((done) => setTimeout(done));
        if (mine !== turn) return;
      }
      all.push(await judge(path, file));
    }
    manifests(all);
    const bad = all.filter((r) => r.kind === "bad").length, good = all.filter((r) => r.kind === "good").length;
    const notes = [];
    const held = new Set(all.filter((r) => r.kind === "good" && r.n).map((r) => r.n));
    if (held.size === exhibits.size && exhibits.size > 0 && w.evidence) {
      const lines = [...exhibits.values()].map((x) => x.hex + "  " + x.file + "\n").join("");
      const same = "sha256:" + await hash(new TextEncoder().encode(lines)) === w.evidence;
      notes.push(same ? ["good", w.sum] : ["bad", w.sumbad]);
    } else if (all.some((r) => r.place && r.place.startsWith("data/messages/"))) {
      const lost = [...exhibits.values()].filter((x) => !all.some((r) => r.place === x.file)).map((x) => x.n);
      if (lost.length) notes.push(["bad", say(w.missing, lost.slice(0, 50).join(", ") + (lost.length > 50 ? " …" : ""))]);
    }
    if (mine !== turn) return;
    if (all.length === 0) says.textContent = w.none;
    else if (bad) says.textContent = say(w.bad, all.length, bad);
    else if (good < all.length) says.textContent = say(w.some, all.length, good, all.length - good);
    else says.textContent = say(w.all, all.length);
    says.className = all.length === 0 ? "" : bad || notes.some((n) => n[0] === "bad") ? "v bad" : good < all.length ? "v open" : "v good";
    notes.push(["open", own ? w[own] : w.webcrypto]);
    if (all.length) show(all, notes);
    box.dataset.state = "done";
  };

  // What a drop brings: files, and folders with all that is in them, walked with a queue.
  const fromHandles = async (handles) => {
    const out = [];
    const queue = handles.map((h) => ["", h]);
    while (queue.length) {
      const [at, h] = queue.shift();
      const path = at + h.name;
      if (h.kind === "file") out.push({ path, file: await h.getFile() });
      else for await (const inner of h.values()) queue.push([path + "/", inner]);
    }
    return out;
  };
  const fromEntries = async (entries) => {
    const out = [];
    const queue = [...entries];
    while (queue.length) {
      const e = queue.shift();
      if (e.isFile) {
        out.push({ path: e.fullPath.slice(1), file: await new Promise((ok, no) => e.file(ok, no)) });
        continue;
      }
      const reader = e.createReader();
      for (;;) { // gives a hundred at a time
        const some = await new Promise((ok, no) => reader.readEntries(ok, no));
        if (!some.length) break;
        queue.push(...some);
      }
    }
    return out;
  };
  const plain = (list) => [...list].map((f) => ({ path: f.webkitRelativePath || f.name, file: f }));
  const dropped = async (transfer) => {
    const items = [...transfer.items].filter((i) => i.kind === "file"), files = plain(transfer.files);
    const entries = items.map((i) => i.webkitGetAsEntry && i.webkitGetAsEntry()).filter(Boolean);
    if (!entries.some((e) => e.isDirectory)) return files;
    const handles = items[0].getAsFileSystemHandle ? Promise.all(items.map((i) => i.getAsFileSystemHandle())) : null;
    try { return await fromEntries(entries); } catch { /* some browsers do not open entries for a page from a disk */ }
    try { if (handles) return await fromHandles(await handles); } catch { /* nor handles */ }
    return files.filter((f) => f.file.size > 0);
  };

  for (const name of ["dragenter", "dragover"]) {
    addEventListener(name, (e) => {
      if (![...e.dataTransfer.types].includes("Files")) return;
      e.preventDefault();
      drop.classList.add("over");
    });
  }
  addEventListener("dragleave", (e) => { if (!e.relatedTarget) drop.classList.remove("over"); });
  addEventListener("drop", async (e) => {
    if (![...e.dataTransfer.types].includes("Files")) return;
    e.preventDefault(); // the browser would leave the page for the file
    drop.classList.remove("over");
    box.scrollIntoView();
    check(await dropped(e.dataTransfer));
  });
  for (const id of ["pick-files", "pick-folder"]) by(id).addEventListener("change", (e) => check(plain(e.target.files)));
  box.hidden = false;
})();
