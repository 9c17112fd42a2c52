// Keeps the page and its parts, so that the tablet starts without a network. Ratings are not its business: kiosk.js keeps them in IndexedDB.
// SHELL, the list of parts, stands before this text as it is served. A new build has new names, so it gets a cache of its own.
const NAME = `kiosk-${SHELL.join("|")}`;
addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(SHELL)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => {
  const forget = (names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(forget).then(() => clients.claim()));
});
addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET" || !SHELL.includes(path)) return;
  // the page itself: fresh where there is a network, else as kept; its hashed parts never change
  const kept = () => caches.match(path, { ignoreSearch: true });
  event.respondWith(path === "/k/" ? fetch(event.request).catch(kept) : kept().then((found) => found || fetch(event.request)));
});
