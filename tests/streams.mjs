/* tests/streams.mjs: random streams of bytes through the real nginx, its module built with ASan and UBSan
 *
 *     LATCHKEY=build/latchkey LATCHKEY_MODULE=build-asan/module.so node tests/streams.mjs [COUNT]
 *
 * One nginx process, so that a report ends it and none goes unseen.  The streams come from
 * build/fuzz/streams; the seed is printed, LATCHKEY_SEED repeats it.  One line of TAP.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { latchkey, run } from './scenarios/harness.mjs';
import { eventually, seeded, startRig } from './scenarios/rig.mjs';

const COUNT = Number(process.argv[2] ?? 20_000);
const library = (name) => execFileSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
const socketOf = (rig, name) => join(rig.runFolder, `${name}.sock`);

/* The sandbox's server listens on three sockets more; rates and idle connections are not the point. */
const edit = (conf, rig) => conf
  .replace('events {', 'master_process off;\nevents {')
  .replace(/worker_shutdown_timeout[^;]*;/, '')
  .replace('latchkey sandbox;', `latchkey sandbox;
        listen unix:${socketOf(rig, 'plain')};
        listen unix:${socketOf(rig, 'http2')} http2;
        listen unix:${socketOf(rig, 'tls')} ssl http2;`);

async function main() {
  const { seed } = seeded('streams');
  let rig;
  rig = await startRig({
    keys: 16, workers: 1, edit: (conf, it) => edit(conf, it), nginxReady: /event method/,
    nginxEnv: {
      LD_PRELOAD: `${library('libasan.so')} ${library('libubsan.so')}`,
      ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1', UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1:abort_on_error=1',
    },
  });
  try {
    writeFileSync(join(rig.dir, 'keys'), rig.keys.map(({ key, secret }) => `${key} ${secret}\n`).join(''));
    const sent = await run(join(dirname(latchkey), 'fuzz/streams'),
      [join(rig.dir, 'keys'), seed, COUNT, ...['plain', 'http2', 'tls'].map((name) => socketOf(rig, name))].map(String));
    console.log(`# ${sent.stdout.trim()}`);
    const report = /(==\d+==ERROR[^]*|[^\n]*runtime error[^]*)/.exec(rig.nginx.journal);
    assert.equal(report, null, report?.[0].slice(0, 6000));
    assert.equal(sent.code, 0, sent.stderr + rig.nginx.journal.slice(-3000));
    assert.ok(rig.nginx.runs, 'nginx lives');
    await eventually('it answers others', () => rig.answers());
    await rig.drained();
    const verified = await rig.cli(['audit', 'verify']);
    assert.equal(verified.code, 0, verified.stderr);
    console.log(`# ${rig.witness.ids.size} reached the upstream; ${(await rig.status()).audit.size} records`);
  } finally {
    await rig.stop();
  }
}

let why;
try { await main(); } catch (error) { why = error; }
console.log(`${why ? 'not ok' : 'ok'} 1 - ${COUNT} random streams through nginx, module under ASan\n1..1`);
if (why) {
  console.error(why);
  process.exitCode = 1;
}
