import htmx from "htmx.org";

// htmx swaps the list when a filter changes; every page also works as a plain page. No eval under strict CSP.
window.htmx = htmx;

// An order opens in a drawer beside the list; the link stays a link for the keyboard, for copying and without JavaScript.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-drawer]");
  const drawer = document.getElementById("drawer");
  if (!link || !drawer || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const answer = await fetch(link.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = page.querySelector("#order");
  if (!part) return location.assign(link.href);
  drawer.querySelector("[data-drawer-title]").textContent = page.title.split(" · ")[0];
  drawer.querySelector("[data-drawer-body]").replaceChildren(part);
  drawer.showModal();
});
document.addEventListener("click", (event) => {
  const drawer = document.getElementById("drawer");
  if (drawer && (event.target === drawer || event.target.closest("[data-drawer-close]"))) drawer.close();
});
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form) form.requestSubmit();
  const all = event.target.dataset.tickAll;
  if (all) for (const box of document.querySelectorAll(`input[name="${all}"]`)) box.checked = event.target.checked;
});
