/* bench/scan.mjs: what looking for leaked keys costs, beside other people's programs
 *
 *   files     rg -c for the same 48 texts (four prefixes in twelve encodings) over the same folder
 *   history   git cat-file --batch --batch-all-objects --unordered, which only unpacks
 *   network   git clone --bare, and then that: a first look at a repository on a server (git-http-backend on
 *             loopback, whose CPU is not counted)
 *   package   tar xzf and rg over what came out
 *
 * CPU seconds of user and system, the least of five runs each in turn; ours without the time it takes to
 * compile its patterns, which is printed.  Repositories: this one, and one that is made here (2.9 GB of
 * content in 7,200 versions of 120 files, by git fast-import).
 *
 * Usage: node bench/scan.mjs [FOLDER]: where it may put 200 MB, by default a temporary one
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url)), latchkey = join(root, 'build/latchkey');
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'bench-scan-'));
const ROUNDS = 5, FILES = 120, VERSIONS = 60;

process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/* {cpu, wall} in seconds of a shell command. */
function run(command) {
  const { stderr, status } = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S %R'; time { ${command} ; } >/dev/null 2>/dev/null`], { encoding: 'utf8' });
  const [user, system, wall] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  if (!(wall >= 0)) throw new Error(`${command}: ${status} ${stderr}`);
  return { cpu: user + system, wall };
}

/* The least of each, taken in turn. */
function least(...commands) {
  const best = commands.map(() => ({ cpu: Infinity, wall: Infinity }));
  for (let round = 0; round < ROUNDS; round += 1)
    commands.forEach((command, i) => {
      const { cpu, wall } = run(command);
      best[i] = { cpu: Math.min(best[i].cpu, cpu), wall: Math.min(best[i].wall, wall) };
    });
  return best;
}

const empty = join(folder, 'empty');
writeFileSync(empty, '\n');
const [start] = least(`${latchkey} scan ${empty}`);

function report(what, [ours, theirs], control, aim, bytes) {
  const cpu = Math.max(ours.cpu - start.cpu, 0.001);
  console.log(`${what.padEnd(34)} ${cpu.toFixed(3)} s CPU (${(bytes / 1e6 / Math.max(ours.wall - start.wall, 0.001)).toFixed(0)} MB/s), `
    + `${control} ${theirs.cpu.toFixed(3)} s: ${aim(cpu, theirs.cpu)}`);
}

console.log(`compiling the patterns, each time: ${start.cpu.toFixed(3)} s CPU`);

/* ---- files ---- */

const ENCODINGS = [
  (t) => t, (t) => [...t].map((c) => `${c}\\x00`).join(''), (t) => [...t].map((c) => `\\x00${c}`).join(''),
  (t) => Buffer.from(t).toString('hex'),
  ...[0, 1, 2].map((skip) => (t) => Buffer.from('x'.repeat(skip) + t).toString('base64').slice(skip && 4, -4)),
  (t) => [...t].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''), (t) => [...t].map((c) => `\\\\u00${c.charCodeAt(0).toString(16)}`).join(''),
  (t) => [...t].map((c) => `\\\\x${c.charCodeAt(0).toString(16)}`).join(''), (t) => [...t].map((c) => `&#x${c.charCodeAt(0).toString(16)};`).join(''),
  (t) => [...t].map((c) => `&#${c.charCodeAt(0)};`).join(''),
];
const patterns = join(folder, 'patterns');
writeFileSync(patterns, ['lki_live_', 'lki_test_', 'lks_live_', 'lks_test_']
  .flatMap((prefix) => ENCODINGS.map((encode) => encode(prefix).replace(/[+]/g, '\\+'))).join('\n'));
const rg = (where) => `rg -c -a -uuu -j2 --no-unicode -f ${patterns} ${where}`;

function sizeOf(path) {
  const about = statSync(path, { throwIfNoEntry: false });
  return about?.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : about?.size ?? 0;
}

const plain = join(folder, 'plain');
mkdirSync(plain);
for (let i = 0; i < 4; i += 1) execFileSync('cp', ['-r', '/usr/include', join(plain, String(i))]);
execFileSync('find', [plain, '-type', 'l', '-delete']);
report('files: /usr/include, four times', least(`${latchkey} scan ${plain}`, rg(plain)), 'rg', (a, b) => `${(b / a).toFixed(2)} times as fast (aim 1.5)`, sizeOf(plain));

/* ---- history ---- */

