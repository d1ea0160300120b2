// audit/record.tsx: one record of the audit log, and the proof that it stands there
import { useState } from 'preact/hooks';
import { get, words } from '../api';
import { Reasons } from '../components/alert';
import { Badge, type Tone } from '../components/badge';
import { save } from '../components/copy';
import { Dialog } from '../components/dialog';
import { Time } from '../components/time';
import { toast } from '../components/toast';
import { latency, verdictWords } from '../text/verdicts';
import type { AuditRecord, ChangeRecord, RequestRecord } from '../types';

export function StatusBadge(props: { status: number }) {
  const { status } = props;
  const tone: Tone = status >= 500 ? 'bad' : status >= 400 ? 'wait' : status >= 200 && status < 300 ? 'good' : 'calm';
  return <Badge tone={tone}>{status === 0 ? 'No reply' : status}</Badge>;
}

/** The proof as a file that `latchkey verify` reads without trusting the venue. */
export async function prove(base: string, index: number): Promise<void> {
  const { proof } = await get<{ proof: string }>(`${base}/audit/prove`, { index });
  save(`latchkey-entry-${index}.tlog-proof`, proof);
  toast(`The proof of entry ${index} is saved.`);
}

function RequestFacts({ record: r }: { record: RequestRecord }) {
  return (
    <>
      <dt>Request</dt><dd><code>{r.method} {r.path ?? '(unreadable)'}</code></dd>
      <dt>Status</dt><dd><StatusBadge status={r.status} /></dd>
      <dt>Result</dt><dd>{verdictWords(r.verdict)}{r.dry_run && ' (dry run)'}</dd>
      <dt>Latency</dt><dd>{latency(r.latency_us)}</dd>
      <dt>Key</dt><dd>{r.key ? <code>{r.key}</code> : 'none'}{r.key && !r.authentic && <span class="muted"> (claimed; the signature did not prove it)</span>}</dd>
      <dt>From</dt><dd><code>{r.address}</code> <span class="muted">{r.transport}</span></dd>
      <dt>Environment</dt><dd>{r.environment}</dd>
      <dt>Sent back</dt><dd>{r.bytes.toLocaleString()} bytes</dd>
      <dt>Nonce</dt><dd><code>{r.nonce}</code></dd>
    </>
  );
}

/** "before" and "after" of a change are what the change was about: shown as they are kept. */
function ChangeFacts({ record: r }: { record: ChangeRecord }) {
  const part = (value: unknown) => <pre class="small">{JSON.stringify(value, null, 2)}</pre>;
  return (
    <>
      <dt>Change</dt><dd>{r.what}</dd>
      <dt>By</dt><dd>{r.who}</dd>
      {r.key && <><dt>Key</dt><dd><code>{r.key}</code></dd></>}
      {r.before != null && <><dt>Before</dt><dd>{part(r.before)}</dd></>}
      {r.after != null && <><dt>After</dt><dd>{part(r.after)}</dd></>}
    </>
  );
}

export function RecordDialog(props: { base: string; record: AuditRecord; onClose: () => void }) {
  const { record: r } = props;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const download = async () => {
    setBusy(true);
    setProblem('');
    try {
      await prove(props.base, r.index);
    } catch (error) {
      setProblem(words(error));
    }
    setBusy(false);
  };
  return (
    <Dialog title={`Entry ${r.index}`} onClose={props.onClose}>
      <dl class="facts">
        <dt>Time</dt><dd><Time at={r.at} /></dd>
        {r.kind === 'change' ? <ChangeFacts record={r} /> : <RequestFacts record={r} />}
        {r.account !== null && <><dt>Account</dt><dd>{r.account}</dd></>}
        <dt>Request id</dt><dd><code>{r.request_id}</code></dd>
      </dl>
      <p class="muted small after">
        The proof shows with the venue's signature that exactly this entry stands in the log, and that
        nobody took it out or changed it. It needs no trust in this page.
      </p>
      <Reasons words={problem ? [problem] : []} />
      <div class="dialog-actions">
        <button type="button" onClick={props.onClose}>Close</button>
        <button type="button" class="primary" disabled={busy} onClick={download}>
          {busy ? 'Waiting for the signature…' : 'Prove this entry'}
        </button>
      </div>
    </Dialog>
  );
}
