"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // Theme: the system's, until somebody chooses.
  const root = document.documentElement;
  const remembered = (() => { try { return localStorage.getItem("v2x-theme"); } catch { return null; } })();
  if (remembered) root.dataset.theme = remembered;
  $("#theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("v2x-theme", root.dataset.theme); } catch { /* a file without storage: only for now */ }
  });

  // Filters.
  const form = $("#filters");
  const cases = $$("details.case");
  const filter = () => {
    const verdicts = new Set($$("input[name=verdict]:checked", form).map((box) => box.value));
    const role = form.role.value, block = form.block.value;
    const words = form.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of cases) {
      const data = one.dataset;
      const fits = verdicts.has(data.verdict) && (!role || data.role === role) && (!block || data.block === block)
        && words.every((word) => data.text.includes(word));
      one.hidden = !fits;
      shown += fits;
    }
    $("#shown").textContent = shown === cases.length ? `${shown} cases` : `${shown} of ${cases.length} cases`;
    $("#none").hidden = shown > 0;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());

  // A case's detail: unpacked when it is opened for the first time, its chart made live.
  const unpack = async (details) => {
    const packed = details.dataset.packed;
    if (!packed) return;
    delete details.dataset.packed;
    const target = $(".detail", details);
    if (typeof DecompressionStream === "undefined") {
      target.textContent = "This browser cannot unpack the detail of this case; the bundle has it.";
      return;
    }
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    target.innerHTML = await new Response(stream).text();
  };

  const enliven = async (details) => {
    await unpack(details);
    for (const curves of $$("figure.curves", details)) if (!curves.dataset.live) followPointer(curves);
    const figure = $("figure.chart", details);
    if (!figure || figure.dataset.live) return;
    figure.dataset.live = "yes";
    const data = JSON.parse($("script.data", figure).textContent);
    const panel = $(".panel", figure);
    const rows = $$("g.row", figure);
    rows.forEach((row, index) => { row.setAttribute("role", "button"); row.tabIndex = index ? -1 : 0; });
    const open = (row) => {
      const again = row.classList.contains("open");
      rows.forEach((other) => { other.classList.remove("open"); other.tabIndex = -1; });
      row.tabIndex = 0;
      panel.hidden = again;
      if (again) return;
      row.classList.add("open");
      panel.replaceChildren(...describe(data[row.dataset.i]));
    };
    figure.addEventListener("click", (event) => { const row = event.target.closest("g.row"); if (row) open(row); });
    figure.addEventListener("keydown", (event) => {
      const row = event.target.closest("g.row");
      if (!row) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Enter" || event.key === " ") open(row);
      else if (step) (rows[rows.indexOf(row) + step] || row).focus();
      else return;
      event.preventDefault();
    });
  };

  // Diagrams: the values at the moment under the pointer, or where the arrow keys have gone, in all diagrams of a session.
  const followPointer = (figure) => {
    figure.dataset.live = "yes";
    const numbers = JSON.parse($("script.numbers", figure).textContent);
    const plots = $$("svg.plot", figure), moment = $("output.moment", figure), area = $(".plots", figure);
    const legends = $$(".diagram", figure).map((one) => $$(".lines b", one));
    const usual = legends.map((list) => list.map((one) => one.textContent));
    const { begins, ends } = numbers[0];
    let share = null;
    const show = () => {
      const t = begins + share * (ends - begins);
      moment.textContent = share === null ? "" : `at ${t.toFixed(2)} s`;
      plots.forEach((plot) => $(".cursor", plot).setAttribute("d", share === null ? "M-9 0V150" : `M${share * 1000} 0V150`));
      numbers.forEach((diagram, d) => diagram.lines.forEach((line, l) => {
        const value = share === null ? undefined : at(line, t);
        legends[d][l].textContent = share === null ? usual[d][l] : value === null ? "–" : value.toFixed(diagram.digits).replace("-", "−");
      }));
    };
    const at = (line, t) => {
      let low = 0, high = line.t.length;
      while (low < high) { const middle = (low + high) >> 1; if (line.t[middle] <= t) low = middle + 1; else high = middle; }
      if (!low) return null;
      const before = line.v[low - 1], after = line.v[low];
      if (line.holds || before === null || after === null || after === undefined) return low === line.t.length && !line.holds && t > line.t[low - 1] + 5 ? null : before;
      return t - line.t[low - 1] < line.t[low] - t ? before : after;
    };
    area.addEventListener("pointermove", (event) => {
      const box = plots[0].getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width;
      share = x < 0 || x > 1 ? null : x;
      show();
    });
    area.addEventListener("pointerleave", () => { share = null; show(); });
    area.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.01, ArrowRight: 0.01 }[event.key];
      if (!step) return;
      share = Math.min(1, Math.max(0, (share ?? (step > 0 ? 0 : 1)) + step));
      show();
      event.preventDefault();
    });
  };

  // The panel: who, what, when, and the frame as a tree of lines with the offending fields marked.
  const describe = (event) => {
    const head = element("h4", "", event.l);
    const facts = [event.h, event.t, `event ${event.n}`, event.at, event.f, event.of === undefined ? "" : `of event ${event.of}`,
      event.o === undefined ? "" : `no. ${event.o} in the file`];
    const line = element("p", "muted", facts.filter(Boolean).join(" · "));
    let form = event.d, parsed = form !== undefined;
    if (event.k === "json") {
      try { form = JSON.parse(event.r); parsed = true; } catch { parsed = false; }
    }
    const pre = element("pre", "json");
    if (parsed) write(pre, form, "", "", "", new Set(event.m || []), false);
    else pre.textContent = event.r + (event.cut ? `… (${event.cut} characters; the journal has them all)` : "");
    const made = [head, line, pre];
    if (event.b && event.k === "binary") made.push(...octets(event.r, event.b));
    if (event.r && navigator.clipboard) {
      const copy = element("button", "copy", "Copy the frame");
      copy.type = "button";
      copy.addEventListener("click", () => navigator.clipboard.writeText(event.r).then(() => { copy.textContent = "Copied"; }));
      made.push(copy);
    }
    return made;
  };

  // A V2GTP message octet by octet: its header, its payload, and the bits that findings rest on, also in twos.
  const octets = (coded, marks) => {
    const raw = [...atob(coded)].map((character) => character.charCodeAt(0));
    const pre = element("pre", "octets");
    const marked = new Set();
    for (const [first, width] of marks) {
      for (let i = first >> 3; i <= (first + Math.max(width, 1) - 1) >> 3; i++) marked.add(i + 8);
    }
    raw.forEach((octet, i) => {
      if (i % 16 === 0) pre.append(i ? "\n" : "", element("span", "at", `${i.toString(16).padStart(4, "0")}  `));
      const text = octet.toString(16).padStart(2, "0");
      pre.append(element("span", marked.has(i) ? "bad" : i < 8 ? "head" : "", text), i % 8 === 7 ? "  " : " ");
    });
    const told = marks.map(([first, width]) => {
      const last = first + Math.max(width, 1) - 1, start = first >> 3, end = Math.min(last >> 3, start + 16, raw.length - 9);
      const line = element("p", "bits", `${width > 1 ? `bits ${first} to ${last}` : width ? `bit ${first}` : `from bit ${first}`} of the payload: `);
      if (start + 8 >= raw.length) line.append("it ends before");
      for (let i = start * 8; i < (end + 1) * 8; i++) {
        const digit = (raw[8 + (i >> 3)] >> (7 - (i & 7))) & 1;
        line.append(i % 8 || i === start * 8 ? "" : " ", element("span", i >= first && i <= last ? "bad" : "", String(digit)));
      }
      if (last >> 3 > end) line.append("…");
      return line;
    });
    return [pre, ...told];
  };

  const write = (pre, value, pointer, indent, label, marks, bad) => {
    bad = bad || (pointer !== "" && marks.has(pointer));
    const say = (text, mark) => pre.append(element("span", mark || (bad ? "bad" : ""), `${text}\n`));
    if (value === null || typeof value !== "object") return say(indent + label + JSON.stringify(value));
    const list = Array.isArray(value);
    const keys = Object.keys(value);
    const absent = [...marks].filter((mark) => {
      const at = mark.lastIndexOf("/");
      return mark.slice(0, at) === pointer && !(mark.slice(at + 1).replaceAll("~1", "/").replaceAll("~0", "~") in value);
    });
    if (!keys.length && !absent.length) return say(indent + label + (list ? "[]" : "{}"));
    say(indent + label + (list ? "[" : "{"));
    for (const mark of absent) say(`${indent}  ${mark.slice(mark.lastIndexOf("/") + 1)}: absent`, "absent");
    for (const key of keys) {
      const step = key.replaceAll("~", "~0").replaceAll("/", "~1");
      write(pre, value[key], `${pointer}/${step}`, `${indent}  `, list ? "" : `${JSON.stringify(key)}: `, marks, bad);
    }
    say(indent + (list ? "]" : "}"));
  };

  for (const details of cases) details.addEventListener("toggle", () => { if (details.open) enliven(details); });

  // A link to a case opens it, whatever the filters say.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches("details.case")) return;
    target.hidden = false;
    target.open = true;
    enliven(target).then(() => target.scrollIntoView());
  };
  addEventListener("hashchange", follow);
  follow();

  // On paper, what failed is told in full.
  addEventListener("beforeprint", () => {
    for (const details of $$("details.case.fail, details.case.error, details.case.inconclusive")) details.open = true;
  });
})();
