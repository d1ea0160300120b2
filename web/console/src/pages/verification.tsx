// pages/verification.tsx: what the venue must know before a key can be made (A1, A4): done and missing
import { useRef, useState } from 'preact/hooks';
import { address, get, post, upload, words } from '../api';
import { Alert, Reasons } from '../components/alert';
import { StateBadge } from '../components/badge';
import { confirm } from '../components/confirm';
import { TextField } from '../components/field';
import { Failed, Loading, PageHead, Section } from '../components/page';
import { Time } from '../components/time';
import { toast } from '../components/toast';
import { useLoad } from '../load';
import { session } from '../session';
import { bytes } from '../text/bytes';
import type { Signatory, StoredDocument, Verification, VerificationStep } from '../types';

const MOST_BYTES = 8 * 1024 * 1024;
const HINTS: Record<string, string> = {
  identity: 'Passport, identity card or driving licence, each page that carries data.',
  address: 'A bill, bank statement or official letter with your name and address, not older than three months.',
  incorporation: 'Certificate of incorporation and an extract of the register of companies.',
  signatories: 'Who may approve keys on behalf of the company. A document that names them goes with the list.',
};

interface Sending {
  name: string;
  part: number;
}

function Documents(props: { step: VerificationStep; locked: boolean; reload: () => void }) {
  const { step, locked, reload } = props;
  const input = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState<Sending | null>(null);
  const [problems, setProblems] = useState<string[]>([]);
  const send = async (files: File[]) => {
    const bad: string[] = [];
    setProblems([]);
    for (const file of files) {
      if (file.size > MOST_BYTES) {
        bad.push(`${file.name} has ${bytes(file.size)}; at most ${bytes(MOST_BYTES)} fit. Scan it with a lower resolution.`);
        continue;
      }
      setSending({ name: file.name, part: 0 });
      try {
        await upload<StoredDocument>(`/verification/${step.step}/documents`, file, (part) => setSending({ name: file.name, part }));
      } catch (error) {
        bad.push(`${file.name}: ${words(error)}`);
      }
    }
    setSending(null);
    setProblems(bad);
    reload();
  };
  const remove = async (d: StoredDocument) => {
    const yes = await confirm({ title: `Remove ${d.name}?`, words: 'The file is deleted here. You can upload it again.', action: 'Remove', danger: true });
    if (!yes) return;
    try {
      await post(`/verification/documents/${d.id}/remove`);
    } catch (error) {
      toast(words(error), 'error');
    }
    reload();
  };
  return (
    <>
      <Reasons words={problems} />
      {step.documents.length > 0 && (
        <ul class="documents">
          {step.documents.map((d) => (
            <li key={d.id}>
              <a href={address(`/verification/documents/${d.id}`)} target="_blank" rel="noreferrer">{d.name}</a>
              <span class="muted small">{bytes(d.bytes)}, <Time at={d.at} relative /></span>
              {!locked && <button type="button" class="small" aria-label={`Remove ${d.name}`} onClick={() => remove(d)}>Remove…</button>}
            </li>
          ))}
        </ul>
      )}
      {sending && (
        <div class="sending">
          <span>{sending.name}</span>
          <progress max={1} value={sending.part} aria-label={`Uploading ${sending.name}`} />
        </div>
      )}
      {!locked && (
        <div class="drop" onDragOver={(e) => e.preventDefault()} onDrop={(e) => {
          e.preventDefault();
          void send([...(e.dataTransfer?.files ?? [])]);
        }}>
          <input ref={input} class="hidden" type="file" multiple accept=".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg" tabIndex={-1}
            aria-label={`Files for: ${step.words}`}
            onChange={(e) => {
              void send([...(e.currentTarget.files ?? [])]);
              e.currentTarget.value = '';
            }} />
          <button type="button" disabled={sending !== null} onClick={() => input.current?.click()}
            aria-label={`Choose files for: ${step.words}`}>Choose files</button>
          <span class="muted small">or drop them here. PDF, PNG or JPEG, 8 MiB each. They are stored sealed.</span>
        </div>
      )}
    </>
  );
}

