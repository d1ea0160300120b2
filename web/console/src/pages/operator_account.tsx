// pages/operator_account.tsx: one account: its steps, its flag (A3), its reviews
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
              <dt>Authenticator app</dt><dd>{a.totp === 'enrolled' ? 'set up' : a.totp === 'pending' ? 'not confirmed yet' : 'none'}</dd>
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
          <Unflag account={a} onDone={account.set} />
          <Flag account={a} onDone={account.set} />
        </>
      )}
    </>
  );
}
