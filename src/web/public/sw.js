// Keeps the page itself, never what the node says: index.html for when the node is down, and the files in /assets, whose names carry
// their hashes. The network is asked first for the page, so that a new version is seen at once; requests of other kinds pass by.

const CACHE = 'tallystick-shell-1';

/** Old builds leave files behind; more than this many are thrown away together. */
const FILE_COUNT_MAX = 120;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.add('/'))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const others = caches.keys().then((names) => names.filter((name) => name !== CACHE));
  event.waitUntil(
    others.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith('/assets/')) event.respondWith(fromCacheFirst(request));
  else if (request.mode === 'navigate' && !url.pathname.startsWith('/login'))
    event.respondWith(fromNetworkFirst(request));
});

async function fromCacheFirst(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) {
    const files = await cache.keys();
    if (files.length >= FILE_COUNT_MAX) await Promise.all(files.map((file) => cache.delete(file)));
    await cache.put(request, response.clone());
  }
  return response;
}

async function fromNetworkFirst(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected) await cache.put('/', response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match('/');
    if (kept !== undefined) return kept;
    throw error;
  }
}
