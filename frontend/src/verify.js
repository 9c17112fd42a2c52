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
  const index = Number(lines.shift().replace("index ", ""));
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
    if (!key) continue;
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

async function fetched(place) {
  const answer = await fetch(place, { credentials: "omit" });
  if (!answer.ok) throw new Away(place);
  return new Uint8Array(await answer.arrayBuffer());
}

const read = (data) => JSON.parse(plain.decode(data));

// a department's cell and those of every place that it lies in, as codes tell
async function cellsOf(base, said, department) {
  const own = 10 ** 15 + department;
  const sha = said.cells_sha256;
  const names = await fetched(`${base}/daybook/cells${sha ? `-${sha.slice(0, 16)}` : ""}.json`);
  if (sha && hex(sha256(names)) !== sha) throw new Wrong("cells");
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
  if (!included(leaf, proof.index, size, proof.path, root)) throw new Wrong("statement");
  if (said.log.origin !== origin) throw new Wrong("statement");
  if (few) throw new Away("witnesses"); // they may sign yet: that proves nothing
  return said;
}

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
    const rows = await fetched(`${base}/daybook/${day}.rows`);
    if (hex(sha256(rows)) !== said.daybook.sha256) throw new Wrong("book");
    for (let at = 0; at < rows.length; at += 42) {
      if (same(rows.slice(at, at + 32), tag)) {
        if (rows[at + 40] !== record.level) throw new Wrong("level");
        const cell = Number(BigInt(`0x${hex(rows.slice(at + 32, at + 40))}`));
        if (!(await cellsOf(base, said, record.department)).includes(cell)) throw new Wrong("cell");
        return ["good", day];
      }
    }
    const few = said.excluded.too_few || 0;
    if (!rows.length && few && few < said.rules.smallest_cell) return ["few", day];
    throw new Wrong("missing");
  }
  if (later) throw new Wrong("no book"); // a later day is closed, and none holds the rating
  return [Date.now() - Date.parse(record.received_at) > DAYS ? "late" : "none", ""];
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
    const leaf = sha256(joined(Uint8Array.of(0, 1, kind), commitment, tail));
    if (!included(leaf, index, size, path, root)) throw new Wrong("leaf");
    tell(step, "good", `${index.toLocaleString()} / ${size.toLocaleString()}`);
    step = "book";
    const base = `/ledger/${origin.split("/").pop()}`;
    const [state, day] = kind !== 1 ? ["changed", ""]
      : await inBook(base, record, index, keys, enough).catch((error) => {
        if (error instanceof Wrong) throw error;
        return ["away", ""]; // no network, or a file that nobody can read: proves nothing
      });
    tell(step, state, day);
    const whole = state !== "late" && state !== "away";
    said.dataset.state = whole ? "good" : "part";
    said.querySelector("p").textContent = said.dataset[said.dataset.state];
    const level = said.querySelector("details");
    level.hidden = false;
    level.querySelector("p").textContent = form.dataset.levels.split("|")[5 - record.level];
  } catch {
    tell(step, "bad");
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