function contentOf(git) {
  return execFileSync('git', ['-C', git, 'cat-file', '--batch-check=%(objectsize)', '--batch-all-objects', '--unordered'], { encoding: 'utf8', maxBuffer: 1e9 })
    .split('\n').reduce((total, line) => total + Number(line), 0);
}

function history(name, git) {
  report(`history: ${name}`, least(`${latchkey} scan ${git}`, `git -C ${git} cat-file --batch --batch-all-objects --unordered`), 'git cat-file',
    (a, b) => `ratio ${(a / b).toFixed(2)} (aim 0.25)`, contentOf(git));
}

let seed = 7;
const random = (below) => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % below;
};

/* fast-import tells a blob by its difference to the one before, so versions come file by file. */
async function repositoryMake(git) {
  execFileSync('git', ['init', '-q', '--bare', git]);
  const child = spawn('git', ['-C', git, 'fast-import', '--quiet', '--depth=50'], { stdio: ['pipe', 'inherit', 'inherit'] });
  const write = async (bytes) => { if (!child.stdin.write(bytes)) await once(child.stdin, 'drain'); };
  const ended = once(child, 'close');
  const words = readFileSync(join(root, 'src/base/buffer.c'), 'utf8').split(/\s+/);
  for (let file = 0; file < FILES; file += 1) {
    const lines = Array.from({ length: 9000 }, () => Array.from({ length: 6 }, () => words[random(words.length)]).join(' '));
    for (let version = 0; version < VERSIONS; version += 1) {
      for (let edit = 0; edit < 8; edit += 1) lines[random(lines.length)] = `edit ${version} ${random(1e9)}`;
      const text = Buffer.from(lines.join('\n'));
      await write(`blob\nmark :${1 + file * VERSIONS + version}\ndata ${text.length}\n`);
      await write(text);
      await write('\n');
    }
  }
  for (let version = 0; version < VERSIONS; version += 1) {
    await write(`commit refs/heads/main\ncommitter a <a@b> ${1700000000 + version} +0000\ndata 1\n${version % 10}\n`);
    for (let file = 0; file < FILES; file += 1) await write(`M 100644 :${1 + file * VERSIONS + version} file${file}.txt\n`);
    await write('\n');
  }
  child.stdin.end();
  await ended;
}

const generated = join(folder, 'generated.git');
await repositoryMake(generated);
history('made here', generated);
if (existsSync(join(root, '.git'))) {
  const own = join(folder, 'own.git');
  execFileSync('git', ['clone', '-q', '--bare', root, own]);
  execFileSync('git', ['-C', own, 'repack', '-adq']);
  history('this repository', own);
}

/* ---- network ---- */

/* A process of its own: this one waits for what it measures. */
const server = spawn('node', ['--input-type=module', '-e', `import { gitServer } from '${join(root, 'tests/scenarios/git_server.mjs')}';
  console.log((await gitServer('${folder}')).base);`], { stdio: ['ignore', 'pipe', 'inherit'] });
const [base] = await once(server.stdout.setEncoding('utf8'), 'data');
process.on('exit', () => server.kill());
const cloned = join(folder, 'cloned');
for (const name of ['generated', 'own'])
  if (existsSync(join(folder, `${name}.git`)))
    report(`network: ${name}`, least(`${latchkey} scan ${base.trim()}/${name}.git`,
      `git clone -q --bare ${base.trim()}/${name}.git ${cloned}; git -C ${cloned} cat-file --batch --batch-all-objects --unordered; rm -rf ${cloned}`),
    'git clone and cat-file', (a, b) => `ratio ${(a / b).toFixed(2)}`, contentOf(join(folder, `${name}.git`)));

/* ---- package ---- */

const ccxt = join(root, 'tests/clients/node_modules/ccxt');
if (existsSync(ccxt)) {
  const archive = join(folder, 'ccxt.tgz'), out = join(folder, 'out');
  execFileSync('tar', ['czf', archive, '-C', join(ccxt, '..'), 'ccxt']);
  report('package: ccxt, a tarball', least(`${latchkey} scan ${archive}`, `rm -rf ${out}; mkdir ${out}; tar xzf ${archive} -C ${out}; ${rg(out)}`), 'tar xzf and rg',
    (a, b) => `ratio ${(a / b).toFixed(2)} (aim 0.25)`, sizeOf(ccxt));
} else console.log('package: ccxt is not here: ./dev test installs it');
server.kill();
