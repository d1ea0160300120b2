// pages/operator_account.tsx: one account: its steps, its flag (A3), its factors (A2), its reviews
import { useState } from 'preact/hooks';
import { ApiError, get, post, sentence, words } from '../api';
import { Alert, Reasons } from '../components/alert';
import { Badge, StateBadge } from '../components/badge';
import { confirm } from '../components/confirm';
import { SelectField } from '../components/field';
import { Empty, Failed, Loading, PageHead, Section } from '../components/page';
import { TextArea } from '../components/textarea';
import { Time } from '../components/time';
import { toast } from '../components/toast';
import { Table } from '../components/table';
import { useLoad } from '../load';
import type { PageProps } from '../routes';
import type { OperatorAccount as Account } from '../types';
import { AccountState } from './operator_accounts';
import { ReviewTable } from './operator_reviews';

type Keys = 'leave' | 'suspend' | 'revoke';

const KEYS: Record<Keys, { title: string; will: string }> = {
  leave: { title: 'Leave them', will: 'Existing keys go on working.' },
  suspend: { title: 'Suspend them', will: 'Every active key is refused from now on; it is active again when the flag is lifted, unless something else holds it.' },
  revoke: { title: 'Revoke them', will: 'Every key ends for good. Lifting the flag does not bring them back; the owner has to make new ones.' },
};

const KINDS = { suspicious: 'Suspicious activity', regulatory: 'Regulatory review' };

/** With the two-person rule the first call only proposes: then the flag is as it was before. */
function told(before: Account, after: Account, flagged: boolean): string {
  const proposed = (after.flag !== null) !== flagged
    || (flagged && before.flag !== null && after.flag?.at === before.flag.at);
  if (proposed) return 'It is proposed. Another operator has to accept it.';
  return flagged ? 'The account is flagged.' : 'The flag is lifted.';
}

interface FlagProps {
  account: Account;
  onDone: (account: Account) => void;
}

