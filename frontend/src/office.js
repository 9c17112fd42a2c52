import htmx from "htmx.org";

// htmx swaps the list when a filter changes; every page also works as a plain page. No eval under strict CSP.
window.htmx = htmx;

// A second press while the first is on its way does nothing: a secret that is shown once would be lost. A page that comes
// back from the browser's memory, or a file that was saved, may be asked for again.
let pressed = new WeakSet();
addEventListener("pageshow", () => (pressed = new WeakSet()));
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (pressed.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  pressed.add(form);
  setTimeout(() => pressed.delete(form), 3000);
}, true);

// An order opens in a drawer beside the list; the link stays a link for the keyboard, for copying and without JavaScript.
// What is done there stays there: the list behind is brought up to date, and the next of it is one press away.
const drawer = document.getElementById("drawer");
let row = []; // the orders of the list as it was opened
let now = "";
const fill = (answer, text) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  const part = page.querySelector("#order");
  if (!part) return location.assign(answer.url);
  drawer.querySelector("[data-drawer-title]").textContent = page.title.split(" · ")[0];
  drawer.querySelector("[data-drawer-body]").replaceChildren(part);
  drawer.querySelector("[data-drawer-next]").disabled = row.indexOf(now) === row.length - 1;
  drawer.scrollTop = 0;
  if (!drawer.open) drawer.showModal();
};
const show = async (address) => {
  now = address;
  const answer = await fetch(address);
  fill(answer, await answer.text());
};
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-drawer]");
  if (!link || !drawer || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  row = [...document.querySelectorAll("a[data-drawer]")].map((one) => one.href);
  show(link.href);
});
if (drawer) {
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer || event.target.closest("[data-drawer-close]")) drawer.close();
    if (event.target.closest("[data-drawer-next]")) show(row[row.indexOf(now) + 1]);
  });
  drawer.addEventListener("submit", async (event) => {
    if (event.target.method !== "post") return;
    event.preventDefault();
    const answer = await fetch(event.target.action, { method: "POST", body: new FormData(event.target, event.submitter) });
    fill(answer, await answer.text());
    if (document.getElementById("list")) htmx.ajax("GET", location.href, { target: "#list", select: "#list", swap: "outerHTML" });
  });
}
// The foot of an order leads to the form of a move, which opens.
document.addEventListener("click", (event) => {
  const to = event.target.closest("a[data-opens]");
  const form = to && document.getElementById(to.hash.slice(1));
  if (!form) return;
  event.preventDefault();
  form.open = true;
  form.scrollIntoView({ block: "center" });
  (form.querySelector("select, input:not([type=hidden]), textarea, button") || form).focus();
});
// Groups of the menu stay as they were left; large type and contrast are remembered by a cookie, so that pages come so.
for (const group of document.querySelectorAll("details[data-group]")) {
  const key = `menu ${group.dataset.group}`;
  if (localStorage.getItem(key) && !group.querySelector("[aria-current]")) group.open = false;
  group.addEventListener("toggle", () => (group.open ? localStorage.removeItem(key) : localStorage.setItem(key, "1")));
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-look]");
  if (!button) return;
  const { classList } = document.documentElement;
  button.setAttribute("aria-pressed", String(classList.toggle(button.dataset.look)));
  const look = ["big", "contrast"].filter((one) => classList.contains(one)).join("-");
  document.cookie = `hcp_look=${look}; path=/; max-age=31536000; samesite=lax`;
});
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form) form.requestSubmit();
  const all = event.target.dataset.tickAll;
  if (all) for (const box of document.querySelectorAll(`input[name="${all}"]`)) box.checked = event.target.checked;
});

// A text that is written often goes into its field, to be changed there.
document.addEventListener("change", (event) => {
  const fill = event.target.dataset.fill;
  if (fill) event.target.closest("form").elements[fill].value = event.target.value;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// The palette: Ctrl K or ⌘ K anywhere; arrows move through what was found, Enter in the field opens the first of it.
function seek(event) {
  const palette = document.getElementById("palette");
  if (!palette) return;
  event.preventDefault();
  palette.showModal();
  palette.querySelector("input").select();
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]") && !event.ctrlKey && !event.metaKey) seek(event);
  if (event.target.id === "palette") event.target.close();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return seek(event);
  const palette = event.target.closest("#palette");
  if (!palette) return;
  const hits = [...palette.querySelectorAll("#hits a")];
  const here = hits.indexOf(document.activeElement);
  if (event.key === "Enter" && here < 0 && hits.length) {
    event.preventDefault();
    hits[0].click();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const next = here + (event.key === "ArrowDown" ? 1 : -1);
  (hits[next] || (next < 0 ? palette.querySelector("input") : hits[hits.length - 1]))?.focus();
});

// On a phone a long filter is folded until it is asked for, and each cell of a list says what it is, so that rows stand as cards (office.css).
function fit(root) {
  const button = document.getElementById("unfold");
  for (const form of root.querySelectorAll("form.filter:not([data-fitted])")) {
    form.dataset.fitted = "";
    if (!button || form.querySelectorAll("label").length < 3) continue;
    form.prepend(button.content.cloneNode(true));
    const used = [...form.elements].some((field) => field.type !== "hidden" && field.tagName !== "BUTTON" && field.value && !(field.tagName === "SELECT" && field.selectedIndex === 0));
    form.classList.toggle("folded", !used);
    form.querySelector(".unfold").setAttribute("aria-expanded", String(used));
  }
  for (const table of root.querySelectorAll(".scroll > table:not([data-wide]):not([data-fitted])")) {
    table.dataset.fitted = "";
    const names = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    if (names.length < 4 || table.querySelector("[colspan], [rowspan], tbody th")) continue;
    table.classList.add("cards");
    for (const row of table.querySelectorAll("tbody tr")) [...row.cells].forEach((cell, at) => { cell.dataset.says = names[at] || ""; });
  }
}
document.addEventListener("click", (event) => {
  const unfold = event.target.closest(".unfold");
  if (!unfold) return;
  const folded = unfold.closest("form").classList.toggle("folded");
  unfold.setAttribute("aria-expanded", String(!folded));
});
fit(document);
new MutationObserver(() => fit(document)).observe(document.body, { childList: true, subtree: true });

// Lists by keyboard: J and K move, X picks, Enter opens the link in focus, / goes to the search.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea, dialog")) return;
  const key = event.key.toLowerCase();
  if (key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); }
  }
  const links = [...document.querySelectorAll("table[data-keys] td.do a")];
  const row = event.target.closest("table[data-keys] tbody tr");
  if (links.length && (key === "j" || key === "k")) {
    const now = row ? links.indexOf(row.querySelector("td.do a")) : -1;
    const next = links[Math.min(Math.max(now + (key === "j" ? 1 : -1), 0), links.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  if (key === "x" && row) {
    const box = row.querySelector("input[name=order]");
    if (box) box.checked = !box.checked;
  }
});
