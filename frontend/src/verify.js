// Checks a receipt in the browser: what the server says is not believed, only what can be counted
// again. Formats: docs/publish/verify.md.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";

const text = new TextEncoder();
const plain = new TextDecoder();
const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
const bytes = (told) => Uint8Array.from(told.match(/../g) || [], (one) => parseInt(one, 16));
const raw = (told) => Uint8Array.from(atob(told), (one) => one.charCodeAt(0));
const same = (left, right) => hex(left) === hex(right);

function joined(...parts) {
  const all = parts.map((part) => (typeof part === "string" ? text.encode(part) : part));
  const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

class Wrong extends Error {} // which check failed is told by the step it failed in
class Away extends Error {} // a file that is not there (yet), or no network: proves nothing

// RFC 8785, for texts, whole numbers, lists and objects
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value && typeof value === "object") {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

function u64(number) {
  const found = new Uint8Array(8);
  for (let at = 7, left = number; at >= 0; at -= 1, left = Math.floor(left / 256)) found[at] = left % 256;
  return found;
}

// C2SP tlog-proof
function readProof(file) {
  const cut = file.indexOf("\n\n");
  const lines = file.slice(0, cut).split("\n");
  if (cut < 0 || lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Wrong("format");
  const extra = lines[0].startsWith("extra ") ? raw(lines.shift().slice(6)) : null;
  const opening = extra && JSON.parse(plain.decode(extra));
  const [, told] = /^index (0|[1-9][0-9]*)$/.exec(lines.shift()) || [];
  if (!told) throw new Wrong("format");
  const index = Number(told);
  return { opening, index, path: lines.map(raw), note: file.slice(cut + 2) };
}

// RFC 9162 §2.1.3.2
function included(leaf, index, size, path, root) {
  let [found, place, last] = [leaf, index, size - 1];
  if ([leaf, root, ...path].some((one) => one.length !== 32)) return false;
  const half = () => { place = Math.floor(place / 2); last = Math.floor(last / 2); };
  for (const node of path) {
    if (place % 2 || place === last) {
      found = sha256(joined(Uint8Array.of(1), node, found));
      while (place % 2 === 0 && place) half();
    } else found = sha256(joined(Uint8Array.of(1), found, node));
    half();
  }
  return last === 0 && index < size && same(found, root);
}

function readKey(told) {
  const [name, id, ...rest] = told.trim().split("+");
  const data = raw(rest.join("+"));
  if (hex(sha256(joined(`${name}\n`, data)).slice(0, 4)) !== id) throw new Wrong("key");
  return { name, id, kind: data[0], key: data.slice(1) };
}

// C2SP signed-note; says who of the keys signed
function signers(note, keys) {
  const cut = note.lastIndexOf("\n\n");
  const body = note.slice(0, cut + 1);
  const found = [];
  for (const line of note.slice(cut + 2).split("\n").filter(Boolean)) {
    const [name, data] = line.slice(2).split(" ");
    const signature = raw(data);
    const key = keys.find((one) => one.name === name && one.id === hex(signature.slice(0, 4)));
    if (!key || (key.kind !== 1 && key.kind !== 4)) continue; // kinds that are not known here
    let message = text.encode(body);
    let signed = signature.slice(4);
    if (key.kind === 4) {
      const at = signed.slice(0, 8).reduce((sum, one) => sum * 256 + one, 0);
      message = text.encode(`cosignature/v1\ntime ${at}\n${body}`);
      signed = signed.slice(8);
    }
    if (!ed25519.verify(signed, message, key.key)) throw new Wrong("signature");
    found.push(key);
  }
  return { body, found };
}

// origin, size and root of a checkpoint that its log and enough witnesses have signed
function trusted(note, keys, enough) {
  const { body, found } = signers(note, keys);
  const [origin, size, root] = body.split("\n");
  if (!found.some((one) => one.kind === 1 && one.name === origin)) throw new Wrong("unsigned");
  const witnesses = [...new Set(found.filter((one) => one.kind === 4).map((one) => one.name))];
  return { origin, size: Number(size), root: raw(root), witnesses, few: witnesses.length < enough };
}

// no network, or a server in trouble, proves nothing; one that has not what it should holds it back
async function fetched(place) {
  const answer = await fetch(place, { credentials: "omit" }).catch(() => { throw new Away(place); });
  if (answer.status >= 500) throw new Away(place);
  if (!answer.ok) throw new Wrong("withheld");
  return new Uint8Array(await answer.arrayBuffer().catch(() => { throw new Away(place); }));
}

const read = (data) => JSON.parse(plain.decode(data));

// a department's cell and those of every place that it lies in, the nearest first, as codes tell
async function cellsOf(base, said, department) {
  const own = 10 ** 15 + department;
  const sha = said.cells_sha256;
  const names = await fetched(`${base}/daybook/cells-${sha.slice(0, 16)}.json`);
  if (hex(sha256(names)) !== sha) throw new Wrong("cells");
  const place = Number(read(names)[own].above);
  return [own, ...[0, 3, 6, 8, 10].map((digits) => place - (place % 10 ** digits))];
}

// the statement of a day, which must be a leaf of the log
async function statement(base, day, keys, enough) {
  const data = await fetched(`${base}/daybook/${day}.json`);
  const proof = readProof(plain.decode(await fetched(`${base}/daybook/${day}.tlog-proof`)));
  const { origin, size, root, few } = trusted(proof.note, keys, enough);
  const leaf = sha256(joined(Uint8Array.of(0, 1, 7), sha256(joined("hcp/v1/public\0", data))));
  const said = read(data);
  if (canonical(said) !== plain.decode(data) || said.day !== day) throw new Wrong("statement");
  if (said.rules.id !== RULES || said.rules.smallest_cell !== SMALLEST) throw new Wrong("rules");
  const { from, to } = said.log;
  if (!(from >= 0 && from <= to && to <= proof.index)) throw new Wrong("statement");
  for (const [reason, number] of Object.entries(said.excluded)) {
    if (!REASONS.includes(reason) || !(Number.isInteger(number) && number > 0)) throw new Wrong("reason");
    if (reason.startsWith("too_few") && number >= SMALLEST) throw new Wrong("reason");
  }
  if (!included(leaf, proof.index, size, proof.path, root)) throw new Wrong("statement");
  if (said.log.origin !== origin) throw new Wrong("statement");
  if (few) throw new Away("witnesses"); // they may sign yet: that proves nothing
  return said;
}

// the root over the rows of a book
function rootOf(rows) {
  const stack = [];
  rows.forEach((row, number) => {
    let found = sha256(joined(Uint8Array.of(0), row));
    for (let size = number; size % 2; size = Math.floor(size / 2)) {
      found = sha256(joined(Uint8Array.of(1), stack.pop(), found));
    }
    stack.push(found);
  });
  if (!stack.length) return hex(sha256(new Uint8Array(0)));
  return hex(stack.reduceRight((right, left) => sha256(joined(Uint8Array.of(1), left, right))));
}

// the rows of a day: in order, none twice, and those that the statement commits to
async function bookOf(base, said) {
  const data = await fetched(`${base}/daybook/${said.day}.rows`);
  const rows = [];
  for (let at = 0; at < data.length; at += 42) rows.push(data.slice(at, at + 42));
  const told = rows.map(hex);
  if (data.length % 42 || told.some((row, at) => at && row <= told[at - 1])) throw new Wrong("book");
  const { rows: number, root, sha256: digest } = said.daybook;
  if (rows.length !== number || hex(sha256(data)) !== digest || rootOf(rows) !== root) {
    throw new Wrong("book");
  }
  return rows;
}

// the copy in which the book is looked up must hold the rating's own leaf: else two histories are shown
async function sameLog(base, origin, index, entry, keys, enough) {
  const tree = trusted(plain.decode(await fetched(`${base}/checkpoint`)), keys, enough);
  if (tree.origin !== origin) throw new Wrong("fork");
  if (index >= tree.size) throw new Away("older");
  const group = (number) => String(number % 1000).padStart(3, "0");
  let number = Math.floor(index / 256);
  const width = Math.min(256, tree.size - number * 256);
  let name = group(number);
  while (number >= 1000) { number = Math.floor(number / 1000); name = `x${group(number)}/${name}`; }
  const whole = `${base}/tile/entries/${name}`;
  // a log that grows takes the part of a bundle away once the whole one is there, which begins with it
  const bundle = await (width < 256 ? fetched(`${whole}.p/${width}`).catch((error) => {
    if (error instanceof Away) throw error;
    return fetched(whole);
  }) : fetched(whole));
  let at = 0;
  for (let left = index % 256; left; left -= 1) at += 2 + bundle[at] * 256 + bundle[at + 1];
  const length = bundle[at] * 256 + bundle[at + 1];
  if (!same(bundle.slice(at + 2, at + 2 + length), entry)) throw new Wrong("fork");
}

const [RULES, SMALLEST] = ["daybook/2", 10]; // by which days are closed, and rows of a cell by these
const REASONS = ["erased", "probe", "too_few", "too_few_follow_ups", "orphan"]; // for having no row
const DAYS = 2 * 86400 * 1000; // after which the book of a rating's day is published

// the day book that covers a leaf: the log commits to it, and the rating's row lies where it should.
// Without a row: the day is not closed yet (late: it should be), or had too few ratings to show any
async function inBook(base, record, index, keys, enough) {
  const tag = sha256(joined("hcp/v1/row\0", bytes(record.row_salt), u64(index)));
  let later = "";
  for (const day of read(await fetched(`${base}/daybook/index.json`)).reverse()) {
    const { log } = read(await fetched(`${base}/daybook/${day}.json`));
    if (log.from > index) { later = day; continue; }
    const said = await statement(base, day, keys, enough);
    if (said.log.from > index || index >= said.log.to) break;
    const rows = await bookOf(base, said);
    const again = record.kind === "follow_up" ? 1 : 0;
    const cell = (row) => Number(BigInt(`0x${hex(row.slice(32, 40))}`));
    const shown = new Set(rows.filter((row) => row[41] === again).map(cell));
    const mine = rows.find((row) => same(row.slice(0, 32), tag));
    if (mine) {
      if (mine[40] !== record.level || mine[41] !== again) throw new Wrong("level");
      const path = await cellsOf(base, said, record.department);
      if (path.find((one) => shown.has(one)) !== cell(mine)) throw new Wrong("cell");
      return ["good", day];
    }
    if (!shown.size && said.excluded[REASONS[2 + again]]) return ["few", day];
    throw new Wrong("missing");
  }
  if (later) throw new Wrong("no book"); // a later day is closed, and none holds the rating
  return [Math.abs(Date.now() - Date.parse(record.received_at)) > DAYS ? "late" : "none", ""];
}

const form = document.querySelector("form[data-verify]");
const steps = document.querySelector("[data-steps]");
const said = document.querySelector("[data-said]");

function tell(step, state, more) {
  const line = steps.querySelector(`[data-step="${step}"]`);
  line.dataset.state = state;
  line.querySelector("span").textContent = `${line.dataset[state] || ""}${more ? ` ${more}` : ""}`;
}

async function check(file) {
  let step = "format";
  try {
    const { opening, index, path, note } = readProof(file);
    if (!opening) throw new Wrong("format");
    const { record } = opening;
    tell(step, "good", `${record.receipt}`);
    step = "signature";
    const keys = form.elements.keys.value.split("\n").filter((one) => one.trim()).map(readKey);
    const enough = Number(form.elements.enough.value) || 0;
    const { origin, size, root, witnesses, few } = trusted(note, keys, enough);
    tell(step, "good", origin);
    step = "witness";
    if (few) throw new Wrong("witness");
    tell(step, witnesses.length ? "good" : "none", witnesses.join("、"));
    step = "leaf";
    const told = sha256(text.encode(canonical(record)));
    const commitment = sha256(joined("hcp/v1/leaf\0", bytes(opening.salt), told));
    const kind = opening.leaf || 1; // 2: what replaced a rating, which changes another leaf
    const tail = bytes(opening.changes || "");
    if ((kind !== 1 || tail.length) && (kind !== 2 || tail.length !== 9)) throw new Wrong("leaf");
    if (record.origin === 3) throw new Wrong("probe"); // the platform's own test of a channel
    const entry = joined(Uint8Array.of(1, kind), commitment, tail);
    const leaf = sha256(joined(Uint8Array.of(0), entry));
    if (!included(leaf, index, size, path, root)) throw new Wrong("leaf");
    tell(step, "good", `${index.toLocaleString()} / ${size.toLocaleString()}`);
    step = "book";
    const base = `/ledger/${origin.split("/").pop()}`;
    const looked = async () => {
      await sameLog(base, origin, index, entry, keys, enough);
      return kind !== 1 ? ["changed", ""] : inBook(base, record, index, keys, enough);
    };
    const [state, day] = await looked().catch((error) => {
      if (error instanceof Away) return ["away", ""];
      throw error; // what cannot be read was not written as it should be
    });
    if (state === "late") throw new Wrong("late");
    tell(step, state, day);
    const whole = state !== "away";
    said.dataset.state = whole ? "good" : "part";
    said.querySelector("p").textContent = said.dataset[said.dataset.state];
    const level = said.querySelector("details");
    level.hidden = false;
    level.querySelector("p").textContent = form.dataset.levels.split("|")[5 - record.level];
  } catch (error) {
    tell(step, error.message === "late" ? "late" : "bad");
    said.dataset.state = "bad";
    said.querySelector("p").textContent = said.dataset.bad;
  }
  said.hidden = false;
  said.querySelector("p").focus();
}

if (form) {
  form.elements.file.addEventListener("change", async () => {
    const [file] = form.elements.file.files;
    if (file && file.size < 100000) form.elements.proof.value = await file.text();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const line of steps.children) tell(line.dataset.step, "", "");
    steps.hidden = false;
    said.querySelector("details").hidden = true;
    check(form.elements.proof.value.replace(/\r\n/g, "\n").replace(/\n*$/, "\n"));
  });
  form.querySelector("button").disabled = false;
  document.documentElement.classList.add("can-verify");
}
