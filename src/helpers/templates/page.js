"use strict";
// What a reader can do on top of a page that is complete without this: switch the language, read values off a figure,
// see its table, take its data, quote a result, look up a term.
(() => {
const root = document.documentElement, own = root.lang;
root.classList.add("live");
const all = (query, from = document) => [...from.querySelectorAll(query)];
const one = id => document.getElementById(id);
const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
const inflate = async data => new Response(
  new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
const german = () => root.lang === "de";
let packed, words = {};
const unpacked = () => packed ??= inflate(bytes(one("packed").textContent)).then(JSON.parse)
  .then(content => (words = content.words, content));
const said = english => german() ? words[english] : english; // known once the content is unpacked

// Language: the other form of every marked text and attribute, in page order.
async function turn() {
  const content = await unpacked(), button = document.querySelector(".language");
  all('[data-table][aria-expanded="true"]').forEach(closed);
  all("[data-t]").forEach((element, place) => {
    const mine = element.innerHTML;
    element.innerHTML = content.texts[place];
    content.texts[place] = mine;
  });
  all("[data-a]").forEach((element, place) => {
    const name = element.dataset.a, mine = element.getAttribute(name);
    element.setAttribute(name, content.attributes[place]);
    content.attributes[place] = mine;
  });
  const was = root.lang;
  root.lang = button.dataset.language;
  button.dataset.language = button.lang = was;
  button.textContent = was === "de" ? "Deutsch" : "English";
  all('a[href*=".html"]:not([href^="http"])').forEach(link => link.setAttribute("href",
    link.getAttribute("href").split("?")[0] + (root.lang === own ? "" : `?lang=${root.lang}`)));
  hide();
}

// Numbers and months as the page writes them.
function number(value, digits, sign, unit) {
  const text = new Intl.NumberFormat(german() ? "de-DE" : "en-US",
    {minimumFractionDigits: digits, maximumFractionDigits: digits}).format(Math.abs(value));
  const nothing = !/[1-9]/.test(text);
  return (nothing ? "" : value < 0 ? "−" : sign ? "+" : "") + text + (unit ? "\u00a0" + unit : "");
}
const here = pair => Array.isArray(pair) ? pair[german() ? 1 : 0] : pair;
const writer = series => value => number(value, series.digits, series.sign, here(series.unit));
function when(label) {
  label = here(label);
  if (!/^\d{4}-\d{2}(-\d{2})?$/.test(label)) return label;
  const form = {month: "long", year: "numeric", timeZone: "UTC"};
  if (label.length > 7) form.day = "numeric";
  return new Intl.DateTimeFormat(german() ? "de-AT" : "en-GB", form).format(new Date(label + (label.length > 7 ? "" : "-01")));
}

// Values: the point nearest to the pointer, or the next one by the arrow keys.
const tip = one("tip");
let shown = null;
function hide() { tip.hidden = true; shown = null; all(".dot").forEach(dot => dot.remove()); all("tr.lit").forEach(row => row.classList.remove("lit")); }
async function points(box) {
  const svg = all("svg", box).find(drawing => drawing.getBoundingClientRect().width);
  if (!svg) return null;
  const series = (await unpacked()).marks[box.dataset.plot] ?? [], isWide = svg === box.firstElementChild;
  const list = series.flatMap(one => (isWide ? one.at : one.narrow).map(([x, y], place) =>
    ({x, y, series: one, label: one.labels[place], value: one.values[place], ends: one.ends[place]})));
  return {svg, list, frame: svg.getBoundingClientRect(), view: svg.viewBox.baseVal};
}
function show(box, found, point) {
  if (!point) return;
  hide();
  shown = {box, point};
  const {series, ends} = point, name = here(series.name);
  const write = writer(series);
  const label = when(point.label);
  const range = ends.length && ends.every(end => end !== null) ? ` (${write(ends[0])} ${said("to")} ${write(ends[1])})` : "";
  tip.replaceChildren(Object.assign(document.createElement("b"), {textContent: [name, label].filter(Boolean).join(", ")}),
    Object.assign(document.createElement("span"), {textContent: write(point.value) + range}));
  tip.hidden = false;
  const scale = found.frame.width / found.view.width;
  const left = found.frame.left + point.x * scale, top = found.frame.top + point.y * scale;
  const width = tip.offsetWidth, room = root.clientWidth - width - 8;
  tip.style.left = `${Math.max(8, Math.min(left - width / 2, room)) + scrollX}px`;
  tip.style.top = `${(top - tip.offsetHeight - 12 < 0 ? top + 14 : top - tip.offsetHeight - 12) + scrollY}px`;
  const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  for (const [key, value] of Object.entries({cx: point.x, cy: point.y, r: 4.5, class: "dot"})) dot.setAttribute(key, value);
  found.svg.append(dot);
  for (const row of all(".values tbody tr", box.closest("figure")))
    row.classList.toggle("lit", row.cells[2].dataset.value === String(point.value) && row.cells[1].textContent === label &&
      row.cells[0].textContent === (name || "–"));
}
const near = (found, x, y) => found.list.reduce((best, point) => {
  const far = Math.hypot(point.x - x, point.y - y);
  return !best || far < best.far ? {far, point} : best;
}, null)?.point;
async function follow(event) {
  const box = event.target.closest?.("[data-plot]");
  if (!box) return shown && event.type !== "focusin" && hide();
  const found = await points(box);
  if (!found?.list.length) return;
  const scale = found.view.width / found.frame.width;
  show(box, found, near(found, (event.clientX - found.frame.left) * scale, (event.clientY - found.frame.top) * scale));
}
document.addEventListener("pointermove", event => event.pointerType === "mouse" && follow(event), {passive: true});
document.addEventListener("click", event => event.pointerType !== "mouse" && follow(event));
document.addEventListener("focusout", event => event.target.dataset?.plot && hide());
all("[data-plot]:not([aria-hidden])").forEach(box => box.tabIndex = 0);
document.addEventListener("keydown", async event => {
  if (event.key === "Escape") return hide();
  const step = {ArrowRight: 1, ArrowLeft: -1, Home: -1e9, End: 1e9}[event.key];
  const box = event.target.closest?.("[data-plot]");
  if (!box || !step) return;
  event.preventDefault();
  const old = shown?.box === box ? shown.point : null, found = await points(box);
  if (!found?.list.length) return;
  const at = old ? found.list.findIndex(p => p.x === old.x && p.y === old.y && p.series.name[0] === old.series.name[0]) : -1;
  show(box, found, found.list[Math.max(0, Math.min(found.list.length - 1, at + step))]);
});

// Data: one CSV out of the archive that the page carries.
async function csv(name) {
  const data = bytes(one("all-data").href.split(",")[1]), view = new DataView(data.buffer), reader = new TextDecoder();
  for (let at = 0; view.getUint32(at, true) === 0x04034b50;) {
    const size = view.getUint32(at + 18, true), length = view.getUint16(at + 26, true);
    const begin = at + 30 + length + view.getUint16(at + 28, true);
    if (reader.decode(data.subarray(at + 30, at + 30 + length)) === `${name}.csv`) return inflate(data.subarray(begin, begin + size));
    at = begin + size;
  }
  throw new Error(`no ${name}.csv in the page`);
}
function closed(button) {
  button.closest("figure").querySelector(".values").remove();
  button.setAttribute("aria-expanded", "false");
  button.textContent = said("Show as table");
}
async function table(button) {
  const marks = (await unpacked()).marks, figure = button.closest("figure"), made = document.createElement("table");
  if (figure.querySelector(".values")) return closed(button);
  button.setAttribute("aria-expanded", "true");
  button.textContent = said("Hide the table");
  const box = Object.assign(document.createElement("div"), {className: "table-box values", tabIndex: 0});
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", figure.querySelector(".item-title").textContent);
  const series = all("[data-plot]", figure).flatMap(plot => marks[plot.dataset.plot] ?? []);
  const ranged = series.some(one => one.ends.some(ends => ends.length));
  const head = made.createTHead().insertRow(), body = made.createTBody();
  for (const [text, kind] of [[said("Series"), ""], [said("Of"), ""], [said("Value"), "number"],
    ...(ranged ? [[said("From"), "number"], [said("To"), "number"]] : [])])
    head.append(Object.assign(document.createElement("th"), {scope: "col", textContent: text, className: kind}));
  for (const one of series) one.values.forEach((value, place) => {
    const row = body.insertRow(), write = writer(one), [low, high] = one.ends[place];
    row.append(Object.assign(document.createElement("th"), {scope: "row", textContent: here(one.name) || "–"}));
    row.insertCell().textContent = when(one.labels[place]);
    for (const number of ranged ? [value, low, high] : [value]) {
      const cell = row.insertCell();
      cell.className = "number";
      cell.textContent = number == null ? "–" : write(number);
    }
    row.cells[2].dataset.value = String(value);
  });
  box.append(made);
  button.closest(".item-foot").after(box);
}
function save(name, text) {
  const link = Object.assign(document.createElement("a"), {href: URL.createObjectURL(new Blob([text], {type: "text/csv"})), download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Boxes: a term, a quotation.
const box = one("box"), inside = one("box-in");
function open(...parts) { inside.replaceChildren(...parts); box.showModal(); }
function made(tag, text) { return Object.assign(document.createElement(tag), {textContent: text}); }
async function quote(id) {
  await unpacked();
  const item = one(id), text = query => item.querySelector(query)?.textContent.trim() ?? "";
  const result = item.classList.contains("answer") ? all("p:not(.item-foot)", item).map(p => p.textContent.trim()).join(" ")
    : [text(".item-title"), text(".item-subtitle"), text(".item-note")].filter(Boolean).map(part => /[.!?]$/.test(part) ? part : part + ".").join(" ");
  const homes = item.classList.contains("answer") ? ["figure-panels", "table-excess_w1"].map(one).filter(Boolean) : [item];
  const sources = [...new Set(homes.flatMap(home => all(".item-source span", home).map(part => part.textContent)))].join("; ");
  const where = `${one("citation").textContent.trim()} #${id}`;
  const quoted = [result, sources && `${said("Source")}: ${sources}.`, where].filter(Boolean).join(" ");
  const field = made("p", quoted), button = made("button", said("Copy"));
  field.id = "quotation";
  button.type = "button";
  button.dataset.copy = "quotation";
  open(made("h2", said("Quote this")), field, button);
}
async function copy(button, text) {
  try { await navigator.clipboard.writeText(text); } catch {
    const field = Object.assign(document.createElement("textarea"), {value: text});
    (box.open ? box : document.body).append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  await unpacked();
  const was = button.textContent;
  button.textContent = said("Copied");
  setTimeout(() => button.textContent = was, 1500);
}
document.addEventListener("click", event => {
  const hit = query => event.target.closest?.(query);
  let element;
  if (element = hit("[data-csv]")) { event.preventDefault(); csv(element.dataset.csv).then(text => save(`${element.dataset.csv}.csv`, text)); }
  else if (element = hit("[data-table]")) table(element);
  else if (element = hit("[data-quote]")) quote(element.dataset.quote);
  else if (element = hit("[data-copy]")) copy(element, one(element.dataset.copy).textContent.trim());
  else if (element = hit(".language")) turn();
  else if (element = hit("a.term")) {
    const entry = one(element.hash.slice(1));
    event.preventDefault();
    open(made("h2", entry.querySelector("dt").textContent), ...[...entry.querySelector("dd").cloneNode(true).childNodes]);
  } else if (element = hit("pre .copy")) copy(element, element.parentElement.querySelector("code").textContent);
  else if (hit(".close") || event.target === box) box.close();
});
document.addEventListener("toggle", async event => {
  if (!event.target.matches?.("details.code[open]")) return;
  await unpacked();
  all("pre", event.target).filter(pre => !pre.querySelector(".copy")).forEach(pre => {
    const button = made("button", said("Copy"));
    button.type = "button";
    button.className = "copy";
    pre.prepend(button);
  });
}, true);
// The contents mark the chapter that is read.
const links = new Map(all(".contents-large a").map(link => [link.hash.slice(1), link]));
const watch = new IntersectionObserver(seen => seen.filter(one => one.isIntersecting).forEach(one => {
  links.forEach(link => link.removeAttribute("aria-current"));
  links.get(one.target.id)?.setAttribute("aria-current", "true");
}), {rootMargin: "-10% 0% -80%"});
all("section[id]").filter(section => links.has(section.id)).forEach(section => watch.observe(section));
if (new URLSearchParams(location.search).get("lang") === document.querySelector(".language").dataset.language) turn();
})();
