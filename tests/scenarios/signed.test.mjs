/* The signed 401 (D3): verified by a library that is not ours, with nothing but what the gateway
 * itself serves. */
import assert from 'node:assert/strict';
import { createHash, createPublicKey } from 'node:crypto';
import { chmodSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FULL, openAccount } from './authority.mjs';
import { latchkey, request, run, sign, startUp } from './harness.mjs';

/* Installed by `npm ci --prefix tests/clients`, as ./dev test does. */
const { createVerifier, httpbis } = createRequire(new URL('../clients/package.json', import.meta.url))('http-message-signatures');

const WALLETS = 'v2/auth/r/wallets';
const DIRECTORY = '.well-known/http-message-signatures-directory';
const FIELDS = ['@status', 'content-type', 'content-digest'];
const PARAMS = ['created', 'nonce', 'keyid', 'alg'];

let up, key, stranger, address = 0;

before(async () => {
  up = await startUp();
  const owner = await openAccount(up, 'signed@example.com');
  [key] = await owner.issue({ environment: 'sandbox', scopes: FULL });
  const another = await startUp();
  [stranger] = another.demo.sandbox.keys;
  await another.stop();
});
after(async () => { await up?.stop(); });

/* Failed authentications are metered per address; here each has one of its own. */
const nextAddress = () => {
  address += 1;
  return `127.0.${100 + (address >> 8)}.${address & 255}`;
};

const fail = (headers, options = {}) => up.get('sandbox', WALLETS, {
  method: 'POST', body: '{}', headers, localAddress: nextAddress(), ...options,
});
const broken = () => ({ ...sign(key, WALLETS, '{}'), 'bfx-signature': 'a'.repeat(96) });

const digestOf = (text) => `sha-256=:${createHash('sha256').update(text).digest('base64')}:`;
const thumbprint = ({ crv, kty, x }) => createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');

/* true, false, or what the library throws. */
function verify({ status, headers }, keys, { fields = FIELDS, params = PARAMS, asked } = {}) {
  return httpbis.verifyMessage({
    all: true, requiredFields: fields, requiredParams: params,
    keyLookup: ({ keyid }) => keys.has(keyid) ? { id: keyid, algs: ['ed25519'], verify: createVerifier(keys.get(keyid), 'ed25519') } : null,
  }, { status, headers }, asked);
}

/* What a client keeps: key id → key. */
const keysOf = (reply) => new Map(reply.json.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
const fetchKeys = async () => keysOf(await up.get('sandbox', DIRECTORY));

async function assertProven(reply, keys) {
  assert.equal(reply.status, 401, reply.text);
  assert.equal(reply.headers['content-digest'], digestOf(reply.text));
  assert.equal(await verify(reply, keys), true);
}

/* ---- the directory ---- */

test('both venues serve the directory of keys, signed by each of them for their own address', async () => {
  for (const environment of ['live', 'sandbox']) {
    const reply = await up.get(environment, DIRECTORY);
    const url = `${up.demo[environment].rest}/${DIRECTORY}`;
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.headers['content-type'], 'application/http-message-signatures-directory+json');
    assert.equal(reply.headers['cache-control'], 'public, max-age=300');
    assert.equal(reply.headers['content-digest'], digestOf(reply.text));
    assert.equal(reply.json.keys.length, 1);
    for (const jwk of reply.json.keys) {
      assert.deepEqual(Object.keys(jwk), ['kty', 'crv', 'kid', 'x', 'use']);
      assert.equal(jwk.kid, thumbprint(jwk));
    }
    const how = { fields: ['@authority', 'content-digest'], params: ['created', 'expires', 'keyid', 'tag'] };
    assert.match(reply.headers['signature-input'], /^binding0=\("@authority";req "content-digest"\);.*;tag="http-message-signatures-directory"$/);
    assert.equal(await verify(reply, keysOf(reply), { ...how, asked: { method: 'GET', url, headers: {} } }), true);
    const elsewhere = { method: 'GET', url: `https://elsewhere.example/${DIRECTORY}`, headers: {} };
    assert.equal(await verify(reply, keysOf(reply), { ...how, asked: elsewhere }), false);
  }
});

