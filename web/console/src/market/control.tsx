// market/control.tsx: bend the sandbox: its clock, its mood, and what goes wrong in it
import { useState } from 'preact/hooks';
import { post, words } from '../api';
import { SelectField } from '../components/field';
import { toast } from '../components/toast';
import type { Sandbox, SandboxInjection } from '../types';

type Send = (command: string, body: object, said: string) => void;

const FAULTS: { value: string; text: string; body: (symbol: string) => object; everybody: boolean }[] = [
  { value: 'latency', text: 'My calls answer 800 ms late', everybody: false, body: () => ({ kind: 'latency', ms: 800, for_ms: 60_000 }) },
  { value: 'error', text: 'My next two calls fail with 503', everybody: false, body: () => ({ kind: 'error', status: 503, uses: 2 }) },
  { value: 'reject', text: 'My next order is rejected', everybody: false, body: () => ({ kind: 'reject' }) },
  { value: 'disconnect', text: 'My WebSockets are cut off', everybody: false, body: () => ({ kind: 'disconnect' }) },
  { value: 'checksum', text: 'The next book checksum is wrong', everybody: false, body: () => ({ kind: 'checksum' }) },
  { value: 'shock-down', text: 'A shock: 8 % down within ten minutes', everybody: true, body: (symbol) => ({ kind: 'shock', symbol, percent: '-8', for_ms: 600_000 }) },
  { value: 'thin', text: 'A thin book for a minute', everybody: true, body: (symbol) => ({ kind: 'thin', symbol, percent: '5', for_ms: 60_000 }) },
  { value: 'halt', text: 'Trading halted for two minutes', everybody: true, body: (symbol) => ({ kind: 'halt', symbol, for_ms: 120_000 }) },
  { value: 'maintenance', text: 'Maintenance for 30 seconds', everybody: true, body: () => ({ kind: 'maintenance', for_ms: 30_000 }) },
];

function Clock(props: { sandbox: Sandbox; send: Send }) {
  const { clock } = props.sandbox;
  return (
    <div class="control-row">
      <p>
        <strong>Clock</strong> <span class="mono">{new Date(clock.time_ms).toISOString().slice(0, 19).replace('T', ' ')}</span>{' '}
        <span class="muted">{clock.mode === 'frozen' ? 'stands still' : clock.rate === 1 ? 'runs as the real one' : `runs ${clock.rate} times as fast`}</span>
      </p>
      <div class="actions">
        <button type="button" aria-pressed={clock.mode === 'frozen'} onClick={() => props.send('clock', { mode: 'freeze' }, 'The clock stands.')}>Freeze</button>
        <button type="button" onClick={() => props.send('clock', { step_ms: 3_600_000 }, 'An hour has passed.')}>An hour on</button>
        <button type="button" aria-pressed={clock.rate === 60} onClick={() => props.send('clock', { mode: 'rate', rate: '60' }, 'A minute passes in a second.')}>60 times</button>
        <button type="button" aria-pressed={clock.mode === 'real'} onClick={() => props.send('clock', { mode: 'real' }, 'The clock is the real one.')}>Real</button>
      </div>
    </div>
  );
}

function injectionWords(i: SandboxInjection): string {
  const what = [i.kind, i.symbol?.slice(1), i.percent !== undefined && `${i.percent} %`, i.ms !== undefined && `${i.ms} ms`, i.status]
    .filter(Boolean).join(' ');
  return `${what}${i.account === null ? ', for everybody' : ''}${i.uses === null ? '' : `, ${i.uses} left`}`;
}

export function Control(props: { sandbox: Sandbox; symbol: string; done: (sandbox: Sandbox) => void }) {
  const [fault, setFault] = useState('latency');
  const { sandbox, symbol } = props;
  const send: Send = (command, body, said) => {
    void post<Sandbox>(`/sandbox/control/${command}`, body).then(
      (after) => { props.done(after); toast(said); },
      (e: unknown) => toast(words(e), 'error'));
  };
  const offered = FAULTS.filter((f) => sandbox.owner || !f.everybody);
  const chosen = offered.find((f) => f.value === fault) ?? offered[0];
  return (
    <>
      {!sandbox.owner && <p class="muted">You may bend what concerns you; the market and its clock are the owner’s.</p>}
      {sandbox.owner && <Clock sandbox={sandbox} send={send} />}
      {sandbox.owner && (
        <div class="control-row">
          <SelectField label="The market is" value={sandbox.preset} options={sandbox.presets.map((p) => ({ value: p, text: p }))}
            onInput={(preset) => send('preset', { preset }, `The market is ${preset} now.`)} />
        </div>
      )}
      <div class="control-row fault">
        <SelectField label="Something goes wrong" value={chosen?.value ?? ''} onInput={setFault}
          options={offered.map((f) => ({ value: f.value, text: f.text }))} />
        <button type="button" onClick={() => chosen && send('inject', chosen.body(symbol), 'It is injected.')}>Inject</button>
      </div>
      <h3>Injected now</h3>
      {sandbox.injections.length === 0
        ? <p class="muted">Nothing: what you see is the market as it is.</p>
        : <ul class="injections">{sandbox.injections.map((i) => <li key={i.id}>{injectionWords(i)}</li>)}</ul>}
      {sandbox.injections.length > 0 && <button type="button" onClick={() => send('clear', {}, 'Nothing is injected any more.')}>End all of it</button>}
    </>
  );
}
