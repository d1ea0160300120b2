/* latchkey scanner: a registry with its changes feed, packages made by npm itself, a page and a
 * folder, on real servers; the service is killed after each step, and no leak is lost or told twice. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as call } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, openAccount, until } from './authority.mjs';
import { mailsTo } from './console.mjs';
import { gitServer } from './git_server.mjs';
import { latchkey, run, startUp } from './harness.mjs';

let up, owner, keys, folder, service;
const at = (...names) => join(folder, ...names);

/* ---- A registry, a page's server, and the authority's socket with somebody in between ---- */

const packages = new Map();          // name → { versions, etag }
let changes = [], sequence = 0;
const asked = [];                    // { path, agent, matched }
const on = {};                       // path's beginning → what to do instead, once

function changed(name) {
  sequence += 1;
  changes.push({ seq: sequence, id: name, changes: [{ rev: `${sequence}-a` }] });
}

function publish(name, version, files) {
  const from = at('packing', `${name}-${version}`);
  mkdirSync(from, { recursive: true });
  writeFileSync(join(from, 'package.json'), JSON.stringify({ name, version }));
  for (const [file, content] of Object.entries(files)) writeFileSync(join(from, file), content);
  const [{ filename, integrity }] = JSON.parse(execFileSync('npm', ['pack', '--json'], { cwd: from, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const entry = packages.get(name) ?? { versions: {}, etag: '' };
  entry.versions[version] = { bytes: readFileSync(join(from, filename)), integrity };
  entry.etag = `"${name}-${Object.keys(entry.versions).length}"`;
  packages.set(name, entry);
  changed(name);
}

const server = createServer((request, reply) => {
  const url = new URL(request.url, 'http://registry'), base = `http://127.0.0.1:${server.address().port}`;
  const path = decodeURIComponent(url.pathname);
  const condition = request.headers['if-none-match'];
  const seen = { path: request.url, agent: request.headers['user-agent'], matched: false };
  asked.push(seen);
  const instead = Object.keys(on).find((start) => path.startsWith(start));
  if (instead) { const act = on[instead]; delete on[instead]; return act(reply); }
  if (path === '/feed/_changes') {
    const since = url.searchParams.get('since'), limit = Number(url.searchParams.get('limit'));
    const from = since === 'now' ? sequence : Number(since);
    const results = changes.filter(({ seq }) => seq > from).slice(0, limit);
    return reply.end(JSON.stringify({ results, last_seq: results.at(-1)?.seq ?? sequence }));
  }
  if (path === '/page/') return reply.end('<script src="app.js"></script>');
  if (path === '/page/app.js') {
    const text = scripts.app ?? `var secret = "${keys.page.secret}";`, etag = `"${createHash('sha256').update(text).digest('hex')}"`;
    if (condition === etag) { seen.matched = true; reply.statusCode = 304; return reply.end(); }
    reply.setHeader('etag', etag);
    return reply.end(text);
  }
  if (path === '/page/inner.js') return reply.end(`var more = "${keys.inner.secret}";`);
  const cdn = cdnReply(path);
  if (cdn !== undefined) {
    if (cdn === null) { reply.statusCode = 404; return reply.end(); }
    const [body, etag] = [typeof cdn === 'string' ? cdn : JSON.stringify(cdn), `"${cdn.tag}"`];
    if (cdn.tag && condition === etag) { seen.matched = true; reply.statusCode = 304; return reply.end(); }
    if (cdn.tag) reply.setHeader('etag', etag);
    return reply.end(body);
  }
  const list = hosted.list?.(url, request.headers);
  if (list !== undefined) { reply.statusCode = list === null ? 401 : 200; return reply.end(JSON.stringify(list ?? {})); }
  const [, tarball] = /^\/files\/(.*)$/.exec(path) ?? [];
  if (tarball) {
    const [name, version] = tarball.split('@'), { bytes, gone } = packages.get(name).versions[version];
    reply.statusCode = gone ? 404 : 200;
    return reply.end(gone ? '' : bytes);
  }
  const entry = packages.get(path.slice(1));
  if (!entry) { reply.statusCode = 404; return reply.end('{}'); }
  if (condition === entry.etag) { seen.matched = true; reply.statusCode = 304; return reply.end(); }
  reply.setHeader('etag', entry.etag);
  return reply.end(JSON.stringify({ versions: Object.fromEntries(Object.entries(entry.versions).map(([version, { integrity }]) =>
    [version, { dist: { tarball: `${base}/files/${path.slice(1)}@${version}`, integrity } }])) }));
});

/* What three CDNs have of `client`, each listed in its own way: version → file → text. */
const released = {};
function cdnReply(path) {
  const versions = Object.keys(released), tag = versions.length;
  let m;
  if (path === '/jsd-api/v1/packages/npm/client') return { versions: versions.map((version) => ({ version })), tag };
  if ((m = /^\/jsd-api\/v1\/packages\/npm\/client@(.*)$/.exec(path))) return { files: Object.keys(released[m[1]]).map((name) => ({ name: `/${name}` })) };
  if (path === '/unpkg/client/package.json') return { version: versions.at(-1), tag };
  if ((m = /^\/unpkg\/client@([^/]*)\/$/.exec(path))) return { type: 'directory', path: '/', files: [{ path: '/d', type: 'directory', files: Object.keys(released[m[1]]).map((name) => ({ path: `/${name}`, type: 'file' })) }] };
  if (path === '/cdnjs-api/libraries/client') return { versions, tag };
  if ((m = /^\/cdnjs-api\/libraries\/client\/(.*)$/.exec(path))) return { files: Object.keys(released[m[1]]) };
  if ((m = /^\/(?:jsd\/npm\/client@|unpkg\/client@|cdnjs\/ajax\/libs\/client\/)([^/]*)\/(.*)$/.exec(path))) return released[m[1]][m[2]] ?? null;
  return undefined;
}

/* What a test has instead of the page's own script. */
const scripts = {};

/* The lists of an organisation's repositories, while a test has some. */
const hosted = {};

/* Passes calls to the authority; `told.before` and `told.after` are called around POST /leaks. */
const told = {};
const between = createServer((request, reply) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('end', async () => {
    const is = request.method === 'POST'; // the other calls tell of sources
    if (is) await told.before?.();
    if (told.object && request.url.endsWith('/object')) { // which the authority then does not get
      await told.object();
      return request.destroy();
    }
    const forward = call({ socketPath: join(up.runFolder, 'authority.sock'), path: request.url, method: request.method, headers: request.headers }, async (answer) => {
      const parts = [];
      for await (const part of answer) parts.push(part);
      if (is) await told.after?.();
      reply.writeHead(answer.statusCode, answer.headers).end(Buffer.concat(parts));
    });
    return forward.end(Buffer.concat(chunks));
  });
});

/* ---- The service ---- */

function start(sources, state = 'state', more = '') {
  const base = `http://127.0.0.1:${server.address().port}`;
  const lines = sources.map((source) => `  - ${JSON.stringify(source).replaceAll('BASE', base)}`);
  writeFileSync(at(`${state}.yaml`), `authority: ${at('between.sock')}\nstate: ${at(state)}\ncontact: security@venue.example\n${more}sources:\n${lines.join('\n')}\n`);
  const child = spawn(latchkey, ['scanner', '--config', at(`${state}.yaml`)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text) => { log += text; });
  service = { child, ended: once(child, 'exit'), log: () => log };
  return service;
}
async function end(signal) {
  service.child.kill(signal);
  return service.ended;
}
const npm = { name: 'packages', kind: 'npm', registry: 'BASE', feed: 'BASE/feed', packages: ['bot', 'other'], every_s: 1 };
const leakOf = (name) => until(up, '/leaks', ({ leaks }) => leaks.some(({ key }) => key === keys[name].key))
  .then(({ leaks }) => leaks.filter(({ key }) => key === keys[name].key));

/* What stands in the evidence, and what operators get: the file as it was published. */
async function objectIs(name, content) {
  const [{ id }] = await leakOf(name);
  const { sighting: { object } } = JSON.parse((await ask(up, 'GET', `/leaks/${id}`)).evidence);
  const hash = createHash('sha256').update(content).digest('hex');
  assert.deepEqual(object, { sha256: hash, bytes: Buffer.byteLength(content), from: 0, whole: true });
  let read;
  for (const give_up = Date.now() + 60_000; read?.code !== 0; await pause(20)) {
    assert.ok(Date.now() < give_up, `${name}: no object\n${service.log()}`);
    read = await up.cli(['leak', 'object', String(id)]);
  }
  assert.equal(read.stdout, content);
}
const mailsOf = (name) => mailsTo(up, 'ada@example.com').filter((text) => text.includes(keys[name].key) && /was found where others can read it/.test(text));
async function wait(what, is) {
  for (const give_up = Date.now() + 60_000; !is(); await pause(20)) assert.ok(Date.now() < give_up, `${what}\n${service.log()}`);
}

before(async () => {
  up = await startUp();
  folder = join(up.dir, 'scanner');
  mkdirSync(folder);
  server.listen(0, '127.0.0.1');
  between.listen(at('between.sock'));
  owner = await openAccount(up, 'ada@example.com');
  const names = ['first', 'nested', 'map', 'spoiled', 'reset', 'page', 'inner', 'again', 'file', 'bytes', 'history', 'pushed', 'killed0', 'killed1', 'killed2', 'killed3', 'killed4', 'killed5', 'jsdelivr', 'unpkg', 'cdnjs', 'later', 'hooked', 'endless', 'quick', 'overwritten', 'lab', 'github', 'gitlab', 'anew'];
  const issued = [];
  for (let i = 0; i < names.length; i += 16) // so many at once
    issued.push(...await owner.issue(...names.slice(i, i + 16).map(() => ({ environment: 'sandbox', scopes: ['wallets:read'] }))));
  keys = Object.fromEntries(names.map((name, i) => [name, issued[i]]));
});
after(async () => {
  service?.child.kill('SIGKILL');
  server.close();
  between.close();
  await up?.stop();
});

test('packages: bundle, map and nested archive; what is asked for again is asked for politely', async () => {
  publish('bot', '1.0.0', { 'index.js': `const k = "${keys.first.secret}";\n` });
  publish('stranger', '1.0.0', { 'index.js': 'nothing\n' });
  start([npm]);
  const [leak] = await leakOf('first');
  assert.equal(leak.reaction, 'revoked');
  const { places: [{ channel, origin, place }] } = await ask(up, 'GET', `/leaks/${leak.id}`);
  assert.deepEqual([channel, origin, place.package, place.version, place.line], ['npm', 'packages', 'bot', '1.0.0', 1]);
  assert.match(place.path, /^npm:bot@1\.0\.0!package\/index\.js$/);
  await objectIs('first', `const k = "${keys.first.secret}";\n`);

  publish('stranger', '2.0.0', { 'index.js': 'nothing\n' });
  const inner = at('packing', 'inner');
  mkdirSync(inner);
  writeFileSync(join(inner, 'x.js'), keys.nested.secret);
  execFileSync('tar', ['czf', at('packing', 'inner.tgz'), '-C', inner, 'x.js']);
  publish('bot', '1.0.1', { 'inner.tgz': readFileSync(at('packing', 'inner.tgz')), 'b.js.map': JSON.stringify({ version: 3, sources: ['webpack://bot/a.ts', 'webpack://bot/b.ts'], sourcesContent: ['', `k = '${keys.map.secret}'`] }) });
  await leakOf('nested');
  const [{ id: mapped }] = await leakOf('map'), { places: [map] } = await ask(up, 'GET', `/leaks/${mapped}`);
  assert.deepEqual([map.place.package, map.place.version, map.place.integrity, map.place.source], ['bot', '1.0.1', packages.get('bot').versions['1.0.1'].integrity, 'webpack://bot/b.ts']);
  assert.deepEqual([map.details.status, map.details.fetched], [200, map.place.url]);
  changed('bot');
  await wait('a conditional request', () => asked.some(({ matched }) => matched));
  assert.ok(asked.every(({ agent }) => agent.startsWith('latchkey-scanner/') && agent.endsWith('(+security@venue.example)')));
  assert.ok(!asked.some(({ path }) => path.includes('stranger')), 'it is not in the list');
  assert.equal(asked.filter(({ path }) => path === '/files/bot@1.0.0').length, 1);

  let refused_at;
  on['/feed/'] = (reply) => { refused_at = Date.now(); reply.writeHead(429, { 'retry-after': '2' }).end(); };
  await wait('a refusal', () => refused_at);
  const count = asked.length;
  await wait('the next call', () => asked.length > count);
  assert.ok(Date.now() - refused_at >= 1900, 'it has waited');
});

test('a spoiled package, an unpublished version and a feed that begins anew', async () => {
  publish('other', '1.0.0', { 'index.js': 'gone' });
  packages.get('other').versions['1.0.0'].gone = true;
  publish('other', '1.0.1', { 'index.js': `k = "${keys.spoiled.secret}"` });
  packages.get('other').versions['1.0.1'].integrity = `sha512-${Buffer.alloc(64).toString('base64')}`;
  await leakOf('spoiled');
  assert.match(service.log(), /other@1\.0\.1: what came is not what the registry's hash says/);
  assert.match(service.log(), /other@1\.0\.0: the server answers 404/);
  changes = [];
  sequence = 0;
  publish('other', '2.0.0', { 'index.js': `k = "${keys.reset.secret}"` });
  await leakOf('reset');
  assert.match(service.log(), /the feed has begun anew/);
  assert.deepEqual(await end('SIGTERM'), [0, null]);
});

test('kill -9 after each step: nothing is lost, nothing is mailed twice', async () => {
  const steps = [
    (kill) => { on['/feed/'] = kill; }, (kill) => { on['/bot'] = kill; }, (kill) => { on['/files/'] = kill; },
    (kill) => { told.before = kill; }, (kill) => { told.after = kill; }, (kill) => { told.object = kill; },
  ];
  for (const [i, step] of steps.entries()) {
    const name = `killed${i}`;
    publish('bot', `2.0.${i}`, { 'index.js': `k = "${keys[name].secret}"` });
    let killed = false;
    step(async (reply) => {
      delete told.before;
      delete told.after;
      delete told.object;
      killed = true;
      await end('SIGKILL');
      reply?.destroy();
    });
    start([npm]);
    await wait(`step ${i}`, () => killed);
    await service.ended;
    start([npm]);
    assert.equal((await leakOf(name)).length, 1, name);
    await wait(`checkpoint ${i}`, () => Object.keys(JSON.parse(readFileSync(at('state', 'packages.json'))).packages.bot.versions).includes(`2.0.${i}`));
    await end('SIGKILL');
    await objectIs(name, `k = "${keys[name].secret}"`);
  }
  await until(up, '/leaks', () => steps.every((_, i) => mailsOf(`killed${i}`).length > 0));
  for (const i of steps.keys()) assert.equal(mailsOf(`killed${i}`).length, 1);
});

test('a folder and a page; budgets; a stop while it waits', async () => {
  mkdirSync(at('drop'));
  const budget = { ...npm, name: 'thrifty', feed: undefined, requests_per_minute: 1 };
  start([{ name: 'drop', kind: 'folder', folder: at('drop'), every_s: 1 }, { name: 'page', kind: 'web', url: 'BASE/page/', every_s: 1 }, budget], 'second');
  const count = asked.filter(({ path }) => path === '/bot').length;
  writeFileSync(at('drop', '.partial'), `k = "${keys.file.secret}"`);
  renameSync(at('drop', '.partial'), at('drop', 'archive.txt'));
  /* Names are bytes: this one is no UTF-8. */
  writeFileSync(Buffer.from(`${at('drop')}/caf\xe9.txt`, 'latin1'), `k = "${keys.bytes.secret}"`);
  const [file] = await leakOf('file'), [bytes] = await leakOf('bytes'), [page] = await leakOf('page');
  await objectIs('page', `var secret = "${keys.page.secret}";`);
  assert.match((await ask(up, 'GET', `/leaks/${page.id}`)).places[0].place.path, /\/page\/app\.js$/);
  const visits = () => asked.filter(({ path }) => path === '/page/app.js').length, now = visits();
  await wait('two more visits', () => visits() > now + 2);
  assert.equal(asked.filter(({ path, matched }) => path === '/page/app.js' && !matched).length, 1, 'only what has changed is sent again');
  assert.match((await ask(up, 'GET', `/leaks/${bytes.id}`)).places[0].place.path, /caf\ufffd\.txt$/);
  for (const { id } of [file, bytes, page]) assert.equal((await ask(up, 'GET', `/leaks/${id}`)).sightings, 1, 'what has not changed is not looked at again');
  assert.equal(asked.filter(({ path }) => path === '/bot').length, count + 1, 'one request a minute');
  const { sources } = await until(up, '/leaks/sources', (said) => said.sources.length === 3 && said.sources.every(({ turn_at: at }) => at));
  assert.deepEqual(sources.map(({ name, kind }) => [name, kind]), [['drop', 'folder'], ['page', 'web'], ['thrifty', 'npm']]);
  assert.ok(sources[1].caught_up_at && sources[1].error === '' && sources[1].found === 1);
  assert.equal(sources[2].caught_up_at, null, 'its budget is used up');
  assert.match((await up.cli(['leak', 'sources'])).stdout, /page +web +20/);
  assert.deepEqual(await end('SIGTERM'), [0, null]);
  assert.ok(existsSync(at('second', 'drop.json')));
});

test('a page: what changes, a budget, a server that asks to wait, and kill -9', async () => {
  const page = { name: 'page2', kind: 'web', url: 'BASE/page/', every_s: 1 }, kept = () => JSON.parse(readFileSync(at('paged', 'page2.json')));
  /* Two requests a minute: the page and its script; what that leads to waits. */
  scripts.app = `import "./inner.js"; var k = "${keys.again.secret}";`;
  asked.length = 0;
  start([{ ...page, requests_per_minute: 2 }], 'paged');
  const [again] = await leakOf('again'), { places: [{ place, details }] } = await ask(up, 'GET', `/leaks/${again.id}`);
  assert.deepEqual([details.status, details.fetched, details.etag], [200, place.path, `"${createHash('sha256').update(scripts.app).digest('hex')}"`]);
  await wait('a round that is not at its end', () => Object.keys(kept().round ?? {}).length === 2);
  await end('SIGKILL');
  assert.deepEqual(asked.map(({ path }) => path), ['/page/', '/page/app.js']);
  start([page], 'paged');
  await leakOf('inner');
  assert.equal(asked[2].path, '/page/inner.js', 'it goes on where it was');
  await wait('the end of the round', () => kept().round === undefined && Object.keys(kept().files).length === 3);
  /* What nothing leads to any more is forgotten; a server that asks to wait is not asked. */
  scripts.app = 'nothing';
  await wait('two files', () => Object.keys(kept().files).length === 2);
  let refused_at;
  on['/page/app.js'] = (reply) => { refused_at = Date.now(); reply.writeHead(503, { 'retry-after': '2' }).end(); };
  await wait('a refusal', () => refused_at);
  const count = asked.length;
  await wait('the next call', () => asked.length > count);
  assert.ok(Date.now() - refused_at >= 1900, 'it has waited');
  assert.equal(asked[count].path, '/page/app.js');
  assert.deepEqual(await end('SIGTERM'), [0, null]);
});

test('packages on CDNs: every file of a version, once, and of what comes later', async () => {
  const sources = [
    { name: 'jsd', kind: 'jsdelivr', api: 'BASE/jsd-api', files: 'BASE/jsd/', packages: ['client'], every_s: 1 },
    { name: 'unp', kind: 'unpkg', files: 'BASE/unpkg', packages: ['client'], every_s: 1 },
    { name: 'cjs', kind: 'cdnjs', api: 'BASE/cdnjs-api/', files: 'BASE/cdnjs', packages: ['client'], every_s: 1 },
  ];
  const filler = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`lib/part ${i}.js`, `part ${i}`]));
  const files = () => asked.filter(({ path }) => /^\/(jsd\/npm|unpkg\/client@[^/]*\/.|cdnjs\/ajax)/.test(path) && !path.endsWith('?meta')).map(({ path }) => path);
  for (const [i, source] of sources.entries()) {
    for (const version of Object.keys(released)) delete released[version];
    released['1.0.0'] = { ...filler, 'app.js': `const k = "${keys[source.kind].secret}";\n` };
    start([source], source.name);
    const [leak] = await leakOf(source.kind);
    const { places: [{ channel, origin, place, details }] } = await ask(up, 'GET', `/leaks/${leak.id}`);
    assert.deepEqual([channel, origin, place.package, place.version], ['web', source.name, 'client', '1.0.0']);
    assert.match(place.path, /app\.js$/);
    assert.deepEqual([details.status, details.fetched], [200, place.path]);
    assert.ok(!Number.isNaN(Date.parse(details.date)));
    /* Killed in the middle of the next version, it goes on where its checkpoint is. */
    released['1.1.0'] = { ...filler, 'z.js': i === 0 ? `k = "${keys.later.secret}"` : 'nothing' };
    let killed = false;
    on[source.kind === 'cdnjs' ? '/cdnjs/ajax/libs/client/1.1.0/lib/part 30.js' : source.kind === 'unpkg' ? '/unpkg/client@1.1.0/lib/part 30.js' : '/jsd/npm/client@1.1.0/lib/part 30.js'] = async (reply) => {
      killed = true;
      await end('SIGKILL');
      reply.destroy();
    };
    await wait('a kill', () => killed);
    await service.ended;
    const first = files().length;
    start([source], source.name);
    await wait('both versions', () => JSON.parse(readFileSync(at(source.name, `${source.name}.json`))).packages.client.etag === '"2"');
    const again = files().slice(first);
    assert.ok(again.every((path) => path.includes('1.1.0')), 'the first version is not fetched again');
    assert.ok(again.length < 41 && again.length >= 41 - 32, `${again.length} files`);
    const before = asked.filter(({ matched }) => matched).length;
    await wait('a conditional request', () => asked.filter(({ matched }) => matched).length > before);
    assert.equal(files().length, first + again.length);
    if (i === 0) assert.equal((await leakOf('later')).length, 1);
    assert.deepEqual(await end('SIGTERM'), [0, null]);
  }
});