test('the directory is read only, and never in the clear', async () => {
  const head = await up.get('sandbox', DIRECTORY, { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
  assert.ok(Number(head.headers['content-length']) > 100);
  assert.equal((await up.get('sandbox', DIRECTORY, { method: 'POST', body: '{}' })).status, 400);
  assert.equal((await request(`${up.demo.tripwire}/${DIRECTORY}`)).status, 403);
});

test('the key is made by the first start, for one user alone, and is not the one of the audit log', async () => {
  const file = join(up.dir, 'data', 'gateway.key');
  assert.equal(statSync(file).mode & 0o7777, 0o600);
  const shown = await run(latchkey, ['gateway-key', 'show', file]);
  assert.deepEqual(JSON.parse(shown.stdout), (await up.get('sandbox', DIRECTORY)).json.keys[0]);
  assert.ok(!readFileSync(file).includes(readFileSync(join(up.dir, 'data', 'audit.key'))));
});

/* ---- what is proven ---- */

test('whatever failed, the answer has one shape, and is proven', async () => {
  const keys = await fetchKeys();
  const good = sign(key, WALLETS, '{}');
  const rows = {
    'an unknown key': sign(stranger, WALLETS, '{}'),
    'a malformed key': { ...good, 'bfx-apikey': 'x'.repeat(40) },
    'a wrong signature': broken(),
    'a malformed signature': { ...good, 'bfx-signature': 'zz' },
    'a malformed nonce': { ...good, 'bfx-nonce': 'soon' },
    'no header at all': {},
  };
  const shapes = new Set();
  for (const [what, headers] of Object.entries(rows)) {
    const reply = await fail(headers);
    await assertProven(reply, keys);
    assert.equal(reply.json.nonce, headers['bfx-nonce'] ?? '', what);
    assert.equal(reply.json.request_id, reply.headers['x-request-id']);
    const created = Math.floor(reply.json.timestamp / 1000);
    const [keyid] = keys.keys();
    assert.equal(reply.headers['signature-input'], 'latchkey=("@status" "content-type" "content-digest")'
      + `;created=${created};nonce="${headers['bfx-nonce'] ?? ''}";keyid="${keyid}";alg="ed25519"`, what);
    assert.match(reply.headers.signature, /^latchkey=:[A-Za-z0-9+/]{86}==:$/);
    const masked = reply.text.replace(/"(timestamp|nonce|request_id)":("?)[^",}]*"?/g, '"$1":$2');
    shapes.add(`${Object.keys(reply.headers).join(' ')} ${masked} ${reply.text.length - reply.json.nonce.length}`);
  }
  assert.equal(shapes.size, 1, [...shapes].join('\n'));
});

test('whatever stands in the nonce, the parameter is a string and the proof holds', async () => {
  const keys = await fetchKeys();
  for (const [sent, said] of [['"', '\\"'], ['\\', '\\\\'], ['";keyid="x', '\\";keyid=\\"x'], ['a\tb', 'a?b'],
    ['h\u00e9', 'h?'], ['9'.repeat(400), '9'.repeat(32)], ['"'.repeat(40), '\\"'.repeat(32)], ['\\u0022', '\\\\u0022']]) {
    const body = Buffer.from('{}'); // beside a text, Node would send the header in UTF-8
    const reply = await fail({ ...broken(), 'bfx-nonce': sent }, { body });
    await assertProven(reply, keys);
    assert.equal(reply.json.nonce, sent.slice(0, 32));
    assert.ok(reply.headers['signature-input'].includes(`;nonce="${said}";keyid="`), reply.headers['signature-input']);
  }
});

test('a proof is of one status, body, nonce, moment and key', async () => {
  const keys = await fetchKeys();
  const reply = await fail(broken());
  const { headers } = reply;
  await assertProven(reply, keys);
  const input = headers['signature-input'];
  const forged = reply.text.replace('digest invalid', 'digest is valid');
  const changed = (more) => ({ ...reply, headers: { ...headers, ...more } });
  const swapped = (from, to) => {
    assert.match(input, from);
    return changed({ 'signature-input': input.replace(from, to) });
  };
  const rows = {
    'another status': { ...reply, status: 403 },
    'another body': changed({ 'content-digest': digestOf(forged) }),
    'another type': changed({ 'content-type': 'text/plain' }),
    'another nonce': swapped(/nonce="/, 'nonce="1'),
    'another moment': swapped(/created=(\d+)/, (_, s) => `created=${s - 1}`),
    'another order': swapped(/"@status" "content-type"/, '"content-type" "@status"'),
    'another signature': changed({ signature: headers.signature.replace(/:(.)/, (_, c) => `:${c === 'A' ? 'B' : 'A'}`) }),
    'the signature of another reply': changed({ signature: (await fail(broken())).headers.signature }),
  };
  assert.notEqual(headers['content-digest'], digestOf(forged), 'the digest finds another body');
  for (const [what, message] of Object.entries(rows)) assert.equal(await verify(message, keys), false, what);
  const wrong = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIuRPcHURo' }, format: 'jwk' });
  assert.equal(await verify(reply, new Map([...keys.keys()].map((id) => [id, wrong]))), false);
});

test('over HTTP/2 as well', async () => {
  const keys = await fetchKeys();
  const session = http2.connect(up.demo.sandbox.rest, { ca: up.ca, localAddress: nextAddress() });
  const reply = await new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': `/${WALLETS}`, ...broken() });
    const got = { text: '' };
    stream.on('response', ({ ':status': status, ...headers }) => Object.assign(got, { status, headers })).on('error', reject);
    stream.setEncoding('utf8').on('data', (part) => { got.text += part; });
    stream.once('end', () => resolve(got)).end('{}');
  });
  session.close();
  await assertProven(reply, keys);
});

test('what needs no proof has none', async () => {
  const localAddress = nextAddress();
  const plain = await request(`${up.demo.tripwire}/${WALLETS}`, { method: 'POST', body: '{}', headers: broken() });
  const replies = [plain, await up.get('sandbox', 'v2/nonsense', { localAddress }), await up.call('sandbox', key, WALLETS),
    await up.call('live', key, WALLETS)];
  assert.deepEqual(replies.map(({ status }) => status), [403, 404, 200, 500]);
  for (const { headers } of replies) assert.ok(!Object.keys(headers).some((name) => /^signature|digest/.test(name)));
});

test('an unknown key takes as long as a wrong signature', async () => {
  const cases = [() => sign(stranger, WALLETS, '{}'), broken];
  const times = [[], []];
  for (let round = 0; round < 16; round += 1) {
    const localAddress = nextAddress();
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    await fail(broken(), { agent, localAddress });
    for (let i = 0; i < 40; i += 1) {
      const which = (i + round) % 2;
      const headers = cases[which]();
      const started = performance.now();
      assert.equal((await fail(headers, { agent, localAddress })).status, 401);
      times[which].push(performance.now() - started);
    }
    agent.destroy();
  }
  const [unknown, wrong] = times.map((some) => some.toSorted((a, b) => a - b)[some.length >> 1]);
  assert.ok(unknown / wrong > 0.75 && unknown / wrong < 1.33, `medians ${unknown} and ${wrong} ms`);
});

/* ---- keys come and go ---- */

const confFile = () => join(up.runFolder, 'nginx.conf');
const confWith = (conf, lines) => conf.replace(/^ *latchkey_gateway_key .*;$/m, lines.join('\n'));

test('a key is replaced without a gap: every 401 is proven by the directory of before and of after', { timeout: 120_000 }, async () => {
  const conf = readFileSync(confFile(), 'utf8');
  const files = ['gateway.key', 'second.key'].map((name) => join(up.dir, 'data', name));
  const made = await run(latchkey, ['gateway-key', 'create', files[1]]);
  assert.equal(made.code, 0, made.stderr);
  assert.ok(made.stdout.includes(`latchkey_gateway_key ${files[1]};`), made.stdout);
  const again = await run(latchkey, ['gateway-key', 'create', files[1]]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is there already/);
  const [oldId, newId] = await Promise.all(files.map(async (file) => JSON.parse((await run(latchkey, ['gateway-key', 'show', file])).stdout).kid));

  let signers = new Set();
  for (const [step, order, ids] of [
    ['the new key is announced', [0, 1], [oldId, newId]],
    ['the new key signs', [1, 0], [newId, oldId]],
    ['the old key goes', [1], [newId]],
  ]) {
    const earlier = await fetchKeys();
    const replies = [];
    let done = false;
    const load = Promise.all([0, 1, 2].map(async () => {
      while (!done) replies.push(await fail(broken()));
    }));
    writeFileSync(confFile(), confWith(conf, order.map((i) => `    latchkey_gateway_key "${files[i]}";`)));
    process.kill(up.pids.nginx, 'SIGHUP');
    let later;
    do later = await fetchKeys(); while ([...later.keys()].join() !== ids.join());
    /* Both workers are new once the old ones are gone; a few more requests see them at work. */
    const seen = replies.length;
    while (replies.length < seen + 60) await fail(broken());
    done = true;
    await load;
    later = await fetchKeys();
    assert.deepEqual([...later.keys()], ids, step);
    for (const reply of replies) {
      await assertProven(reply, earlier);
      await assertProven(reply, later);
    }
    signers = new Set(replies.map(({ headers }) => /keyid="([^"]+)"/.exec(headers['signature-input'])[1]));
    assert.ok(signers.has(ids[0]), step);
  }
  assert.deepEqual([...signers], [newId]);
});

test('nginx -t says which line is wrong, and what to do', async () => {
  const conf = readFileSync(confFile(), 'utf8');
  const place = (name) => join(up.dir, 'data', name);
  copyFileSync(place('gateway.key'), place('open.key'));
  chmodSync(place('open.key'), 0o644);
  const five = ['a', 'b', 'c', 'd', 'e'].map((name) => place(`${name}.key`));
  for (const file of five) assert.equal((await run(latchkey, ['gateway-key', 'create', file])).code, 0);
  const line = conf.split('\n').findIndex((text) => /^ *latchkey_gateway_key/.test(text)) + 1;
  const check = async (lines, text = conf) => {
    const file = join(up.runFolder, 'trial.conf');
    writeFileSync(file, confWith(text, lines.map((name) => `    latchkey_gateway_key ${name};`)));
    return { ...await run('/usr/sbin/nginx', ['-t', '-p', up.runFolder, '-c', file, '-e', 'stderr']), at: (number) => ` in ${file}:${number}` };
  };
  const good = await check([place('gateway.key'), place('second.key')]);
  assert.equal(good.code, 0, good.stderr);
  assert.doesNotMatch(good.stderr, /latchkey/);

  const rows = [
    [[place('none.key')], 0, /there is no "[^"]+none\.key": make it with "latchkey gateway-key create [^"]+none\.key"/],
    [[place('open.key')], 0, /"[^"]+open\.key" is open to group or others: make a new key .* or "chmod 0600 /],
    [[place('audit.key')], 0, /"[^"]+audit\.key" is not the file of a gateway key: make one with/],
    [[join(up.dir, 'data')], 0, /cannot read "[^"]+data"/],
    [[place('gateway.key'), place('gateway.key')], 1, /"latchkey_gateway_key" directive is given twice for the same key/],
    [five, 4, /"latchkey_gateway_key" directive is given more than four times/],
  ];
  for (const [lines, offset, words] of rows) {
    const reply = await check(lines);
    assert.notEqual(reply.code, 0, lines.join(' '));
    assert.match(reply.stderr, words);
    assert.ok(reply.stderr.includes(reply.at(line + offset)), reply.stderr);
  }
  const bare = await check([], conf.replace(/^ *latchkey_key_directory;$/mg, ''));
  assert.equal(bare.code, 0, bare.stderr);
  assert.match(bare.stderr, /\[warn\].*401s go out unsigned.*latchkey gateway-key create/);
  const nothing = await check([]);
  assert.notEqual(nothing.code, 0);
  assert.match(nothing.stderr, /"latchkey_key_directory" directive has no keys to show: put a latchkey_gateway_key before it/);
});

