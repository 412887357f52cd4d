"use strict";

const VIEWS = "views";
const FRESH_MS = 8000;
const ROWS_MAX = 200;

function read(key, otherwise) {
  try { return JSON.parse(localStorage.getItem(key)) ?? otherwise; } catch { return otherwise; }
}
function write(key, value) {
  try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* no storage: nothing is kept */ }
}

// Dark and light

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* as above */ }
}
document.getElementById("theme")?.addEventListener("click", switchTheme);

// The list that grows

function follow(list) {
  const live = document.getElementById("live");
  const news = document.getElementById("news");
  const rows = list.querySelector("ol");
  let count = 0;
  const source = new EventSource(list.dataset.stream);
  live.hidden = false;
  live.textContent = "connecting";
  source.addEventListener("open", () => { live.textContent = "live"; live.dataset.state = "on"; });
  source.addEventListener("error", () => { live.textContent = "not connected, trying again"; live.dataset.state = "off"; });
  source.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    const holder = document.createElement("template");
    holder.innerHTML = told.html; // escaped by the server, as the page itself
    const row = holder.content.querySelector("li");
    rows.querySelector(".none")?.remove();
    const before = rows.querySelector(`[data-id="${CSS.escape(told.id)}"]`);
    const selected = before?.classList.contains("at");
    before?.remove();
    if (selected) row.classList.add("at");
    rows.prepend(row);
    while (rows.children.length > ROWS_MAX) rows.lastElementChild.remove();
    setTimeout(() => row.classList.remove("fresh"), FRESH_MS);
    count += 1;
    news.textContent = `${count} new since you opened this page`;
    document.title = document.hidden ? `(${count}) Alerts · tocsin` : "Alerts · tocsin";
  });
  addEventListener("pagehide", () => source.close());
}
const list = document.getElementById("list");
if (list?.dataset.stream) follow(list);

// Saved views: addresses, kept in this browser

function drawViews() {
  const place = document.getElementById("views");
  if (!place) return;
  place.replaceChildren(...read(VIEWS, []).map((view, number) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `/?${view.query}`;
    link.textContent = view.name;
    if (location.search === `?${view.query}`) link.setAttribute("aria-current", "true");
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "quiet";
    drop.textContent = "×";
    drop.setAttribute("aria-label", `Forget the view ${view.name}`);
    drop.addEventListener("click", () => { write(VIEWS, read(VIEWS, []).filter((_, n) => n !== number)); drawViews(); });
    item.append(link, drop);
    return item;
  }));
}
drawViews();
document.getElementById("save")?.addEventListener("click", () => {
  const asked = new URLSearchParams([...new FormData(document.getElementById("filters"))].filter(([, value]) => value));
  const name = prompt("Name of this view", [...asked.values()].join(", ") || "all alerts");
  if (!name) return;
  write(VIEWS, [...read(VIEWS, []).filter((view) => view.name !== name), { name, query: asked.toString() }]);
  drawViews();
});

// Keyboard

function move(step) {
  const rows = [...document.querySelectorAll("li.alert")];
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.classList.contains("at"));
  const next = Math.min(rows.length - 1, Math.max(0, now < 0 ? 0 : now + step));
  rows[now]?.classList.remove("at");
  rows[next].classList.add("at");
  rows[next].querySelector("a.what").focus({ preventScroll: true });
  rows[next].scrollIntoView({ block: "nearest" });
}
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "t") switchTheme();
  else if (event.key === "/") { const box = document.getElementById("q"); if (box) { event.preventDefault(); box.focus(); box.select(); } }
});

// Indicators: defanged until somebody asks

const refang = document.getElementById("refang");
refang?.addEventListener("click", () => {
  const on = refang.getAttribute("aria-pressed") !== "true";
  refang.setAttribute("aria-pressed", String(on));
  for (const cell of document.querySelectorAll(".ioc")) {
    cell.dataset.other ??= cell.dataset.value;
    [cell.textContent, cell.dataset.other] = [cell.dataset.other, cell.textContent];
  }
  refang.textContent = on ? "Defang" : "Show as they are";
});
for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "copied";
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });
}
