// The page on devices at windows: pair, wait, rate, thank; keep ratings in IndexedDB until the server has answered for them.
// Each rating is signed when it is given and carries a sequence number, so that it arrives once and a gap is seen.
const VERSION = "1";
const PATIENCE = 60; // seconds without a touch, after which it is “not rated”
const $ = (name) => document.querySelector(`[data-${name}]`);
const english = (document.documentElement.lang || "").startsWith("en");
const t = (zh, en) => (english ? en : zh);
const all = (name) => document.querySelectorAll(`[data-${name}]`);
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text) => new TextEncoder().encode(text);

// --- what is kept on the device
const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("haochaping", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("device");
    asked.result.createObjectStore("ratings", { keyPath: "seq" });
    asked.result.createObjectStore("dead", { keyPath: "seq" });
  };
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});
const within = async (stores, work) => {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const doing = database.transaction(stores, "readwrite", { durability: "strict" });
    let result;
    doing.oncomplete = () => resolve(result);
    doing.onerror = doing.onabort = () => reject(doing.error);
    work(doing, (value) => (result = value));
  });
};
const read = (store, key) => within(store, (doing, give) => (doing.objectStore(store).get(key).onsuccess = (event) => give(event.target.result)));
const write = (store, value, key) => within(store, (doing) => doing.objectStore(store).put(value, key));
const list = (store) => within(store, (doing, give) => (doing.objectStore(store).getAll().onsuccess = (event) => give(event.target.result)));

// --- the key of this device; the browser never gives it out again
let device; // {kid, kind, key}
let state = {};
let offset = 0; // the server's clock minus ours, in milliseconds
const now = () => new Date(Date.now() + offset);
const sign = async (text) => hex(await crypto.subtle.sign("HMAC", device.key, bytes(text)));
const post = async (path, body) => {
  const content = JSON.stringify(body);
  for (let tries = 0; ; tries += 1) {
    const moment = String(Math.floor(now() / 1000));
    const nonce = hex(crypto.getRandomValues(new Uint8Array(12)));
    const digest = hex(await crypto.subtle.digest("SHA-256", bytes(content)));
    const signature = await sign(["HCP1", "POST", path, "", digest, moment, nonce, device.kid].join("\n"));
    const headers = { "X-HCP-Key": device.kid, "X-HCP-Time": moment, "X-HCP-Nonce": nonce, "X-HCP-Signature": signature };
    const answer = await fetch(path, { method: "POST", body: content, headers: { ...headers, "Content-Type": "application/json", Accept: "application/json" } });
    if (answer.status === 401 && tries === 0 && answer.headers.get("Date")) offset = new Date(answer.headers.get("Date")) - Date.now();
    else return answer;
  }
};

// --- scenes
let patience;
let choice = {};
const show = (scene) => {
  document.body.dataset.scene = scene;
  for (const section of document.querySelectorAll(".scene")) section.hidden = section.dataset.is !== scene;
  clearInterval(patience);
  if (scene === "rate" || scene === "why") {
    const until = Date.now() + PATIENCE * 1000;
    patience = setInterval(() => {
      const left = Math.ceil((until - Date.now()) / 1000);
      $("left").textContent = $("left-why").textContent = left <= 20 ? t(`${left} 秒`, `${left} s`) : "";
      if (left <= 0) leave();
    }, 500);
  }
};
const words = (node, text) => (node.textContent = text || "");
const idle = () => {
  words($("staff"), state.kind === "terminal" ? t("自助服务终端", "Self-service terminal") : state.staff);
  words($("staff-number"), state.staff_number && state.kind !== "terminal" ? t(`工号 ${state.staff_number}`, `No. ${state.staff_number}`) : "");
  words($("window"), state.window && t(`${state.window} 号窗口`, `Window ${state.window}`));
  words($("hall"), state.hall);
  words($("department"), state.department);
  const face = state.kind !== "terminal" && state.photo;
  $("photo").hidden = !face;
  $("nobody").style.display = face ? "none" : "";
  if (face && $("photo").getAttribute("src") !== state.photo) $("photo").src = state.photo;
  words($("told"), (state.told || []).join("　"));
  $("told").hidden = !(state.told || []).length;
  $("own").hidden = !state.qr;
  if (state.qr) $("qr").src = state.qr;
  show("idle");
};
const ask = (call) => {
  choice = { call };
  words($("what"), call ? `${call.item}　${call.number}` : state.window ? t(`${state.hall}　${state.window} 号窗口`, `${state.hall}　window ${state.window}`) : "");
  show("rate");
  if (call) beep();
};
const leave = () => {
  if (choice.call) post("/k/lapse", { record: choice.call.record }).catch(() => {});
  done = choice.call ? choice.call.record : done;
  idle();
};
let sound;
const beep = () => {
  try {
    sound = sound || new AudioContext();
    const tone = sound.createOscillator();
    tone.frequency.value = 880;
    tone.connect(sound.createGain()).connect(sound.destination);
    tone.connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.15);
  } catch (error) {
    words($("net"), String(error)); // a device without sound still works
  }
};

