// pages/operator_key.tsx: one key of any account: its terms, elevated permissions (D5), its end
import { useState } from 'preact/hooks';
import { ApiError, get, post, sentence, words } from '../api';
import { Alert, Reasons } from '../components/alert';
import { StateBadge } from '../components/badge';
import { confirm } from '../components/confirm';
import { Failed, Loading, PageHead, Section } from '../components/page';
import { Table } from '../components/table';
import { TextArea } from '../components/textarea';
import { Time } from '../components/time';
import { toast } from '../components/toast';
import { useLoad } from '../load';
import type { PageProps } from '../routes';
import type { Key } from '../types';

interface PartProps {
  view: Key;
  onDone: (view: Key) => void;
}

function About({ view: k }: { view: Key }) {
  return (
    <Section title="About it">
      <dl class="facts">
        <dt>Key</dt><dd><code>{k.id}</code></dd>
        <dt>Account</dt><dd><a href={`#/operator/accounts/${k.account}`}>{k.email}</a></dd>
        <dt>Created</dt><dd><Time at={k.created_at} />{k.created_from && <> from <code>{k.created_from}</code></>}</dd>
        <dt>Last use</dt><dd>{k.last_used_at ? <Time at={k.last_used_at} /> : 'never'}</dd>
        {k.ends_at && <><dt>Ends</dt><dd><Time at={k.ends_at} />{k.ends_reason && <>: {k.ends_reason}</>}</dd></>}
        <dt>Rates</dt><dd>{k.rates.public_per_s} public and {k.rates.private_per_s} private requests a second</dd>
        <dt>Nonce window</dt><dd>{k.nonce_window ? 'on' : 'off'}</dd>
        <dt>Addresses</dt><dd>{k.ip_rules.map((r) => <code key={r} class="block">{r}</code>)}</dd>
        {k.replaces && <><dt>Replaces</dt><dd><a href={`#/operator/keys/${k.replaces}`}>{k.replaces}</a></dd></>}
        {k.replaced_by && <><dt>Replaced by</dt><dd><a href={`#/operator/keys/${k.replaced_by}`}>{k.replaced_by}</a></dd></>}
      </dl>
    </Section>
  );
}

function Scopes({ view: k, onDone }: PartProps) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const refused = error instanceof ApiError ? error : null;
  const granted = k.scopes.filter((s) => s.granted_until);
  const takeBack = async (e: Event) => {
    e.preventDefault();
    const yes = await confirm({
      title: 'Take the elevated permissions back?', action: 'Take them back', danger: true,
      words: `The key keeps everything else, but loses at once: ${granted.map((s) => s.scope).join(', ')}. The owner can ask again.`,
    });
    if (!yes) return;
    setBusy(true);
    setError(null);
    try {
      onDone(await post<Key>(`/operator/keys/${k.id}/ungrant`, { reason: reason.trim() }));
      toast('The elevated permissions are taken back.');
      setReason('');
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Section title="Permissions">
      <Table caption="Permissions" rows={k.scopes} rowKey={(s) => s.scope} columns={[
        { name: 'Permission', heads: true, cell: (s) => <code>{s.scope}</code> },
        { name: 'State', cell: (s) => <><StateBadge state={s.state} />{s.granted_until && <span class="muted small"> until <Time at={s.granted_until} seconds={false} /></span>}</> },
      ]} />
      {granted.length > 0 && (
        <form class="after" onSubmit={takeBack}>
          <Reasons words={refused ? refused.beside('reason') : error ? [words(error)] : []} />
          <TextArea label="Why the elevated permissions end" value={reason} onInput={setReason} required error={refused?.field('reason')} />
          <div class="form-actions"><button type="submit" class="danger-outline" disabled={busy || reason.trim() === ''}>Take them back…</button></div>
        </form>
      )}
    </Section>
  );
}

function Revoke({ view: k, onDone }: PartProps) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const refused = error instanceof ApiError ? error : null;
  const revoke = async (e: Event) => {
    e.preventDefault();
    const yes = await confirm({
      title: `Revoke “${k.label}”?`, action: 'Revoke it', danger: true,
      words: <p>Every request with this key of {k.email} is refused from now on, for good. Open orders stay open. The owner is told by mail, with your reason.</p>,
      type: { label: 'Type its label', text: k.label },
    });
    if (!yes) return;
    setBusy(true);
    setError(null);
    try {
      onDone(await post<Key>(`/operator/keys/${k.id}/revoke`, { reason: reason.trim() }));
      toast('The key is revoked.');
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Section title="Revoke" lead="Ends the key at once and for good.">
      <form onSubmit={revoke}>
        <Reasons words={refused ? refused.beside('reason') : error ? [words(error)] : []} />
        <TextArea label="Reason" value={reason} onInput={setReason} required error={refused?.field('reason')}
          hint="The owner reads it, and it is kept in the change log." />
        <div class="form-actions"><button type="submit" class="danger" disabled={busy || reason.trim() === ''}>Revoke…</button></div>
      </form>
    </Section>
  );
}

export default function OperatorKey({ params }: PageProps) {
  const key = useLoad((signal) => get<Key>(`/operator/keys/${params.id}`, {}, signal), [params.id]);
  const k = key.data;
  const usable = k?.state === 'active' || k?.state === 'suspended';
  return (
    <>
      <PageHead title={k?.label ?? 'Key'} trail={[{ title: 'Operator' }, { title: 'All keys', href: '#/operator/keys' }]}
        lead={k && <><StateBadge state={k.state} /> <span class="tag">{k.environment}</span>{k.reason && <> {k.reason}</>}</>}
        actions={k && <a class="button" href={`#/operator/audit?key=${k.id}`}>Requests</a>} />
      {key.error ? <Failed error={key.error} again={key.reload} /> : null}
      {!k && !key.error && <Loading what="the key" />}
      {k && (
        <>
          {k.holds.length > 0 && (
            <Alert kind="warning" quiet title="What holds it">
              <ul>{k.holds.map((h) => <li key={h.reason}>{sentence(h.words)} <span class="muted">Since <Time at={h.since} />.</span></li>)}</ul>
            </Alert>
          )}
          <About view={k} />
          <Scopes view={k} onDone={key.set} />
          {usable && <Revoke view={k} onDone={key.set} />}
        </>
      )}
    </>
  );
}
