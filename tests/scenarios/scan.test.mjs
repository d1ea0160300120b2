/* latchkey scan: keys planted in real repositories, archives and packages, made by git, tar, zip and
 * npm themselves; everything that could not be looked at is said; nothing found where nothing is. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crc32, gzipSync } from 'node:zlib';
import { gitServer } from './git_server.mjs';
import { latchkey, run } from './harness.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/* zlib.crc32 came with Node 22. */
function checksum(text) {
  let crc = ~0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const value = crc32?.(text) ?? ~crc >>> 0;
  let rest = value, digits = '';
  for (let i = 0; i < 6; i += 1, rest = Math.floor(rest / 62)) digits = DIGITS[rest % 62] + digits;
  return digits;
}
const drawn = (prefix, size) => {
  const text = prefix + [...randomBytes(size)].map((byte) => DIGITS[byte % 62]).join('');
  return text + checksum(text);
};
const secret = () => drawn('lks_live_', 40);
const id = () => drawn('lki_test_', 16);

let folder;
const at = (...names) => join(folder, ...names);
const shell = (program, args, cwd = folder, input = undefined) => execFileSync(program, args, { cwd, encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'],
  env: { ...process.env, GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com', GIT_CONFIG_GLOBAL: '/dev/null' } });
before(() => { folder = mkdtempSync(join(tmpdir(), 'lk-scan-')); });
after(() => { rmSync(folder, { recursive: true, force: true }); });

/* The findings of a scan as JSON, and that no output has a secret in it. */
async function scan(paths, { code, secrets = [], env = {} }) {
  const json = await run(latchkey, ['scan', '--json', ...paths], { cwd: folder, env });
  assert.equal(json.code, code, json.stdout + json.stderr);
  for (const each of secrets) assert.ok(!`${json.stdout}${json.stderr}`.includes(each.slice(9, 49)), 'a secret is in the report');
  const lines = json.stdout.trim().split('\n').map((line) => JSON.parse(line));
  return { findings: lines.filter(({ type }) => type === 'finding'), incomplete: lines.filter(({ type }) => type === 'incomplete'), traces: lines.filter(({ type }) => type === 'trace'), summary: lines.at(-1) };
}
const shown = (text) => `${text.slice(0, 9)}…${text.slice(-4)}`;
const shownOf = (findings) => [...new Set(findings.map((finding) => finding.shown))].sort();

test('a repository: whatever git keeps, reachable or not', async () => {
  const repo = at('repo'), git = (...args) => shell('git', args, repo);
  mkdirSync(repo);
  git('init', '-q', '-b', 'main');
  const planted = Object.fromEntries(['working', 'deleted', 'amended', 'stash', 'note', 'tag', 'message', 'submodule', 'merge', 'dropped']
    .map((name) => [name, secret()]));
  const commit = (...args) => git('commit', '-q', '--allow-empty', ...args);
  const put = (name, text) => { writeFileSync(join(repo, name), `${text}\n`); git('add', name); };
  put('deleted.txt', planted.deleted);
  commit('-m', `first ${planted.message}`);
  git('rm', '-q', 'deleted.txt');
  put('.gitmodules', `[submodule "x"]\n\tpath = x\n\turl = https://${planted.submodule}@git.example/x.git`);
  commit('-m', 'second');
  put('amended.txt', planted.amended);
  commit('-m', 'third');
  put('amended.txt', 'nothing');
  commit('--amend', '-m', 'third again');
  put('file.txt', planted.stash);
  git('stash', '-q');
  git('notes', 'add', '-m', planted.note);
  git('tag', '-a', 'v1', '-m', planted.tag);
  git('checkout', '-q', '-b', 'side');
  put('other.txt', 'side');
  commit('-m', 'side');
  git('checkout', '-q', 'main');
  put('other.txt', 'main');
  commit('-m', 'main');
  try { git('merge', '-q', 'side'); } catch { /* they conflict, on purpose */ }
  put('other.txt', planted.merge);
  commit('-m', 'merged');
  put('other.txt', 'clean');
  commit('-m', 'clean');
  git('gc', '-q'); // all so far is packed now; what comes is loose
  put('dropped.txt', planted.dropped);
  git('rm', '-q', '--cached', 'dropped.txt');
  rmSync(join(repo, 'dropped.txt'));
  const named = id();
  put(`${named}.txt`, 'x');
  commit('-m', 'a name');
  writeFileSync(join(repo, 'working.txt'), planted.working);

  const { findings } = await scan([repo], { code: 1, secrets: Object.values(planted) });
  assert.deepEqual(shownOf(findings), [...Object.values(planted).map(shown), named].sort());
  /* The same as git's own walk over all objects. */
  const all = shell('sh', ['-c', 'git cat-file --batch-all-objects --batch-check="%(objectname) %(objecttype)" | while read -r object type; do git cat-file "$type" "$object"; echo; done'], repo);
  for (const [name, text] of Object.entries(planted)) if (name !== 'working') assert.ok(all.includes(text), name);

  shell('git', ['clone', '-q', '--bare', repo, 'bare.git']);
  const bare = await scan(['bare.git'], { code: 1 });
  assert.ok(shownOf(bare.findings).includes(shown(planted.deleted)), 'a bare one');
  shell('git', ['clone', '-q', '--depth', '1', `file://${repo}`, 'shallow']);
  const shallow = await scan(['shallow'], { code: 1 });
  assert.ok(!shownOf(shallow.findings).includes(shown(planted.deleted)) && shownOf(shallow.findings).includes(shown(planted.submodule)), 'a shallow one');
  shell('git', ['clone', '-q', '--shared', repo, 'borrower']);
  const borrower = await scan(['borrower'], { code: 1 });
  assert.deepEqual(borrower.incomplete, []);
  assert.deepEqual(shownOf(borrower.findings), [...Object.entries(planted).filter(([name]) => name !== 'working').map(([, text]) => shown(text)), named].sort(), 'with what it borrows');

  const long = at('sha256'), git256 = (...args) => shell('git', args, long);
  shell('git', ['init', '-q', '--object-format=sha256', 'sha256']);
  const [packed, delta, loose] = [secret(), secret(), secret()];
  const lines = Array.from({ length: 500 }, (_, n) => `line ${n * n}`);
  for (const text of [packed, delta]) {
    writeFileSync(join(long, 'a.txt'), [...lines, text, ''].join('\n'));
    git256('add', 'a.txt');
    git256('commit', '-qm', 'a');
  }
  git256('gc', '-q');
  writeFileSync(join(long, 'a.txt'), `${loose}\n`);
  git256('add', 'a.txt');
  const sha256 = await scan(['sha256/.git'], { code: 1 });
  assert.deepEqual(shownOf(sha256.findings), [packed, delta, loose].map(shown).sort());
  assert.equal(sha256.incomplete.length, 0);
  assert.ok(sha256.findings.every(({ place }) => /object [0-9a-f]{64} \(blob\)/.test(place)), 'with their long ids');
});

test('archives in archives, whatever compressed them', async () => {
  const planted = secret(), inner = id();
  mkdirSync(at('in'));
  writeFileSync(at('in', 'bundle.js'), `const a = "${planted}";\nconst id = "${inner}";\n`);
  shell('tar', ['czf', 'deep.tgz', 'in']);
  shell('zip', ['-q', 'middle.zip', 'deep.tgz']);
  shell('tar', ['cJf', 'outer.tar.xz', 'middle.zip']);
  for (const [name, program] of [['a.xz', 'xz'], ['a.zst', 'zstd'], ['a.bz2', 'bzip2'], ['a.gz', 'gzip']])
    writeFileSync(at(name), execFileSync(program, ['-c', at('in', 'bundle.js')]));
  for (const name of ['deep.tgz', 'middle.zip', 'outer.tar.xz', 'a.xz', 'a.zst', 'a.bz2', 'a.gz']) {
    const { findings, incomplete } = await scan([name], { code: 1, secrets: [planted] });
    assert.deepEqual(incomplete, [], name);
    assert.deepEqual(findings.map((finding) => [finding.shown, finding.line]), [[shown(planted), 1], [inner, 2]], name);
    assert.equal(findings[0].sha256, findings.find((finding) => finding.kind === 'secret').sha256);
  }
  assert.equal((await scan(['outer.tar.xz'], { code: 1 })).findings[0].place, 'outer.tar.xz!middle.zip!deep.tgz!in/bundle.js');
  /* Not compressed in the archive, and behind its end: told once each. */
  shell('zip', ['-q', '-0', 'stored.zip', 'in/bundle.js']);
  const behind = secret();
  writeFileSync(at('stored.zip'), Buffer.concat([readFileSync(at('stored.zip')), Buffer.from(behind)]));
  assert.deepEqual((await scan(['stored.zip'], { code: 1 })).findings.map((finding) => finding.shown).sort(), [shown(planted), shown(behind), inner].sort());
  /* What begins with zeros is an empty tar to many. */
  writeFileSync(at('zeros.gz'), gzipSync(Buffer.concat([Buffer.alloc(1024), Buffer.from(planted)])));
  assert.equal((await scan(['zeros.gz'], { code: 1 })).findings.length, 1);
});

test('an archive of the web: each record, as it came over the wire', async () => {
  const planted = Object.fromEntries(['plain', 'chunked', 'packed', 'both', 'request', 'address', 'cookie'].map((name) => [name, secret()]));
  const head = (...lines) => Buffer.from(['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n'));
  const chunks = (bytes) => Buffer.concat([...Array.from({ length: Math.ceil(bytes.length / 40) }, (_, i) => bytes.subarray(i * 40, i * 40 + 40))
    .flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]), Buffer.from('0\r\n\r\n')]);
  const text = (key) => Buffer.from(`var k = "${key}";\n`);
  const record = (type, uri, body) => Buffer.concat([
    Buffer.from(`WARC/1.0\r\nWARC-Type: ${type}\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: ${uri}\r\nWARC-Date: 2026-11-23T00:00:00Z\r\nContent-Length: ${body.length}\r\n\r\n`), body, Buffer.from('\r\n\r\n')]);
  const records = [
    record('warcinfo', 'urn:a', Buffer.from('software: x')),
    record('request', 'https://a.example/ask', Buffer.from(`GET /ask HTTP/1.1\r\nAuthorization: ${planted.request}\r\n\r\n`)),
    record('response', 'https://a.example/plain.js', Buffer.concat([head('Content-Type: text/javascript'), text(planted.plain)])),
    record('response', 'https://a.example/chunked.js', Buffer.concat([head('Transfer-Encoding: chunked', `Set-Cookie: ${planted.cookie}`), chunks(text(planted.chunked))])),
    record('response', 'https://a.example/packed.js', Buffer.concat([head('Content-Encoding: gzip'), gzipSync(text(planted.packed))])),
    record('response', 'https://a.example/both.js', Buffer.concat([head('Content-Encoding: gzip', 'Transfer-Encoding: chunked'), chunks(gzipSync(text(planted.both)))])),
    record('response', `https://a.example/?key=${planted.address}`, head()),
  ];
  writeFileSync(at('one.warc'), Buffer.concat(records));
  writeFileSync(at('one.warc.gz'), gzipSync(Buffer.concat(records)));
  writeFileSync(at('each.warc.gz'), Buffer.concat(records.map((each) => gzipSync(each))));
  shell('tar', ['czf', 'warc.tgz', 'one.warc']);
  for (const name of ['one.warc', 'one.warc.gz', 'each.warc.gz', 'warc.tgz']) {
    const { findings, incomplete } = await scan([name], { code: 1, secrets: Object.values(planted) });
    assert.deepEqual(incomplete, [], name);
    assert.deepEqual(shownOf(findings), Object.values(planted).map(shown).sort(), name);
  }
  const { findings } = await scan(['each.warc.gz'], { code: 1 });
  assert.equal(findings.find((each) => each.shown === shown(planted.both)).place, 'each.warc.gz!https://a.example/both.js!(content)');
  assert.equal(findings.find((each) => each.shown === shown(planted.chunked)).place, 'each.warc.gz!https://a.example/chunked.js');
  writeFileSync(at('odd.warc.gz'), gzipSync(Buffer.concat([
    record('response', 'https://a.example/br.js', Buffer.concat([head('Content-Encoding: br'), Buffer.from('xyz')])),
    record('response', 'https://a.example/cut.js', Buffer.concat([head('Transfer-Encoding: chunked'), Buffer.from('9\r\nxyz')]))])));
  assert.deepEqual((await scan(['odd.warc.gz'], { code: 2 })).incomplete.map(({ place, why }) => [place, why]), [
    ['odd.warc.gz!https://a.example/br.js', 'is encoded as br, which is not undone'],
    ['odd.warc.gz!https://a.example/cut.js', 'damaged: its chunks do not fit together']]);
  writeFileSync(at('cut.warc'), Buffer.concat(records).subarray(0, -10));
  assert.match((await scan(['cut.warc'], { code: 1 })).incomplete[0].why, /records do not fit together/);
});

test('what cannot be looked at is said, with what could', async () => {
  const planted = secret();
  const why = async (name, words, code = 2) => {
    const { incomplete, findings } = await scan([name], { code });
    assert.match(incomplete.map((each) => each.why).join('; '), words, name);
    return findings;
  };
  const log = gzipSync(Buffer.alloc(100 << 20));
  writeFileSync(at('zeros.log.gz'), log);
  assert.deepEqual((await scan(['zeros.log.gz'], { code: 0 })).incomplete, [], 'a log of zeros is no bomb');
  writeFileSync(at('bomb.gz'), Buffer.concat(Array(7).fill(log)));
  await why('bomb.gz', /unpacks to more than 200 times its size/);
  shell('python3', ['-c', 'import tarfile\nt = tarfile.open("many.tar", "w")\nfor i in range(100001): t.addfile(tarfile.TarInfo(f"many/{i}"))\nt.close()']);
  await why('many.tar', /more than 100000 members/);
  writeFileSync(at('n0'), `${planted}\n`);
  for (let i = 0; i < 6; i += 1) shell('zip', ['-q', `n${i + 1}.zip`, i === 0 ? 'n0' : `n${i}.zip`]);
  assert.equal((await scan(['n5.zip'], { code: 1 })).findings.length, 1);
  await why('n6.zip', /more than 5 archives in one another/, 1); // the innermost is too short to be compressed
  writeFileSync(at('text.gz'), gzipSync(`${planted}\n`)); // one word a line is a list of files to some
  assert.deepEqual((await scan(['text.gz'], { code: 1 })).findings.map(({ place, line }) => [place, line]), [['text.gz!(content)', 1]]);
  mkdirSync(at('cut'));
  writeFileSync(at('cut', 'first'), planted);
  writeFileSync(at('cut', 'last'), randomBytes(100_000));
  shell('tar', ['cf', 'cut.tar', '-C', 'cut', 'first', 'last']);
  writeFileSync(at('cut.tar'), readFileSync(at('cut.tar')).subarray(0, 50_000));
  assert.equal((await why('cut.tar', /damaged/, 1))[0].place, 'cut.tar!first');
  await why('not-there', /No such file/);
  if (process.getuid() !== 0) {
    writeFileSync(at('closed'), planted);
    chmodSync(at('closed'), 0);
    await why('closed', /Permission denied/);
  }
});

test('names that would lead elsewhere are labels only', async () => {
  const planted = secret();
  shell('python3', ['-c', `import tarfile, io
t = tarfile.open("odd.tar", "w")
for name in ["/etc/planted", "../../planted", "a\\nb"]:
    info = tarfile.TarInfo(name); data = b"${planted}"; info.size = len(data); t.addfile(info, io.BytesIO(data))
link = tarfile.TarInfo("link"); link.type = tarfile.SYMTYPE; link.linkname = "/etc/passwd"; t.addfile(link)
t.close()`]);
  const { findings } = await scan(['odd.tar'], { code: 1, secrets: [planted] });
  assert.deepEqual(findings.map(({ place }) => place), ['odd.tar!/etc/planted', 'odd.tar!../../planted', 'odd.tar!a?b']);
  mkdirSync(at('linked'));
  symlinkSync('/', at('linked', 'everything'));
  assert.deepEqual((await scan(['linked'], { code: 0 })).summary.files, 0);
  mkdirSync(at('hidden'));
  writeFileSync(at('hidden', `${planted}.txt`), 'x');
  const named = await scan(['hidden'], { code: 1, secrets: [planted] });
  assert.deepEqual(named.findings.map(({ place, line }) => [place, line]), [[`hidden/${shown(planted)}.txt`, 0]]);
});

test('a package as npm packs it, and standard input', async () => {
  const planted = secret();
  mkdirSync(at('package'));
  writeFileSync(at('package', 'package.json'), JSON.stringify({ name: 'planted', version: '1.0.0' }));
  writeFileSync(at('package', 'app.js.map'), JSON.stringify({ version: 3, sources: ['a.ts'], sourcesContent: [`const k = "${planted}"`], mappings: '' }));
  const tarball = shell('npm', ['pack', '--silent'], at('package')).trim();
  const { findings } = await scan([join('package', tarball)], { code: 1, secrets: [planted] });
  assert.deepEqual(findings.map(({ place }) => place), [`package/${tarball}!package/app.js.map`]);
  const piped = await run(latchkey, ['scan', '-'], { input: `-----\n${planted}\n` });
  assert.equal(piped.code, 1);
  assert.match(piped.stdout, /live secret, standard input:2/);
  assert.match(piped.stderr, /revoke secrets at once/);
});

test('a package by its name, from a registry', async () => {
  const planted = secret();
  const tarballs = new Map();
  for (const [name, version] of [['planted', '1.0.0'], ['planted', '2.0.0'], ['@scope/planted', '0.1.0']]) {
    const from = at(`${name.replace('/', '-')}-${version}`);
    mkdirSync(from);
    writeFileSync(join(from, 'package.json'), JSON.stringify({ name, version }));
    writeFileSync(join(from, 'index.js'), version === '1.0.0' ? 'clean\n' : `\nconst k = "${planted}";\n`);
    const [{ filename, integrity, shasum }] = JSON.parse(shell('npm', ['pack', '--json'], from));
    tarballs.set(`${name}@${version}`, { bytes: readFileSync(join(from, filename)), integrity, shasum, name, version });
  }
  let spoil = false;
  const registry = createServer((request, reply) => {
    const path = decodeURIComponent(request.url.slice(1)), base = `http://127.0.0.1:${registry.address().port}`;
    const file = tarballs.get(path.replace(/^files\//, ''));
    if (path.startsWith('files/') && file) return reply.end(spoil ? Buffer.concat([file.bytes, Buffer.from('x')]) : file.bytes);
    const versions = Object.fromEntries([...tarballs].filter(([, { name }]) => name === path)
      .map(([key, { version, integrity, shasum }]) => [version, { dist: { tarball: `${base}/files/${encodeURIComponent(key)}`, ...(version === '1.0.0' ? { shasum } : { integrity }) } }]));
    reply.statusCode = Object.keys(versions).length > 0 ? 200 : 404;
    reply.end(JSON.stringify({ 'dist-tags': { latest: Object.keys(versions).at(-1) }, versions }));
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  const from = ['--registry', `http://127.0.0.1:${registry.address().port}`];
  try {
    const found = await scan(['npm:planted', ...from], { code: 1, secrets: [planted] });
    assert.deepEqual(found.findings.map(({ place, line }) => [place, line]), [['npm:planted@2.0.0!package/index.js', 2]]);
    assert.equal((await scan(['npm:planted@1.0.0', ...from], { code: 0 })).findings.length, 0);
    assert.equal((await scan(['npm:@scope/planted@latest', ...from], { code: 1 })).findings[0].place, 'npm:@scope/planted@0.1.0!package/index.js');
    const why = async (name, words, more = from) => assert.match((await scan([name, ...more], { code: 2 })).incomplete[0].why, words);
    await why('npm:planted@3.0.0', /no such package or version/);
    await why('npm:nobody', /no such package or version/);
    await why('npm:../planted', /no package can have this name/);
    await why('npm:planted', /which registry/, []);
    spoil = true;
    for (const name of ['npm:planted', 'npm:planted@1.0.0']) await why(name, /not what the registry's hash says/);
  } finally {
    registry.close();
  }
});

test('a page with its scripts, modules and source maps', async () => {
  const planted = Object.fromEntries(['page', 'script', 'module', 'lazy', 'map', 'inline', 'moved'].map((name) => [name, secret()]));
  const files = {
    '/app/': `<!doctype html><script src="/static/a.js?v=1&amp;w=2"></script><link rel="modulepreload" href="mod.js">
      <script>let k = "${planted.page}"</script><script src=gone.js></script><a href="/elsewhere.js">no script</a>`,
    '/static/a.js?v=1&w=2': `var k="${planted.script}";\n//# sourceMappingURL=a.js.map`,
    '/static/a.js.map': JSON.stringify({ version: 3, sources: ['a.ts'], sourcesContent: [planted.map], mappings: '' }),
    '/app/mod.js': `import x from "./deep/x.mjs"; import y from "package"; const z = () => import('../lazy.js');
      //# sourceMappingURL=data:application/json;base64,${Buffer.from(`{"sourcesContent":["${planted.inline}"]}`).toString('base64')}`,
    '/app/deep/x.mjs': `export * from './x.mjs'; // ${planted.module}`, '/lazy.js': `"${planted.lazy}"`, '/elsewhere.js': `"${secret()}"`,
    '/new': `"${planted.moved}"`,
  };
  const server = createServer((request, reply) => {
    if (request.url === '/moved') return reply.writeHead(302, { location: '/new' }).end();
    if (request.url === '/round') return reply.writeHead(302, { location: '/round' }).end();
    if (files[request.url] === undefined) return reply.writeHead(404).end();
    return request.headers['accept-encoding']?.includes('gzip') ? reply.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(files[request.url])) : reply.end(files[request.url]);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${server.address().port}`;
  try {
    const { findings, incomplete } = await scan([`${base}/app/`], { code: 1, secrets: Object.values(planted) });
    const { moved, ...onPage } = planted;
    assert.deepEqual(shownOf(findings), Object.values(onPage).map(shown).sort());
    assert.ok(findings.some(({ place }) => place === `${base}/static/a.js.map`));
    assert.deepEqual(incomplete.map(({ place, why }) => [place, why]), [[`${base}/app/gone.js`, 'the server answers 404']]);
    assert.deepEqual(shownOf((await scan([`${base}/moved`], { code: 1 })).findings), [shown(moved)]);
    assert.match((await scan([`${base}/round`], { code: 2 })).incomplete[0].why, /redirects/);
    assert.match((await scan(['http://127.0.0.1:1/'], { code: 2 })).incomplete[0].why, /connect/);
  } finally {
    server.close();
  }
});

test('a repository by its address, from git itself, without a clone', async () => {
  const planted = Object.fromEntries(['deleted', 'delta', 'note', 'tag', 'pulled', 'message'].map((name) => [name, secret()]));
  mkdirSync(at('served'));
  for (const format of ['sha1', 'sha256']) {
    const repo = at('served', `${format}.work`), git = (...args) => shell('git', args, repo);
    shell('git', ['init', '-q', '-b', 'main', `--object-format=${format}`, repo]);
    const put = (name, text) => { writeFileSync(join(repo, name), `${text}\n`); git('add', name); };
    const lines = Array.from({ length: 3000 }, (_, n) => `line ${n * n}`).join('\n');
    put('deleted.txt', planted.deleted);
    put('long.txt', `${lines}\nend of it, which makes this the longer one`);
    git('commit', '-qm', 'first');
    git('rm', '-q', 'deleted.txt');
    put('long.txt', `${lines}\n${planted.delta}`);
    git('commit', '-qm', `second ${planted.message}`);
    git('notes', 'add', '-m', planted.note);
    git('tag', '-a', 'v1', '-m', planted.tag);
    put('pulled.txt', planted.pulled); // amended away, but a pull request still leads to it
    git('commit', '-qm', 'third');
    git('update-ref', 'refs/pull/1/head', 'HEAD');
    git('rm', '-q', '--cached', 'pulled.txt');
    git('commit', '-q', '--amend', '--allow-empty', '-m', 'third');
    git('reflog', 'expire', '--expire=now', '--all');
    git('repack', '-adqf', '--depth=50', '--window=50');
    shell('git', ['clone', '-q', '--mirror', repo, at('served', `${format}.git`)]);
  }
  shell('git', ['clone', '-q', '--bare', '--depth', '1', `file://${at('served', 'sha1.work')}`, at('served', 'shallow.git')]);
  shell('git', ['init', '-q', '--bare', at('served', 'empty.git')]);
  const password = randomBytes(12).toString('hex');
  const authorization = `Basic ${Buffer.from(`bot:${password}`).toString('base64')}`;
  const server = await gitServer(at('served'), (request, reply) => {
    if (!request.url.startsWith('/closed/')) return false;
    if (request.headers.authorization !== authorization) { reply.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(); return true; }
    request.url = request.url.slice('/closed'.length);
    return false;
  });
  try {
    for (const format of ['sha1', 'sha256']) {
      const { findings, incomplete, traces, summary } = await scan([`${server.base}/${format}.git`], { code: 1, secrets: Object.values(planted) });
      assert.deepEqual(shownOf(findings), Object.values(planted).map(shown).sort(), format);
      assert.deepEqual(incomplete, []);
      assert.equal(summary.objects, shell('git', ['rev-list', '--objects', '--all'], at('served', `${format}.git`)).trim().split('\n').length);
      for (const { place } of findings) {
        const [, object, type] = place.match(/\.git object ([0-9a-f]+) \((\w+)\)$/);
        assert.equal(shell('git', ['cat-file', '-t', object], at('served', `${format}.git`)).trim(), type);
      }
      /* What is told of where each came from is what git says. */
      const said = (...words) => shell('git', words, at('served', `${format}.git`)).split('\n').filter(Boolean);
      const refs = said('for-each-ref', '--format=%(refname)');
      assert.deepEqual([...new Set(traces.map(({ object }) => object))].sort(), [...new Set(findings.map(({ place }) => place.match(/object ([0-9a-f]+)/)[1]))].sort());
      for (const { object, commit, file, author, author_time: time, refs: in_, still_at: tips } of traces) {
        const [type] = said('cat-file', '-t', object), named = (text) => text.split(' ').filter((name) => name && name !== 'HEAD');
        if (type === 'tag') {
          assert.deepEqual([commit, named(in_)], ['', said('for-each-ref', '--format=%(refname)', `--points-at=${object}`)]);
          continue;
        }
        if (type === 'commit') assert.equal(commit, object);
        else assert.ok(said('log', '--all', '-m', '--format=%H', `--find-object=${object}`).includes(commit) || said('rev-parse', `${commit}^{tree}`)[0] === object, `${type} ${object}`);
        if (type === 'blob') assert.equal(said('rev-parse', `${commit}:${file}`)[0], object);
        assert.deepEqual(said('log', '-1', '--format=%an <%ae>%n%at', commit), [author, String(Date.parse(time) / 1000)]);
        assert.deepEqual(named(in_), said('for-each-ref', '--format=%(refname)', `--contains=${commit}`));
        if (type === 'blob') assert.deepEqual(named(tips), refs.filter((ref) => said('ls-tree', '-r', '--format=%(objectname)', ref).includes(object)));
      }
    }
    const shallow = shownOf((await scan([`${server.base}/shallow.git`], { code: 1 })).findings);
    assert.ok(shallow.includes(shown(planted.delta)) && !shallow.includes(shown(planted.deleted)), 'a shallow one');
    /* Without the ending: it says itself that it is one.  Two at once, and a folder. */
    const both = await scan([at('served', 'empty.git'), `${server.base}/sha1.work`, `git+${server.base}/shallow.git`, `${server.base}/empty.git`], { code: 1 });
    assert.deepEqual(both.incomplete, []);
    assert.ok(both.findings.some(({ place }) => place.startsWith(`${server.base}/sha1.work object `)));
    assert.ok(both.findings.some(({ place }) => place.startsWith(`${server.base}/shallow.git object `)));
    assert.equal((await scan([`${server.base}/none.git`], { code: 2 })).incomplete[0].why, 'the server answers 404');
    /* Who has no right is told so; a password comes from ~/.netrc and from nowhere else. */
    mkdirSync(at('home'));
    assert.equal((await scan([`${server.base}/closed/sha1.git`], { code: 2, env: { HOME: at('home') } })).incomplete[0].why, 'the server answers 401');
    writeFileSync(at('home', '.netrc'), `machine 127.0.0.1 login bot password ${password}\n`);
    assert.equal((await scan([`${server.base}/closed/sha1.git`], { code: 1, env: { HOME: at('home') } })).findings.length, Object.keys(planted).length);
    const named = await run(latchkey, ['scan', `${server.base.replace('//', `//bot:${password}@`)}/sha1.git`]);
    assert.equal(named.code, 2);
    assert.match(named.stderr, /netrc/);
    assert.ok(!named.stderr.includes(password));
  } finally {
    server.close();
  }
});

test('a server of git that lies or breaks off: what came is looked at, the rest is said', async () => {
  const planted = secret(), repo = at('breaking', 'a.git');
  mkdirSync(at('breaking'));
  shell('git', ['init', '-q', repo]);
  writeFileSync(join(repo, 'noise'), randomBytes(400_000));
  shell('git', ['add', '.'], repo);
  shell('git', ['commit', '-qm', `in front of it all ${planted}`], repo);
  let answer = () => false;
  const server = await gitServer(at('breaking'), (request, reply) => answer(request, reply));
  const line = (text) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
  const result = { 'content-type': 'application/x-git-upload-pack-result' };
  const why = async (words, code = 2) => {
    const { incomplete, findings } = await scan([`${server.base}/a.git`], { code });
    assert.equal(incomplete.length > 0, true);
    assert.match(incomplete.map((each) => each.why).join('; '), words);
    return findings;
  };
  const onPost = (nth, take) => {
    let count = 0;
    answer = (request, reply) => {
      if (request.method !== 'POST' || ++count !== nth) return false;
      request.resume();
      take(reply);
      return true;
    };
  };
  try {
    /* The real pack, but not all of it: the server's own answer, cut. */
    const request = ['0011command=fetch', '0001000eofs-delta\n', line(`want ${shell('git', ['rev-parse', 'HEAD'], repo).trim()}\n`), '0009done\n', '0000'].join('');
    const whole = Buffer.from(await (await fetch(`${server.base}/a.git/git-upload-pack`,
      { method: 'POST', body: request, headers: { 'git-protocol': 'version=2', 'content-type': 'application/x-git-upload-pack-request' } })).arrayBuffer());
    onPost(2, (reply) => reply.writeHead(200, result).end(whole.subarray(0, 200_000)));
    assert.deepEqual((await why(/cut off/, 1)).map((each) => each.shown), [shown(planted)]);
    onPost(2, (reply) => { reply.writeHead(200, result).write(whole.subarray(0, 200_000), () => reply.destroy()); });
    assert.deepEqual((await why(/cannot be fetched/, 1)).map((each) => each.shown), [shown(planted)]);
    onPost(2, (reply) => reply.writeHead(200, result).end(`${line('packfile\n')}${line('\u0001PACK\0\0\0\u0002\0\u00ff')}0000`));
    await why(/cut off or damaged/);
    onPost(2, (reply) => reply.writeHead(200, result).end(`${line('packfile\n')}${line('\u0003no such thing')}`));
    await why(/the server says: no such thing/);
    onPost(1, (reply) => reply.writeHead(200, result).end('this is not the protocol of git'));
    await why(/does not speak the protocol of git/);
    onPost(1, (reply) => { /* refs without an end */
      const refs = line(`${'a'.repeat(40)} refs/heads/${'x'.repeat(40)}\n`).repeat(1000);
      const more = () => { while (!reply.destroyed && reply.write(refs)); };
      reply.writeHead(200, result).on('drain', more);
      more();
    });
    await why(/more refs than are looked at|sends more than is taken/);
    onPost(1, (reply) => reply.writeHead(429, { 'retry-after': '60' }).end());
    await why(/answers 429/);
    answer = ({ url }, reply) => url.startsWith('/a.git/') && reply.writeHead(301, { location: url.replace('/a.git/', '/moved.git/') }).end();
    shell('git', ['clone', '-q', '--bare', repo, at('breaking', 'moved.git')]);
    assert.equal((await scan([`${server.base}/a.git`], { code: 1 })).findings.length, 1);
    answer = ({ url }, reply) => url.startsWith('/a.git/') && reply.writeHead(301, { location: url }).end();
    await why(/redirects/);
  } finally {
    server.close();
  }
});

test('a scan that is killed is said, with the exit code of an incomplete one', async () => {
  const child = spawn(latchkey, ['scan', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => { said += text; });
  const of = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  while (of() === '') await new Promise((resolve) => { setImmediate(resolve); });
  process.kill(Number(of()), 'SIGKILL');
  const [code] = await once(child, 'close');
  assert.equal(code, 2);
  assert.match(said, /not fully looked at: the scan was ended by signal 9/);
});

test('SARIF for forges, and refusals of wrong usage', async () => {
  writeFileSync(at('one'), `\n\n${secret()}`);
  const { stdout, code } = await run(latchkey, ['scan', '--sarif', at('one')]);
  const { version, runs: [{ results, invocations, tool }] } = JSON.parse(stdout);
  assert.equal(code, 1);
  assert.equal(version, '2.1.0');
  assert.deepEqual(tool.driver.rules.map((rule) => rule.id), ['secret', 'key-id']);
  assert.equal(results[0].level, 'error');
  assert.equal(results[0].locations[0].physicalLocation.region.startLine, 3);
  assert.equal(invocations[0].executionSuccessful, true);
  for (const args of [[], ['--json', '--sarif', '.'], ['--jsno', '.']]) assert.equal((await run(latchkey, ['scan', ...args])).code, 2);
});

test('innocent code gives no finding', async () => {
  /* But for the keys of an older release, which are real ones. */
  const tracked = shell('git', ['ls-files', '-z'], root).split('\0').filter((name) => name && !name.startsWith('tests/fixtures/')).map((name) => join(root, name));
  /* Two tests make up key ids; nobody makes up a secret. */
  assert.deepEqual((await scan(tracked, { code: 1 })).findings.filter(({ kind }) => kind === 'secret'), []);
  for (const path of ['/usr/include', join(root, 'tests/clients/node_modules/ccxt')])
    assert.deepEqual((await scan([path], { code: 0 })).findings, []);
});