function Flag({ account: a, onDone }: FlagProps) {
  const [kind, setKind] = useState<keyof typeof KINDS>('suspicious');
  const [keys, setKeys] = useState<Keys>('suspend');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;
  const submit = async (e: Event) => {
    e.preventDefault();
    const yes = await confirm({
      title: `Flag ${a.email}?`, action: 'Flag the account', danger: true,
      words: <p>No new key can be made. {KEYS[keys].will} The account has {a.keys.toLocaleString()} {a.keys === 1 ? 'key' : 'keys'}.</p>,
      ...(keys === 'revoke' ? { type: { label: `Type ${a.email} to revoke its keys for good`, text: a.email } } : {}),
    });
    if (!yes) return;
    setBusy(true);
    setError(null);
    try {
      const after = await post<Account>(`/operator/accounts/${a.id}/flag`, { kind, keys, reason: reason.trim() });
      toast(told(a, after, true));
      setReason('');
      onDone(after);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Section title={a.flag ? 'Flag it again' : 'Flag this account'}
      lead={a.flag ? 'Replaces kind and reason; what the first flag did to the keys stays done.' : 'A flagged account gets no new key until the flag is lifted.'}>
      <form onSubmit={submit}>
        <Reasons words={refused ? refused.beside('kind', 'keys', 'reason') : error ? [words(error)] : []} />
        <div class="form-narrow">
          <SelectField label="Why" value={kind} onInput={(v) => setKind(v as keyof typeof KINDS)} error={refused?.field('kind')}
            options={Object.entries(KINDS).map(([value, text]) => ({ value, text }))} />
        </div>
        <fieldset class="after">
          <legend>Existing keys</legend>
          <div class="choices">
            {(Object.entries(KEYS) as [Keys, { title: string; will: string }][]).map(([value, k]) => (
              <label key={value} class="choice">
                <input type="radio" name="keys" checked={keys === value} onChange={() => setKeys(value)} />
                <span><span class="choice-title">{k.title}</span><span class="muted small">{k.will}</span></span>
              </label>
            ))}
          </div>
        </fieldset>
        <div class="after">
          <TextArea label="Reason" value={reason} onInput={setReason} required error={refused?.field('reason')}
            hint="Kept in the change log. The owner hears only that the account is under review." />
        </div>
        <div class="form-actions"><button type="submit" class="danger" disabled={busy || reason.trim() === ''}>Flag the account…</button></div>
      </form>
    </Section>
  );
}

function Unflag({ account: a, onDone }: FlagProps) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;
  if (!a.flag) return null;
  const submit = async (e: Event) => {
    e.preventDefault();
    const yes = await confirm({
      title: 'Lift the flag?', action: 'Lift it',
      words: 'The account may make keys again. Keys that the flag suspended are active again unless something else holds them; keys that it revoked stay revoked.',
    });
    if (!yes) return;
    setBusy(true);
    setError(null);
    try {
      const after = await post<Account>(`/operator/accounts/${a.id}/unflag`, { reason: reason.trim() });
      toast(told(a, after, false));
      setReason('');
      onDone(after);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Section title="The flag">
      <Alert kind="warning" quiet title={KINDS[a.flag.kind]}><p>{a.flag.reason} <span class="muted">Since <Time at={a.flag.at} />.</span></p></Alert>
      <form onSubmit={submit}>
        <Reasons words={refused ? refused.beside('reason') : error ? [words(error)] : []} />
        <TextArea label="Why the flag can go" value={reason} onInput={setReason} required error={refused?.field('reason')} />
        <div class="form-actions"><button type="submit" disabled={busy || reason.trim() === ''}>Lift the flag…</button></div>
      </form>
    </Section>
  );
}

interface LostFactor {
  /** As the call names it. */
  id: string;
  name: string;
  added: string | null;
  used: string | null;
}

const factorsOf = ({ factors }: Account): LostFactor[] => [
  ...(factors.totp.state === 'none' ? [] : [{ id: 'totp', name: 'Authenticator app', added: factors.totp.enrolled_at, used: null }]),
  ...factors.passkeys.map((p) => ({ id: p.id, name: `Passkey “${p.name}”`, added: p.created_at, used: p.last_used_at })),
];

/** What an owner who has lost it asks the venue for. */
function Factors({ account: a, onDone }: FlagProps) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;
  const list = factorsOf(a);
  const remove = async (factor: LostFactor) => {
    const last = list.length === 1;
    const yes = await confirm({
      title: `Remove ${factor.name} of ${a.email}?`, action: 'Remove it', danger: true,
      words: (
        <p>
          All sessions of the account end, and the owner gets a mail. {last
            ? 'It is the last factor: its recovery codes go with it, and the password alone lets its owner in to set up another one.'
            : 'The owner logs in with another factor.'} Its keys go on working; to hold them as well, flag the account first.
        </p>
      ),
      ...(last ? { type: { label: `Type ${a.email} to remove its last factor`, text: a.email } } : {}),
    });
    if (!yes) return;
    setBusy(true);
    setError(null);
    try {
      const after = await post<Account>(`/operator/accounts/${a.id}/factors/${factor.id}/remove`, { reason: reason.trim() });
      const gone = !factorsOf(after).some((f) => f.id === factor.id);
      toast(gone ? 'The factor is removed, and the owner is told.' : 'It is proposed. Another operator has to accept it.');
      setReason('');
      onDone(after);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  if (list.length === 0) return <Section title="Second factors"><Empty title="No second factor is set up" /></Section>;
  return (
    <Section title="Second factors" lead="Remove one only when its owner asked for it and has shown by other means who they are.">
      <Reasons words={refused ? refused.beside('reason') : error ? [words(error)] : []} />
      <TextArea label="How you know that the owner asked" value={reason} onInput={setReason} error={refused?.field('reason')}
        hint="Needed to remove a factor. Kept in the change log." />
      <div class="after">
        <Table caption="Second factors" rows={list} rowKey={(f) => f.id} columns={[
          { name: 'Factor', heads: true, cell: (f) => f.name },
          { name: 'Added', cell: (f) => (f.added ? <Time at={f.added} /> : 'not confirmed') },
          { name: 'Last used', cell: (f) => (f.used ? <Time at={f.used} /> : '–') },
          {
            name: 'Remove', silent: true, cell: (f) => (
              <button type="button" class="danger-outline" aria-label={`Remove ${f.name}`} disabled={busy || reason.trim() === ''}
                onClick={() => remove(f)}>Remove…</button>
            ),
          },
        ]} />
      </div>
    </Section>
  );
}

export default function OperatorAccount({ params }: PageProps) {
  const account = useLoad((signal) => get<Account>(`/operator/accounts/${params.id}`, {}, signal), [params.id]);
  const a = account.data;
  return (
    <>
      <PageHead title={a?.email ?? 'Account'} trail={[{ title: 'Operator' }, { title: 'Accounts', href: '#/operator/accounts' }]}
        lead={a && <><AccountState account={a} /> {a.role === 'operator' && <Badge tone="calm">Operator</Badge>}</>}
        actions={a && <><a class="button" href={`#/operator/keys?account=${a.id}`}>Keys</a><a class="button" href={`#/operator/audit?account=${a.id}`}>Requests</a></>} />
      {account.error ? <Failed error={account.error} again={account.reload} /> : null}
      {!a && !account.error && <Loading what="the account" />}
      {a && (
        <>
          <Section title="About it">
            <dl class="facts">
              <dt>Number</dt><dd>{a.id}</dd>
              {a.name && <><dt>Name</dt><dd>{a.name}</dd></>}
              <dt>Kind</dt><dd>{a.kind}, {a.jurisdiction}</dd>
              <dt>Since</dt><dd><Time at={a.created_at} /></dd>
              <dt>Recovery codes</dt><dd>{a.factors.recovery_codes} left</dd>
              <dt>Keys</dt><dd>{a.keys.toLocaleString()}</dd>
              {a.missing.length > 0 && <><dt>Missing for keys</dt><dd>{a.missing.map((m) => sentence(m.message)).join(' ')}</dd></>}
            </dl>
          </Section>
          <Section title="Verification">
            <Table caption="Verification" rows={a.steps} rowKey={(s) => s.step} columns={[
              { name: 'Step', heads: true, cell: (s) => s.step },
              { name: 'State', cell: (s) => <StateBadge state={s.state} /> },
            ]} />
          </Section>
          <Section title="Reviews">
            {a.reviews.length > 0 ? <ReviewTable reviews={a.reviews} account={false} /> : <Empty title="No reviews yet" />}
          </Section>
          <Factors account={a} onDone={account.set} />
          <Unflag account={a} onDone={account.set} />
          <Flag account={a} onDone={account.set} />
        </>
      )}
    </>
  );
}