// --- a rating
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const newKey = () => {
  const random = crypto.getRandomValues(new Uint8Array(24));
  return `${[...random.slice(0, 8)].map((byte) => LETTERS[byte & 31]).join("")}-${hex(random.slice(8))}`;
};
let done = ""; // the call that this device has answered
const keep = async () => {
  const { level, codes, call } = choice;
  const last = (await read("device", "seq")) || 0;
  const item = { seq: last + 1, key: newKey(), at: now().toISOString(), body: JSON.stringify({ level, codes, words: "", record: call ? call.record : "" }) };
  item.sig = await sign([item.seq, item.key, item.at, item.body].join("\n"));
  await within(["device", "ratings"], (doing) => {
    doing.objectStore("device").put(item.seq, "seq");
    doing.objectStore("ratings").add(item);
  });
  return item;
};
let flushing;
const flush = () => (flushing = flushing || send().finally(() => (flushing = null)));
const send = async () => {
  for (;;) {
    const waiting = (await list("ratings")).slice(0, 20);
    if (!waiting.length) return true;
    const answer = await fetch("/k/ratings", {
      method: "POST",
      body: JSON.stringify({ kid: device.kid, items: waiting }),
      headers: { "Content-Type": "application/json", Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = new Map((await answer.json()).items.map((item) => [item.seq, item]));
    await within(["ratings", "dead"], (doing) => {
      for (const item of waiting) {
        const word = told.get(item.seq);
        if (!word || word.status >= 500) continue;
        doing.objectStore("ratings").delete(item.seq);
        if (word.qr && item.seq === choice.seq) along(word.qr);
        if (word.code) doing.objectStore("dead").put({ ...item, why: word.detail_zh || word.code });
      }
    });
  }
};
const online = (good) => {
  document.body.classList.toggle("offline", !good);
  words($("net"), good ? "" : t("离线，评价照常", "Offline; rating goes on"));
};
const tryFlush = () => flush().then(() => online(true) || true, () => online(false) || false);
// the code has four digits of the secret part behind it: whoever has all twelve stood here
const code = (key) => `${key.slice(0, 4)}-${key.slice(4, 8)}-${String(parseInt(key.slice(9, 15), 16) % 10000).padStart(4, "0")}`;
const along = (picture) => {
  $("along").src = picture;
  $("along").hidden = false;
};
const THANKS = 25000; // time to take the QR code along
const submit = async () => {
  choice.codes = [...document.querySelectorAll(`[data-codes="${choice.level}"] input:checked`)].map((box) => Number(box.value));
  if (choice.level <= 2 && !choice.codes.length) return words($("why-problem"), t("请至少选择一个问题，我们才能核实整改。", "Tick at least one reason, so that it can be put right."));
  if (choice.sent) return undefined; // a double tap
  choice.sent = true;
  const item = await keep();
  done = choice.call ? choice.call.record : done;
  choice.seq = item.seq;
  words($("code"), code(item.key));
  $("kept").hidden = true;
  $("along").hidden = true;
  show("thanks");
  const arrived = await tryFlush();
  $("kept").hidden = arrived;
  const mine = item.seq;
  setTimeout(() => document.body.dataset.scene === "thanks" && choice.seq === mine && idle(), THANKS);
  return undefined;
};

// --- hearing of calls
let listening;
let heardAt = 0;
const take = (told) => {
  state = { ...state, ...told };
  for (const box of document.querySelectorAll("[data-codes] input")) box.closest("label").hidden = (state.elsewhere || []).includes(Number(box.value));
  const scene = document.body.dataset.scene;
  if (state.call && state.call.record !== done && (scene === "idle" || scene === "thanks" || (scene === "rate" && (!choice.call || choice.call.record !== state.call.record)))) ask(state.call);
};
const beat = async () => {
  const [waiting, dead] = [await list("ratings"), await list("dead")];
  try {
    const answer = await post("/k/state", { version: VERSION, waiting: waiting.length, dead: dead.length, clock: new Date().toISOString() });
    if (answer.status === 401) return forget(await answer.json());
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    offset = new Date(told.now) - Date.now();
    online(true);
    await write("device", told, "state");
    listen(told.events);
    take(told);
    if (document.body.dataset.scene === "loading" || document.body.dataset.scene === "idle") if (!told.call || told.call.record === done) idle();
    if (waiting.length) tryFlush();
  } catch {
    online(false);
  }
  return undefined;
};
const forget = (problem) => {
  if (problem.code !== "bad_signature" && problem.code !== "device_unknown") return;
  words($("pair-problem"), problem.detail_zh);
  show("pair");
};
const listen = (address) => {
  if (!window.EventSource || !address || (listening && listening.readyState !== 2)) return;
  listening = new EventSource(address);
  listening.onmessage = (event) => {
    heardAt = Date.now();
    if (event.data) beat(); // it says that something changed; what it is, the server tells whoever may know
  };
  listening.addEventListener("pulse", () => (heardAt = Date.now()));
  listening.onerror = () => (heardAt = 0);
};
const FAST = 2000; // while nobody tells us of calls
const SLOW = 60000;
let beatAt = 0;
const live = () => {
  const due = Date.now() - heardAt < 15000 ? SLOW : FAST;
  if (Date.now() - beatAt >= due) {
    beatAt = Date.now();
    beat();
  }
};

// --- self-check
const check = async () => {
  const [waiting, dead, last] = [await list("ratings"), await list("dead"), (await read("device", "seq")) || 0];
  const room = navigator.storage && navigator.storage.estimate ? await navigator.storage.estimate() : {};
  const lines = {
    [t("设备编号", "Device")]: device ? device.kid : t("未配对", "not paired"),
    [t("窗口", "Window")]: `${state.hall || ""} ${state.window || ""}`,
    [t("网络", "Network")]: document.body.classList.contains("offline") ? t("离线", "offline") : t("正常", "good"),
    [t("待上传", "Waiting")]: t(`${waiting.length} 条`, `${waiting.length}`),
    [t("未能上传", "Refused")]: t(`${dead.length} 条`, `${dead.length}`),
    [t("最后序号", "Last number")]: String(last),
    [t("时钟偏差", "Clock")]: t(`${Math.round(offset / 1000)} 秒`, `${Math.round(offset / 1000)} s`),
    [t("存储", "Storage")]: room.quota ? `${Math.round(room.usage / 1024)} KB / ${Math.round(room.quota / 1048576)} MB` : t("未知", "unknown"),
    [t("离线可用", "Works offline")]: navigator.serviceWorker && navigator.serviceWorker.controller ? t("是", "yes") : t("否（刷新一次后生效）", "no (after one reload)"),
    [t("页面版本", "Version")]: VERSION,
  };
  $("checks").replaceChildren(
    ...Object.entries(lines).flatMap(([name, value]) => {
      const [term, said] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      said.textContent = value;
      said.dataset.check = name;
      return [term, said];
    }),
  );
  $("dead").replaceChildren(
    ...dead.map((item) => {
      const line = document.createElement("li");
      line.textContent = `#${item.seq} ${item.at} ${item.why}`;
      return line;
    }),
  );
  show("self");
};

// --- buttons
$("start").addEventListener("click", () => ask(null));
$("leave").addEventListener("click", leave);
$("back").addEventListener("click", () => show("rate"));
$("finish").addEventListener("click", idle);
$("home").addEventListener("click", () => (device ? idle() : show("pair")));
$("self").addEventListener("click", check);
$("sound").addEventListener("click", beep);
$("flush").addEventListener("click", () => tryFlush().then(check));
$("send").addEventListener("click", submit);
for (const button of all("level"))
  button.addEventListener("click", () => {
    choice.level = Number(button.dataset.level);
    for (const box of document.querySelectorAll(".chips input")) box.checked = false;
    for (const chips of all("codes")) chips.hidden = Number(chips.dataset.codes) !== choice.level;
    $("why-good").hidden = choice.level <= 2;
    $("why-bad").hidden = choice.level > 2;
    words($("why-problem"), "");
    show("why");
  });
$("pair").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = $("pair-problem");
  words(problem, "");
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const answer = await fetch("/k/pair", { method: "POST", body: JSON.stringify({ code: document.getElementById("pair-code").value }), headers });
    const told = await answer.json();
    if (!answer.ok) return words(problem, t(`${told.detail_zh}`, `${told.detail}`));
    const key = await crypto.subtle.importKey("raw", bytes(told.secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    device = { kid: told.kid, kind: told.kind, key };
    await write("device", device, "device");
    await write("device", 0, "seq"); // numbers count from the pairing on
    state = {};
    idle();
    start();
  } catch {
    words(problem, t("网络不通，请检查后重试。", "No network; check it and try again."));
  }
  return undefined;
});
addEventListener("online", tryFlush);

const start = () => {
  beatAt = Date.now();
  beat();
  setInterval(live, 500);
};
const wake = async () => {
  if (!window.isSecureContext || !crypto.subtle) {
    words($("pair-problem"), t("本页须通过 HTTPS 打开（或在本机 localhost），请联系管理员配置证书。", "Open this page over HTTPS, or on localhost; ask your administrator."));
    return show("pair");
  }
  if (navigator.serviceWorker) navigator.serviceWorker.register("/k/worker.js", { scope: "/k/" }).catch(() => {});
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  device = await read("device", "device");
  if (!device) return show("pair");
  state = (await read("device", "state")) || {};
  state.call = null; // an old call is nobody's any more
  idle();
  return start();
};
wake();
