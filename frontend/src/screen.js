// The screen on the wall. It shows a state that the server sends whole, so that a lost message never matters.
const main = document.querySelector("main");
const english = document.documentElement.lang === "en";
const t = (zh, en) => (english ? en : zh);
const say = (words) => (words && typeof words === "object" ? words[english && words.en !== undefined ? "en" : "zh"] : words) || "";
const places = new Map(); // the skeleton stays: each of its nodes is looked for once
const find = (selector) => places.get(selector) || places.set(selector, main.querySelector(selector)).get(selector);
const $ = (key) => find(`[data-is="${key}"]`);
const now = () => performance.now();
const [still, narrow] = ["(prefers-reduced-motion: reduce)", "(max-width: 1199.98px)"].map((query) => matchMedia(query));
const text = (node, words) => node.textContent === words || (node.textContent = words);
const some = (items) => (Array.isArray(items) ? items : []);
const known = (value) => typeof value === "number" && isFinite(value);

// --- how numbers are written
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const count = (value) => {
  const [power, words, digits] = Math.abs(value) >= 1e8 ? [t(1e8, 1e9), t("亿", "bn"), 2] : Math.abs(value) >= 1e6 ? [t(1e4, 1e6), t("万", "m"), 1] : [];
  return power ? [(value / power).toFixed(digits), words] : [grouped.format(value), ""];
};
const lasting = (minutes) => {
  const [size, words] = minutes < 60 ? [1, t("分钟", "min")] : minutes < 2880 ? [60, t("小时", "h")] : [1440, t("天", "days")];
  return [(minutes / size).toFixed(size > 1 ? 1 : 0), words];
};
// value and what stands behind it; a unit that is not ours is written as it came
const written = (value, unit) => {
  if (!known(value)) return ["—", ""];
  if (unit === "share") return [(value * 100).toFixed(2), "%"];
  if (unit === "minutes") return lasting(value);
  const ours = !unit || /^(number|score|per)$/.test(unit);
  const [digits, power] = unit === "number" || (!ours && Number.isInteger(value)) ? count(value) : [value.toFixed(1), ""];
  return [digits, power + (ours ? "" : say(unit))];
};
const joined = (value, unit) => written(value, unit).join("");
const whole = (value) => (known(value) ? count(value).join("") : "—");
const percent = (share, digits = 1) => (known(share) ? `${(share * 100).toFixed(share === 1 ? 0 : digits)}%` : "—");
const between = (low, high, write) => (known(low) && known(high) ? `${write(low)}–${write(high)}` : "");

// --- numbers run to their new value within 600 ms
const shown = new WeakMap();
const moving = new Map();
const step = () => {
  for (const [node, move] of moving) {
    const done = Math.min(Math.max((now() - move.since) / 600, 0), 1);
    const value = move.to - (move.to - move.from) * (1 - done) ** 3;
    text(node, move.write(Number.isInteger(move.to) ? Math.round(value) : value));
    if (done === 1) moving.delete(node);
  }
  if (moving.size) setTimeout(step, 50); // digits need no more than 20 frames a second
};
const tween = (node, to, write, kind) => {
  const [from, before] = shown.get(node) || [];
  shown.set(node, [to, kind]);
  if (from === to && before === kind && moving.has(node)) return;
  if (from === to || before !== kind || !known(from) || !known(to) || still.matches) {
    moving.delete(node); text(node, write(to));
  } else { if (!moving.size) setTimeout(step, 50); moving.set(node, { from, to, write, since: now() }); }
};