test('a repository: what was taken back in its history, then only what is pushed', async () => {
  mkdirSync(at('repos'), { recursive: true });
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.example', '-c', 'init.defaultBranch=main'];
  const git = (where, ...words) => execFileSync('git', [...identity, ...words], { cwd: at(where), stdio: 'ignore' });
  git('repos', 'init', '--bare', 'bot.git');
  git('.', 'clone', at('repos', 'bot.git'), 'clone');
  const commit = (file, text, message) => {
    writeFileSync(at('clone', file), text);
    git('clone', 'add', '-A');
    git('clone', 'commit', '-m', message);
    git('clone', 'push', 'origin', 'HEAD:main');
  };
  commit('config.js', `secret = '${keys.history.secret}'`, 'work');
  commit('config.js', 'secret = process.env.SECRET', 'oops');
  let fetches = 0;
  const remote = await gitServer(at('repos'), (request) => { fetches += request.method === 'POST' ? 1 : 0; return false; });
  try {
    start([{ name: 'code', kind: 'git', url: `${remote.base}/bot.git`, every_s: 1 }], 'third');
    const [history] = await leakOf('history');
    const { places: [{ place, details, excerpt }], evidence } = await ask(up, 'GET', `/leaks/${history.id}`);
    const said = (...words) => execFileSync('git', words, { cwd: at('clone'), encoding: 'utf8' }).trim();
    const first = said('rev-list', '--max-parents=0', 'HEAD'), time = (form) => new Date(1000 * Number(said('log', '-1', `--format=${form}`, first))).toISOString();
    assert.deepEqual(details, { commit: first, file: 'config.js', author: 'a <a@b.example>', committer: 'a <a@b.example>',
      author_time: time('%at'), commit_time: time('%ct'), refs: 'HEAD refs/heads/main', still_at: '' });
    assert.deepEqual(JSON.parse(evidence).sighting.details, details);
    assert.deepEqual([place.object, place.type], [said('rev-parse', `${first}:config.js`), 'blob']);
    assert.equal(excerpt, `secret = 'lks_test_…${keys.history.secret.slice(-4)}'`);
    assert.equal(place.repository, `${remote.base}/bot.git`);
    commit('more.js', `key = '${keys.pushed.secret}'`, 'more');
    const [pushed] = await leakOf('pushed');
    const { places: [{ details: then }] } = await ask(up, 'GET', `/leaks/${pushed.id}`);
    assert.deepEqual([then.commit, then.file, then.refs, then.still_at], [said('rev-parse', 'HEAD'), 'more.js', 'HEAD refs/heads/main', 'HEAD refs/heads/main']);
    await objectIs('history', `secret = '${keys.history.secret}'`);
    await objectIs('pushed', `key = '${keys.pushed.secret}'`);
    const before = fetches;
    await wait('three more looks at its refs', () => fetches >= before + 3);
    for (const { id } of [history, pushed]) assert.equal((await ask(up, 'GET', `/leaks/${id}`)).sightings, 1);
    assert.deepEqual(await end('SIGTERM'), [0, null]);
    assert.match(readFileSync(at('third', 'code.json'), 'utf8'), /refs\/heads\/main/);
  } finally {
    remote.close();
  }
});