function Signatories(props: { signatories: Signatory[]; reload: () => void }) {
  const [list, setList] = useState<Signatory[]>(props.signatories.length > 0 ? props.signatories : [{ name: '', email: '' }]);
  const [problem, setProblem] = useState('');
  const change = (i: number, part: Partial<Signatory>) => setList(list.map((s, j) => (i === j ? { ...s, ...part } : s)));
  const keep = async (e: Event) => {
    e.preventDefault();
    setProblem('');
    try {
      const signatories = list.filter((s) => s.name.trim() || s.email.trim()).map(({ name, email }) => ({ name, email }));
      await post('/verification/signatories', { signatories });
      toast('The list is kept.');
      props.reload();
    } catch (error) {
      setProblem(words(error));
    }
  };
  return (
    <form onSubmit={keep} class="signatories">
      <Reasons words={problem ? [problem] : []} />
      {list.map((s, i) => (
        <fieldset key={i} class="inline-form">
          <legend class="hidden">Signatory {i + 1}</legend>
          <TextField label="Name" value={s.name} onInput={(name) => change(i, { name })} required autocomplete="off" />
          <TextField label="Email" type="email" value={s.email} onInput={(email) => change(i, { email })} required autocomplete="off" />
          <button type="button" class="quiet" aria-label={`Remove signatory ${i + 1}`} disabled={list.length === 1}
            onClick={() => setList(list.toSpliced(i, 1))}>Remove</button>
        </fieldset>
      ))}
      <div class="form-actions">
        <button type="submit">Keep the list</button>
        <button type="button" onClick={() => setList([...list, { name: '', email: '' }])}>Add a signatory</button>
      </div>
    </form>
  );
}

function Step(props: { step: VerificationStep; signatories: Signatory[]; reload: () => void }) {
  const { step, reload } = props;
  const [problem, setProblem] = useState('');
  const locked = step.state === 'submitted' || step.state === 'accepted';
  const submit = async () => {
    setProblem('');
    try {
      await post(`/verification/${step.step}/submit`);
      toast('An operator will look at it.');
      reload();
    } catch (error) {
      setProblem(words(error));
    }
  };
  const title = step.words.charAt(0).toUpperCase() + step.words.slice(1);
  return (
    <Section title={title} lead={locked ? undefined : HINTS[step.step]} actions={<StateBadge state={step.state} />}>
      {step.state === 'rejected' && (
        <Alert kind="error" title="It was not accepted" quiet><p>{step.reason || 'No reason was given.'} Put better papers in and submit again.</p></Alert>
      )}
      {step.step === 'signatories' && (locked
        ? <ul class="plain">{props.signatories.map((s) => <li key={s.email}>{s.name} <span class="muted">{s.email}</span></li>)}</ul>
        : <Signatories signatories={props.signatories} reload={reload} />)}
      <Documents step={step} locked={locked} reload={reload} />
      {step.state === 'submitted' && <p class="muted small">An operator of the venue looks at it. You get a mail when it is decided.</p>}
      {!locked && (
        <>
          <Reasons words={problem ? [problem] : []} />
          <div class="form-actions">
            <button type="button" class="primary" aria-label={`Submit for review: ${step.words}`}
              disabled={step.documents.length === 0} onClick={submit}>Submit for review</button>
            {step.documents.length === 0 && <span class="muted small">Upload a file first.</span>}
          </div>
        </>
      )}
    </Section>
  );
}

export default function VerificationPage() {
  const v = useLoad(() => get<Verification>('/verification'));
  const data = v.data;
  const done = data?.steps.filter((s) => s.state === 'accepted').length ?? 0;
  return (
    <>
      <PageHead title="Verification" trail={[{ title: 'Account' }, { title: 'Verification' }]}
        lead={data?.complete ? undefined : `Keys can be made once the venue knows ${session.value?.account.kind === 'corporate' ? 'the company' : 'you'}.`} />
      {v.error ? <Failed error={v.error} again={v.reload} /> : null}
      {!data && !v.error && <Loading />}
      {data && (
        <>
          {data.complete
            ? <Alert kind="good" title="Verification is complete" quiet><p>Go on to your <a href="#/keys">API keys</a>.</p></Alert>
            : <p class="progress-words"><strong>{done} of {data.steps.length}</strong> accepted</p>}
          {data.steps.map((s) => <Step key={s.step} step={s} signatories={data.signatories} reload={v.reload} />)}
        </>
      )}
    </>
  );
}