const called = (part, words) => { text(part, say(words)); if (part.title !== part.textContent) part.title = part.textContent; };
const fit = (parent, length, make) => {
  while (parent.children.length > length) parent.lastElementChild.remove();
  while (parent.children.length < length) parent.append(make());
};
// --- lists keep their nodes; each is a copy of <template data-of>, its places are data-p
const list = (key, items, fill, most = 99, parent = $(key)) => {
  const [more, seen] = [most < 99 && find(`[data-more="${key}"]`), items.slice(0, most)];
  parent.classList.toggle("bare", !seen.length);
  if (more) text(more, items.length > most ? t(` · 另有 ${items.length - most} 项`, ` · ${items.length - most} more`) : "");
  fit(parent, seen.length, () => {
    const node = find(`[data-of="${key}"]`).content.firstElementChild.cloneNode(true);
    node.parts = {};
    for (const part of node.querySelectorAll("[data-p]")) node.parts[part.dataset.p] = part;
    return node;
  });
  seen.forEach((item, at) => {
    const { parts = {} } = parent.children[at];
    if (parts.name && item.name !== undefined) called(parts.name, item.name);
    fill(parts, item, parent.children[at], at);
  });
};
const most = (items, key) => Math.max(1e-9, ...items.map((item) => item[key] || 0));
const place = (node, left, width) => { node.style.left = `${left}%`; node.style.width = width ? `${width}%` : ""; };

// --- panels
const kpi = (p, one) => {
  tween(p.value, one.value, (value) => written(value, one.unit)[0]);
  text(p.unit, written(one.value, one.unit)[1]);
  text(p.of, known(one.whole) ? `${whole(one.part)} / ${whole(one.whole)}` : "");
  const [by, has] = [one.change, known(one.change)];
  const size = one.unit === "share" ? Math.abs(by * 100).toFixed(2) + t(" 点", " pt") : written(Math.abs(by), one.unit)[0];
  text(p.since, has ? say(one.since) || t("环比", "before") : "");
  text(p.by, has ? (by > 0 ? "↑" : by < 0 ? "↓" : "±") + size : "");
  p.by.className = by * one.better > 0 ? "good" : by * one.better < 0 ? "poor" : "";
};
const levels = (items) => {
  for (const [key, seen] of [["stack", items.filter((one) => one.n > 0)], ["levels", items]]) list(key, seen, (p, one, node) => {
    node.className = `l${one.level}`;
    if (!p.n) return (node.style.flexGrow = one.n);
    tween(p.share, one.share, percent);
    return tween(p.n, one.n, whole);
  });
};
const meter = (p, one, top, write) => { place(p.bar, 0, ((one.n || 0) / top) * 100); p.bar.hidden = !one.n; tween(p.n, one.n, write); };
const channels = (items) => {
  const all = items.reduce((sum, one) => sum + (one.n || 0), 0);
  list("channels", items, (p, one) => { meter(p, one, most(items, "n"), whole); text(p.share, percent(all ? (one.n || 0) / all : null)); }, 8);
};
const loop = (p, one) => {
  tween(p.n, one.n, whole); text(p.share, known(one.share) ? percent(one.share) : "");
  text(p.median, one.median ? t("中位 ", "median ") + say(one.median) : "");
};
const pack = (p, one) => {
  tween(p.score, one.score, (score) => joined(score));
  text(p.range, between(one.low, one.high, joined) || t("样本不足", "too few"));
  called(p.weak, one.weak ? t(`短板：${say(one.weak)}`, `weak: ${say(one.weak)}`) : "");
};
const feed = (pulses, cities) => {
  const rows = pulses.filter((one) => one.n > 0).map((one) => ({ n: one.n, name: (cities.get(String(one.city)) || {}).name || String(one.city) }));
  list("feed", rows, (p, one) => meter(p, one, most(rows, "n"), (n) => `+${whole(n)}`), 14);
};