/* ---- what a key hears beside its answer ---- */

test('a reply to a key says how long the signed log is, and never less than before', async () => {
  const sizes = [];
  const signedSize = async () => JSON.parse((await up.cli(['status', '--json'])).stdout).audit.checkpoint_size;
  const least = await signedSize();
  while (sizes.length === 0 || sizes.at(-1) < least || new Set(sizes).size < 2) {
    const { status, headers } = await up.call('sandbox', key, WALLETS);
    if (status === 429) continue;
    assert.equal(status, 200);
    assert.match(headers['latchkey-audit-size'], /^[1-9]\d*$/);
    assert.equal(headers['latchkey-key-expires'], undefined);
    sizes.push(Number(headers['latchkey-audit-size']));
    assert.ok(sizes.length < 2 || sizes.at(-1) >= sizes.at(-2), sizes.join(' '));
  }
  assert.ok(sizes.at(-1) <= await signedSize());
  const localAddress = nextAddress();
  const refused = await fail(broken(), { localAddress });
  const open = await up.get('sandbox', 'v2/platform/status', { localAddress });
  for (const { headers } of [refused, open]) assert.equal(headers['latchkey-audit-size'], undefined);
});

test('a key that ends within 14 days says when', async () => {
  const owner = await openAccount(up, 'ending@example.com');
  const [ending] = await owner.issue({ environment: 'sandbox', scopes: FULL });
  const day_s = 86_400, now_s = Math.floor(Date.now() / 1000);
  for (const [end_s, said] of [[now_s + 15 * day_s, undefined], [now_s + 13 * day_s, `@${now_s + 13 * day_s}`]]) {
    const set = await up.cli(['key', 'set', ending.key, '--end', new Date(end_s * 1000).toISOString()]);
    assert.equal(set.code, 0, set.stderr);
    const reply = await up.call('sandbox', ending, WALLETS);
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.headers['latchkey-key-expires'], said);
  }
});
