// Bundles every entry of src/ into ../src/haochaping/static/ with a hash in its name, and writes manifest.json.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

const out = "../src/haochaping/static";
rmSync(out, { recursive: true, force: true }); // or old hashed files would get into the wheel
mkdirSync(out, { recursive: true });
const entries = readdirSync("src").filter((name) => /\.(css|js)$/.test(name) && !name.startsWith("_"));
const manifest = {};
for (const name of entries) {
  const css = name.endsWith(".css");
  const result = await build({
    entryPoints: [`src/${name}`],
    bundle: true,
    minify: true,
    metafile: true,
    outdir: out,
    entryNames: "[name]-[hash]",
    // htmx does not lower further than es2018; Chromium 80 stands for old WeChat and domestic browsers
    target: css ? ["chrome80", "safari14.1"] : ["es2018"],
    format: css ? undefined : "iife",
    logLevel: "warning",
  });
  for (const path of Object.keys(result.metafile.outputs)) manifest[name] = basename(path);
}
for (const name of readdirSync("src").filter((entry) => entry.endsWith(".webmanifest"))) {
  const content = readFileSync(`src/${name}`);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  manifest[name] = `${basename(name, ".webmanifest")}-${hash}.webmanifest`;
  writeFileSync(`${out}/${manifest[name]}`, content);
}
// the programs with which anybody checks us are given away as they are
for (const name of ["hcp_verify.py", "hcp_witness.py"]) {
  const content = readFileSync(`../clients/verify/${name}`);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  manifest[name] = `${basename(name, ".py")}-${hash}.txt`;
  writeFileSync(`${out}/${manifest[name]}`, content);
}
writeFileSync(`${out}/manifest.json`, JSON.stringify(manifest, null, 1));