// --- the trend: bars from zero, the bad share as a line on its own axis
const sizes = new Map(); // asking for a size makes the browser lay out anew
const sizeOf = (box) => sizes.get(box) || sizes.set(box, [parseFloat(getComputedStyle(main).fontSize), box.clientWidth, box.clientHeight]).get(box);
const axis = (low, high, ticks) => {
  const raw = (high > low ? high - low : Math.abs(low) || 1) / ticks;
  const power = 10 ** Math.floor(Math.log10(raw));
  const size = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= raw * 0.999999);
  return { low: Math.floor(low / size + 1e-9) * size, size };
};
const draw = (parent, tag, items, fill) => {
  fit(parent, items.length, () => document.createElementNS("http://www.w3.org/2000/svg", tag));
  items.forEach((item, at) => {
    const { words, ...given } = fill(item, at);
    const [node, look] = [parent.children[at], JSON.stringify(given)];
    if (node.look !== look) for (const key of Object.keys(given)) node.setAttribute(key, given[key].toFixed(1));
    node.look = look;
    if (words) text(node, words);
  });
};
const trend = (days) => {
  const [box, svg] = [$("trend"), $("trend").firstElementChild];
  box.classList.toggle("bare", !days.length);
  if (!days.length) return;
  list("days", [...days].reverse(), (p, day) => { text(p.name, String(day.tick)); text(p.n, whole(day.total)); text(p.share, percent(day.bad_share, 2)); });
  const [one, wide, high] = sizeOf(box);
  if (!wide) return; // the table stands in its place
  const [left, right, top, bottom] = [3.4 * one, wide - 3.8 * one, 0.7 * one, high - 1.7 * one];
  const ticks = Math.max(2, Math.min(4, Math.floor((bottom - top) / one / 2.4)));
  const [shares, volume] = [days.map((day) => day.bad_share).filter(known), axis(0, Math.max(most(days, "total"), ticks), ticks)];
  const share = shares.length ? axis(Math.min(...shares), Math.max(...shares), ticks - 0.7) : axis(0, 0.01, ticks);
  const y = (value, scale) => bottom - ((value - scale.low) / (scale.size * ticks)) * (bottom - top);
  const [width, x] = [(right - left) / days.length, (at) => left + width * (at + 0.5)];
  const marks = (scale) => Array.from({ length: ticks + 1 }, (_, row) => [scale.low + scale.size * row, y(scale.low + scale.size * row, scale)]);
  const part = (selector) => svg.querySelector(selector);
  const short = (value) => (value < 1e4 ? grouped.format(value) : +(value / t(1e4, 1e3)).toFixed(2) + t("万", "k"));
  draw(part(".grid"), "line", marks(volume), ([, at]) => ({ x1: left, x2: right, y1: at, y2: at }));
  draw(part(".left"), "text", marks(volume), ([value, at]) => ({ x: left - 0.5 * one, y: at + 0.3 * one, words: short(value) }));
  const digits = share.size < 0.0001 ? 3 : share.size < 0.001 ? 2 : 1;
  draw(part(".right"), "text", marks(share), ([value, at]) => ({ x: right + 0.5 * one, y: at + 0.3 * one, words: percent(value, digits) }));
  draw(part(".bars"), "rect", days, (day, n) => {
    const above = y(day.total || 0, volume);
    return { x: x(n) - width * 0.31, width: width * 0.62, y: above, height: Math.max(bottom - above, 0), rx: Math.min(width * 0.18, 0.25 * one) };
  });
  const every = Math.ceil((days.length * 4 * one) / (right - left));
  const named = days.map((day, n) => [day, n]).filter(([, n]) => (days.length - 1 - n) % every === 0);
  draw(part(".days"), "text", named, ([day, n]) => ({ x: x(n), y: high - 0.3 * one, words: String(day.tick) }));
  const point = (day, n) => (known(day.bad_share) ? `${n && known(days[n - 1].bad_share) ? "L" : "M"}${x(n).toFixed(1)} ${y(day.bad_share, share).toFixed(1)}h0` : "");
  part("path.bad").setAttribute("d", days.map(point).join(""));
  const last = days[days.length - 1];
  draw(part(".last"), "circle", known(last.bad_share) ? [last] : [], () => ({ r: 0.28 * one, cx: x(days.length - 1), cy: y(last.bad_share, share) }));
  svg.setAttribute("aria-label", `${svg.dataset.says} ${last.tick}: ${whole(last.total)}, ${percent(last.bad_share, 2)}`);
};

