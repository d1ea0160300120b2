// size.mjs: how much script the first page loads, gzipped; fails above the limit.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 150 * 1000;
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const files = new Set();

function add(name) {
  const chunk = manifest[name];
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const other of chunk.imports ?? []) add(other);
}

// The entry, what it imports, and the largest page: whichever one opens first.
add('index.html');
const size = (file) => gzipSync(readFileSync(`dist/${file}`)).length;
const entry = [...files].reduce((sum, file) => sum + size(file), 0);
let largest = 0, page = '';
for (const [name, chunk] of Object.entries(manifest)) {
  if (!name.startsWith('src/pages/') || !chunk.isDynamicEntry) continue;
  files.clear();
  add('index.html');
  add(name);
  const total = [...files].reduce((sum, file) => sum + size(file), 0) - entry;
  if (total > largest) [largest, page] = [total, name];
}
const total = entry + largest;
console.log(`script for the first page: ${(total / 1000).toFixed(1)} kB gzip of at most ${LIMIT_BYTES / 1000} ` +
  `(${(entry / 1000).toFixed(1)} for every page, ${(largest / 1000).toFixed(1)} for ${page || 'none'})`);
if (total > LIMIT_BYTES) process.exit(1);