test('notes of pushes: a key is dead at once, one that was overwritten, too', async () => {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.example', '-c', 'init.defaultBranch=main'];
  const git = (where, ...words) => execFileSync('git', [...identity, ...words], { cwd: at(where), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  mkdirSync(at('repos'), { recursive: true });
  git('repos', 'init', '--bare', 'hooked.git');
  git('.', 'clone', at('repos', 'hooked.git'), 'hooked');
  const commit = (text, ...push) => {
    const before = existsSync(at('hooked', 'config.js')) ? git('hooked', 'rev-parse', 'HEAD') : '0'.repeat(40);
    writeFileSync(at('hooked', 'config.js'), text);
    git('hooked', 'add', '-A');
    git('hooked', 'commit', '-m', 'work');
    git('hooked', 'push', ...push, 'origin', 'HEAD:main');
    return before;
  };
  const secret = 'a secret between us and the hosting';
  writeFileSync(at('hook_secret'), `${secret}\n`);
  const note = (body, headers, name = 'hooked') => new Promise((done, fail) => {
    const text = JSON.stringify(body), signature = `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;
    const sent = call({ socketPath: at('hooks.sock'), path: `/hooks/${name}`, method: 'POST', headers: { 'content-length': Buffer.byteLength(text), ...(headers ?? { 'x-github-event': 'push', 'x-hub-signature-256': signature }) } }, async (reply) => {
      for await (const part of reply) void part;
      done(reply.statusCode);
    });
    sent.on('error', fail).end(text);
  });
  const remote = await gitServer(at('repos'));
  const source = { name: 'hooked', kind: 'git', url: `${remote.base}/hooked.git`, every_s: 86400, hook_secret: at('hook_secret') };
  const begin = () => start([source], 'fourth', `hooks: ${at('hooks.sock')}\n`);
  try {
    const first = commit('nothing');
    begin();
    await wait('the first look', () => existsSync(at('fourth', 'hooked.json')));
    assert.equal(await note({ before: first }, { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }), 401);
    assert.equal(await note({ before: first }, {}), 401);
    assert.equal(await note({ before: first }, undefined, 'code'), 404);
    assert.equal(await note({ zen: 'x' }, { 'x-gitlab-event': 'Job Hook', 'x-gitlab-token': secret }), 200);

    const before = commit(`k = "${keys.hooked.secret}"`);
    const pushed = Date.now();
    assert.equal(await note({ before, ref: 'refs/heads/main' }), 202);
    const [{ reaction }] = await leakOf('hooked');
    assert.equal(reaction, 'revoked');
    console.log(`# dead ${Date.now() - pushed} ms after the note of its push`);

    /* Nobody told of the push that is overwritten at once; the scanner is killed as it tells. */
    commit(`k = "${keys.overwritten.secret}"`);
    git('hooked', 'reset', '--hard', 'HEAD~1');
    const gone = git('repos/hooked.git', 'rev-parse', 'main');
    writeFileSync(at('hooked', 'config.js'), 'k = process.env.K');
    git('hooked', 'commit', '-am', 'oops');
    git('hooked', 'push', '--force', 'origin', 'HEAD:main');
    let killed = false;
    told.before = async () => { delete told.before; killed = true; await end('SIGKILL'); };
    assert.equal(await note({ before: gone, forced: true }), 202);
    await wait('a kill', () => killed);
    await service.ended;
    begin();
    const [overwritten] = await leakOf('overwritten'), { places: [{ details }] } = await ask(up, 'GET', `/leaks/${overwritten.id}`);
    assert.deepEqual([details.commit, details.file, details.refs, details.still_at], [gone, 'config.js', '', '']);
    await wait('nothing to wait for', () => readFileSync(at('fourth', 'hooked.pushed'), 'utf8') === '[]');

    /* One that the server has never had ends nothing. */
    const lab = commit(`k = "${keys.lab.secret}"`);
    assert.equal(await note({ before: lab.replace(/^./, (c) => (c === '0' ? '1' : '0')) }, { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': secret }), 202);
    await leakOf('lab');
    await wait('what is missing is said', () => /hooked: not fully looked at: [0-9a-f]{40}/.test(service.log()));
    assert.deepEqual(await end('SIGTERM'), [0, null]);
    assert.ok(!service.log().includes(secret));
  } finally {
    remote.close();
  }
});

test('a fetch without an end: a push does not wait for it, nor does a stop', async () => {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.example', '-c', 'init.defaultBranch=main'];
  const git = (where, ...words) => execFileSync('git', [...identity, ...words], { cwd: at(where), stdio: 'ignore' });
  const commit = (name, text) => {
    if (!existsSync(at(name))) { git('repos', 'init', '--bare', `${name}.git`); git('.', 'clone', at('repos', `${name}.git`), name); }
    writeFileSync(at(name, 'config.js'), text);
    git(name, 'add', '-A');
    git(name, 'commit', '-m', 'work');
    git(name, 'push', 'origin', 'HEAD:main');
  };
  mkdirSync(at('repos'), { recursive: true });
  commit('endless', `k = "${keys.endless.secret}"`);
  commit('quick', 'nothing');
  let dribbles = true, begun = 0;
  const remote = await gitServer(at('repos'), (request, reply) => {
    if (!dribbles || !request.url.startsWith('/endless.git')) return false;
    begun += 1;
    reply.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
    const drop = setInterval(() => reply.write('0'), 200);
    reply.on('close', () => clearInterval(drop));
    return true;
  });
  const token = 'a token between us and the hosting';
  writeFileSync(at('hook_token'), token);
  const sources = ['quick', 'endless'].map((name) => ({ name, kind: 'git', url: `${remote.base}/${name}.git`, every_s: 86400, ...(name === 'quick' ? { hook_secret: at('hook_token') } : {}) }));
  const begin = () => start(sources, 'held', `hooks: ${at('held.sock')}\n`);
  try {
    begin();
    await wait('a fetch without an end', () => begun === 1);
    commit('quick', `k = "${keys.quick.secret}"`);
    const status = await new Promise((done, fail) => {
      call({ socketPath: at('held.sock'), path: '/hooks/quick', method: 'POST', headers: { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': token } }, (reply) => done(reply.resume().statusCode)).on('error', fail).end('{}');
    });
    assert.equal(status, 202);
    await leakOf('quick');
    await wait('the other one goes on', () => begun === 2);
    assert.deepEqual(await end('SIGTERM'), [0, null]);
    assert.ok(!existsSync(at('held', 'endless.json')), 'what was not seen is not noted');
    dribbles = false;
    begin();
    await leakOf('endless');
    assert.deepEqual(await end('SIGTERM'), [0, null]);
  } finally {
    remote.close();
  }
});

test('organisations: every repository of the list, what is pushed, what is new and what has gone', async () => {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.example', '-c', 'init.defaultBranch=main'];
  const git = (where, ...words) => execFileSync('git', [...identity, ...words], { cwd: at(where), stdio: 'ignore' });
  mkdirSync(at('repos'), { recursive: true });
  const repositories = {}; // name → time of the last push
  const push = (name, text) => {
    if (!repositories[name]) { git('repos', 'init', '--bare', `${name}.git`); git('.', 'clone', at('repos', `${name}.git`), name); }
    writeFileSync(at(name, 'config.js'), text);
    git(name, 'add', '-A');
    git(name, 'commit', '-m', 'work');
    git(name, 'push', 'origin', 'HEAD:main');
    repositories[name] = new Date(Date.UTC(2026, 0, 1) + 1000 * Object.values(repositories).length + Math.random() * 1e9).toISOString();
  };
  let looks = 0;
  const remote = await gitServer(at('repos'), () => { looks += 1; return false; });
  writeFileSync(at('token'), 'token-of-the-list\n');
  const pages = [];
  hosted.list = (url, headers) => {
    const isHub = url.pathname === '/hub/orgs/venue/repos', isLab = url.pathname === '/lab/groups/venue%2Fbots/projects';
    if (!isHub && !isLab) return undefined;
    if (headers.authorization !== 'Bearer token-of-the-list') return null;
    pages.push(url.search);
    const page = Number(url.searchParams.get('page')), all = Object.entries(repositories), filler = 100;
    /* The first page is full of what can be no repository. */
    if (page === 1) return Array.from({ length: filler }, () => ({ full_name: 'x', clone_url: 'ssh://x', path_with_namespace: 'x', http_url_to_repo: 'ssh://x' }));
    return all.map(([name, time]) => (isHub ? { full_name: `venue/${name}`, clone_url: `${remote.base}/${name}.git`, pushed_at: time }
      : { path_with_namespace: `venue/bots/${name}`, http_url_to_repo: `${remote.base}/${name}.git`, last_activity_at: time }));
  };
  try {
    for (const [kind, owner_, api] of [['github', 'venue', 'BASE/hub'], ['gitlab', 'venue/bots', 'BASE/lab/']]) {
      for (const name of Object.keys(repositories)) delete repositories[name];
      push(`${kind}-quiet`, 'nothing');
      push(`${kind}-bot`, `k = "${keys[kind].secret}"`);
      start([{ name: kind, kind, api, owner: owner_, token: at('token'), every_s: 1 }], kind);
      const [leak] = await leakOf(kind);
      const { places: [{ channel, origin, place }] } = await ask(up, 'GET', `/leaks/${leak.id}`);
      assert.deepEqual([channel, origin, place.repository], ['git', kind, `${remote.base}/${kind}-bot.git`]);
      await wait('both', () => Object.values(JSON.parse(readFileSync(at(kind, `${kind}.json`))).repositories).filter(({ pushed_at: t }) => t).length === 2);
      const before = looks, listed = pages.length;
      await wait('three more lists', () => pages.length >= listed + 6);
      assert.equal(looks, before, 'what was not pushed to is not asked');
      assert.ok(pages.every((search) => search.includes('per_page=100')));
      if (kind === 'github') {
        delete repositories['github-quiet'];
        push('github-new', `k = "${keys.anew.secret}"`);
        await leakOf('anew');
        await wait('what has gone is said', () => /venue\/github-quiet is not listed any more/.test(service.log()));
      }
      assert.deepEqual(await end('SIGTERM'), [0, null]);
      assert.ok(!service.log().includes('token-of-the-list'));
    }
  } finally {
    delete hosted.list;
    remote.close();
  }
});

test('a configuration with a fault is refused with what to do', async () => {
  const check = async (text) => { writeFileSync(at('x.yaml'), text); return run(latchkey, ['scanner', '--check', '--config', at('x.yaml')]); };
  const head = `authority: /a\nstate: /s\n`;
  for (const [text, words] of [
    [`${head}sources: []\n`, /contact is missing/],
    [`${head}contact: a@b.example\nsources: []\n`, /sources is missing/],
    [`${head}contact: a@b.example\nsources:\n  - { name: a, kind: npn }\n`, /npn|line/i],
    [`${head}contact: a@b.example\nsources:\n  - { name: a, kind: npm, registry: 'https://r.example' }\n`, /source a: name packages, or a feed/],
    [`${head}contact: a@b.example\nsuorces: []\n`, /suorces/],
    [`${head}contact: a@b.example\nsources:\n  - { name: a, kind: git, url: 'https://r.example/a.git', hook_secret: /s }\n`, /needs hooks/],
  ]) {
    const { code, stderr } = await check(text);
    assert.equal(code, 2);
    assert.match(stderr, words);
  }
  const good = await check(`${head}contact: a@b.example\nsources:\n  - { name: a, kind: folder, folder: /drop }\n`);
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /1 sources, as latchkey-scanner\/.*a +folder +every 60 s/s);
  rmSync(at('x.yaml'));
});