// --- circles pushed apart until none overlaps, as rules/drawing.py does it
const packed = (sizes, width, height, least) => {
  let scale = Math.sqrt((width * height) / sizes.reduce((sum, size) => sum + size, 0) / 3);
  const radii = () => sizes.map((size) => Math.min(Math.max(scale * Math.sqrt(size), least), height * 0.42));
  while (radii().reduce((sum, r) => sum + r * r, 0) > width * height * 0.2 && scale * Math.sqrt(sizes[0]) > least) scale *= 0.97;
  const r = radii();
  const spiral = (turn, size) => r.map((_, at) => size / 2 + (size / 4) * Math.sqrt(at) * turn(at * 2.4));
  const [x, y] = [spiral(Math.cos, width), spiral(Math.sin, height)];
  for (let round = 0; round < 400; round += 1) {
    for (let a = 0; a < r.length; a += 1) {
      for (let b = a + 1; b < r.length; b += 1) {
        const gap = Math.hypot(x[b] - x[a], y[b] - y[a]) || 1e-6;
        const over = (r[a] + r[b] + 0.15 - gap) / 2;
        if (over <= 0) continue;
        const [dx, dy] = [((x[b] - x[a]) / gap) * over, ((y[b] - y[a]) / gap) * over];
        x[a] -= dx; y[a] -= dy; x[b] += dx; y[b] += dy;
      }
    }
    for (const [place, size] of [[x, width], [y, height]]) r.forEach((radius, at) => {
      place[at] = Math.min(Math.max(place[at] + (size / 2 - place[at]) * (round < 220 ? 0.004 : 0), radius), size - radius);
    });
  }
  return r.map((radius, at) => [x[at], y[at], radius]);
};
let drawn = "";
const problems = (items, box = $("problems")) => {
  const [one, wide, high] = sizeOf(box);
  if (drawn === (drawn = JSON.stringify([items, wide, high]))) return;
  const seen = items.slice().sort((a, b) => (b.people || 0) - (a.people || 0));
  const circles = packed(seen.slice(0, 10).map((item) => item.people || 1), wide / one, high / one, 2.2);
  list("problems", seen, (p, item, node, at) => {
    const [x, y, r] = circles[at];
    const size = [x - r, y - r, 2 * r, 2 * r, Math.max(0.88, Math.min(1.15, r / 3.2))];
    ["left", "top", "width", "height", "fontSize"].forEach((side, n) => (node.style[side] = `${size[n]}rem`));
    node.className = item.growth > 0.1 ? "grows" : ""; text(p.people, whole(item.people));
    text(p.growth, item.growth ? (item.growth > 0 ? "↑" : "↓") + (r > 2.75 ? percent(Math.abs(item.growth), 0) : "") : "");
    p.growth.className = r > 2.75 ? "below" : ""; p.fresh.hidden = !item.emerging;
  }, 10);
};

// --- scenes: tiles and bands of one measure
const BANDS = new Map([...$("key").querySelectorAll("[data-band]")].map((item) => [item.dataset.band, item]));
const bandOf = (city) => (BANDS.has(city.band) ? city.band : "plain");
const mark = (band) => BANDS.get(band).firstElementChild.textContent;
let [state, scene, paused] = [null, 0, still.matches];
const unitOf = (one) => {
  const values = some(one.cities).map((city) => city.value).filter(known);
  return one.unit || (values.every((value) => value <= 1) ? "share" : values.every(Number.isInteger) ? "number" : "score");
};
const stage = () => {
  const scenes = some(state.scenes);
  const found = scenes[scene] || { cities: [] };
  const [cities, unit] = [some(found.cities), unitOf(found)];
  const write = (value) => joined(value, unit);
  const fresh = new Map(some(state.pulses).map((one) => [String(one.city), one.n]));
  const [busy, top] = [most(some(state.pulses), "n"), most(cities, "value")];
  list("tabs", scenes, (p, one, node, at) => { node.id = `tab-${at}`; node.setAttribute("aria-selected", at === scene); node.tabIndex = at === scene ? 0 : -1; });
  $("tabs").parentNode.classList.toggle("bare", !scenes.length);
  if (scenes.length) $("stage").setAttribute("aria-labelledby", `tab-${scene}`);
  list("tiles", cities, (p, city, node) => {
    node.className = bandOf(city);
    node.dataset.code = city.code; // CSS knows where the thirteen stand
    node.style.setProperty("--part", city.band ? 0 : (city.value || 0) / top);
    text(p.mark, mark(bandOf(city))); tween(p.value, city.value, write, scene);
    text(p.range, between(city.low, city.high, (value) => write(value).replace("%", "")) || (known(city.n) && unit !== "number" ? `n = ${whole(city.n)}` : ""));
    const n = fresh.get(String(city.code)) || 0;
    p.pulse.hidden = !n; text(p.n, n ? `+${n}` : "");
    p.pulse.dataset.size = Math.ceil((n / busy) * 3);
  });
  text($("scene"), say(found.name));
  const ranged = cities.some((city) => known(city.low));
  const ends = cities.reduce((all, city) => all.concat([city.low, city.high, city.value].filter(known)), ranged ? [] : [0]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const at = (value) => 3 + ((value - low) / (high - low || 1)) * 94;
  const banded = [...BANDS.keys()].map((band) => [band, cities.filter((city) => bandOf(city) === band)]);
  for (const [band, inside] of banded) BANDS.get(band).hidden = !inside.length;
  list("groups", banded.filter(([, inside]) => inside.length), (p, [band, inside], node) => {
    node.className = band + (inside.length > 1 ? " many" : "");
    node.style.flexGrow = inside.length + 0.3; text(p.mark, mark(band));
    text(p.name, BANDS.get(band).lastElementChild.textContent);
    text(p.n, t(`${inside.length} 市`, `${inside.length}`));
    list("rows", inside, (q, city) => {
      const from = known(city.low) ? at(city.low) : 0;
      place(q.range, from, known(city.high) ? at(city.high) - from : ranged ? 0 : at(city.value || 0));
      q.range.hidden = !known(city.value); q.range.className = ranged ? "" : "thick"; place(q.dot, at(city.value || low));
      q.dot.hidden = !ranged || !known(city.value); text(q.value, write(city.value));
    }, 99, p.rows);
  });
  const by = new Map(cities.map((city) => [String(city.code), city]));
  for (const area of main.querySelectorAll("[data-map] [data-code]")) area.setAttribute("class", bandOf(by.get(area.dataset.code) || {}));
  return by;
};
const show = () => {
  if (!state) return;
  scene = Math.min(scene, Math.max(some(state.scenes).length - 1, 0));
  const title = say(state.title) || document.title;
  list("title", title.split(/(“.*?”)/), (p, words, node, at) => { text(node, words); node.className = at % 2 ? "quoted" : ""; });
  $("title").classList.toggle("long", title.length > 24); $("demo").hidden = !state.demo;
  for (const part of main.querySelectorAll("[data-period]")) text(part, say(state.period));
  const of = (key) => some(state[key]);
  const cities = stage();
  list("kpis", of("kpis"), kpi, 7); levels(of("levels"));
  channels(of("channels")); list("loop", of("loop"), loop, 6); problems(of("problems"));
  list("packages", of("packages"), pack, 5);
  list("supervision", of("supervision"), (p, one) => tween(p.n, one.n, whole), 4);
  feed(of("pulses"), cities); trend(of("trend").slice(-31));
};
let turn = 0; // seconds that this scene has been shown
const pause = (on) => { paused = on; $("pause").setAttribute("aria-pressed", on); main.classList.toggle("paused", on); turn = 0; };
const go = (to, focus) => {
  const all = $("tabs").children.length || 1;
  scene = (to + all) % all; turn = 0; show();
  if (focus && $("tabs").children[scene]) $("tabs").children[scene].focus();
};
$("pause").addEventListener("click", () => pause(!paused));
$("twin").addEventListener("click", () => {
  const drawn = $("sheet").hidden; // the chart, until now
  $("sheet").hidden = !drawn; $("trend").hidden = drawn; $("twin").setAttribute("aria-pressed", drawn);
});
$("tabs").addEventListener("click", (event) => {
  const at = [...$("tabs").children].indexOf(event.target.closest("[role=tab]"));
  if (at >= 0) { pause(true); go(at); }
});
document.addEventListener("keydown", (event) => {
  const tab = event.target.closest("[role=tab]");
  const way = { ArrowRight: 1, ArrowLeft: -1, " ": 0 }[event.key];
  if (way === undefined || event.ctrlKey || event.altKey || event.metaKey || !(tab || event.target === document.body)) return;
  event.preventDefault();
  if (way) { pause(true); go(scene + way, tab); } else pause(!paused);
});

// --- live: messages that carry the whole state; without them for 15 s, or after two errors, the same state is asked for
let source, heard, asked, listened, failures, polling;
let skew = 0; // the server's clock minus ours
const take = (next, how) => {
  state = next; heard = now();
  if (Date.parse(state.at)) skew = Date.parse(state.at) - Date.now();
  if (how) main.dataset.link = how;
  show();
};
const ask = async () => {
  asked = now();
  try {
    const answer = await fetch(main.dataset.state, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const next = await answer.json();
    if (polling || !state) take(next, polling && "poll");
  } catch (error) { if (polling) main.dataset.link = "lost"; }
};
const shut = () => source && source.close();
const listen = () => {
  shut(); listened = now(); failures = 0; source = new EventSource(main.dataset.live);
  source.onmessage = (event) => { const next = JSON.parse(event.data); failures = 0; polling = false; take(next, "live"); };
  // a refused stream is not tried again by itself
  source.onerror = () => { failures += 1; if (failures > 1 || source.readyState === 2) polling = true; };
};
const away = () => document.hidden || narrow.matches;
const open = () => {
  shut();
  if (away()) return;
  polling = false; heard = now(); ask(); listen();
};
const clock = new Intl.DateTimeFormat(t("zh-CN", "en-GB"), { timeZone: "Asia/Shanghai", year: "numeric", month: "long", day: "numeric", weekday: "long", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const tick = () => {
  text($("clock"), clock.format(Date.now() + skew));
  if (away()) return;
  if (state) {
    const late = (now() - heard) / 1000;
    const age = late > 30 ? late : state.delay_seconds;
    const words = !known(age) ? "—" : age < 90 ? t(`${Math.round(age)} 秒`, `${Math.round(age)} s`) : joined(age / 60, "minutes");
    text($("delay"), late > 30 ? t(`数据已 ${words} 未更新`, `no news for ${words}`) : t(`数据延迟 ${words}`, `delay ${words}`));
    $("delay").classList.toggle("late", late > 30);
  }
  if (now() - heard > 15000) polling = true;
  if (polling && now() - asked >= 10000) ask();
  if (polling && now() - listened >= 60000) listen();
  turn += 1;
  if (!paused && turn >= 20 && state) go(scene + 1);
};
document.addEventListener("visibilitychange", open); narrow.addEventListener("change", open);
for (const key of ["trend", "problems"]) new ResizeObserver(() => { sizes.clear(); show(); }).observe($(key));
setInterval(tick, 1000); pause(paused); open(); tick();
