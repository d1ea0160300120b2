// pages/key.tsx: one key: what it may do, what it waits for, and what its owner can change (D6, E4)
import { useState } from 'preact/hooks';
import { get, post, sentence, words } from '../api';
import { Alert } from '../components/alert';
import { StateBadge } from '../components/badge';
import { confirm } from '../components/confirm';
import { Copy } from '../components/copy';
import { Failed, Loading, PageHead, Section } from '../components/page';
import { proved } from '../components/proof';
import { restAddress, SecretOnce } from '../components/secret_once';
import { Table } from '../components/table';
import { now, Time, TimeLeft } from '../components/time';
import { toast } from '../components/toast';
import { SelectField } from '../components/field';
import { useLoad } from '../load';
import { go } from '../router';
import type { PageProps } from '../routes';
import { endingWords } from '../text/ending';
import { GROUPS, scopeWords } from '../text/groups';
import type { Key, KeyGrant, KeyOptions } from '../types';
import { Elevate, KeyEdit, Limits, Rename } from './key_edit';
import { Leaks } from './key_leaks';

/** What is asked of every change: the new state of the key, and words. */
export interface ChangeProps {
  view: Key;
  options: KeyOptions;
  onChange: (key: Key, words: string) => void;
}

function Readiness(props: { view: Key }) {
  const { readiness: r, cooling_until, environment } = props.view;
  if (environment !== 'live' || !props.view.scopes.some((s) => s.group === 'trade')) return null;
  const steps = [
    { done: r.wallets_called, name: 'Wallets called', how: <>Call <code>POST /v2/auth/r/wallets</code> once with this key.</> },
    { done: r.sandbox_order, name: 'Sandbox order placed', how: <>Place one order with a sandbox key of this account.</> },
    {
      done: r.cooling_over, name: 'Cooling-off over',
      how: cooling_until ? <><TimeLeft until={cooling_until} /> left, until <Time at={cooling_until} seconds={false} />.</> : <>It begins when the key may trade.</>,
    },
  ];
  return (
    <Section title="Before the first live order"
      lead={r.ready ? 'Everything is done: the key may place orders.' : 'Orders are refused until all three are done. Reading works already.'}>
      <ul class="checklist">
        {steps.map((s) => (
          <li key={s.name} class={s.done ? 'done' : ''}>
            <span class="check" aria-hidden="true">{s.done ? '✓' : ''}</span>
            <div>
              <p class="choice-title">{s.name}<span class="hidden">: {s.done ? 'done' : 'not yet'}</span></p>
              {!s.done && <p class="muted small">{s.how}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Permissions(props: { view: Key; onMail: () => void }) {
  const { view } = props;
  const waits = view.scopes.some((s) => s.state === 'waiting-mail');
  return (
    <Section title="Permissions">
      {waits && view.state === 'active' && (
        <Alert kind="warning" title="Withdrawals wait for your confirmation" quiet>
          <p>Follow the link that we mailed to {view.email}. It works once, and for this key only.</p>
          <button type="button" class="small" onClick={props.onMail}>Send the mail again</button>
        </Alert>
      )}
      <Table caption="Permissions of this key" rows={view.scopes} rowKey={(s) => s.scope} columns={[
        { name: 'Permission', heads: true, cell: (s) => <><span>{scopeWords(s.scope)}</span> <code class="muted small">{s.scope}</code></> },
        { name: 'Group', cell: (s) => GROUPS[s.group]?.name ?? s.group },
        { name: 'State', cell: (s) => <><StateBadge state={s.state} />{s.granted_until && <span class="muted small"> until <Time at={s.granted_until} seconds={false} /></span>}</> },
      ]} />
    </Section>
  );
}

function Addresses(props: { view: Key }) {
  const { view } = props;
  const addresses = view.addresses ?? [];
  return (
    <Section title="Addresses" lead="The key is refused from anywhere else.">
      <ul class="plain rule-list">{view.ip_rules.map((r) => <li key={r}><code>{r}</code></li>)}</ul>
      {addresses.length > 0 && (
        <Table caption="Used lately from" showCaption rows={addresses} rowKey={(a) => a.address} columns={[
          { name: 'Address', heads: true, cell: (a) => <code>{a.address}</code> },
          { name: 'Last request', cell: (a) => <Time at={a.last_at} relative /> },
          { name: 'Requests', number: true, cell: (a) => a.count.toLocaleString() },
        ]} />
      )}
    </Section>
  );
}

function About(props: { view: Key }) {
  const k = props.view;
  return (
    <Section title="About this key">
      <dl class="facts">
        <dt>API key</dt><dd><code>{k.id}</code> <Copy text={k.id} what="API key" /></dd>
        <dt>Created</dt><dd><Time at={k.created_at} />{k.created_from && <span class="muted"> from <code>{k.created_from}</code></span>}</dd>
        <dt>Last use</dt><dd>{k.last_used_at ? <Time at={k.last_used_at} relative /> : 'never'}</dd>
        <dt>Rates</dt><dd>{k.rates.public_per_s} public and {k.rates.private_per_s} private requests a second</dd>
        {k.ends_at && <><dt>Ends</dt><dd><Time at={k.ends_at} />{k.ends_reason && <span class="muted">: {k.ends_reason}</span>}</dd></>}
        {k.expires_if_unused_at && k.state !== 'revoked' && k.state !== 'expired' &&
          <><dt>Ends if unused</dt><dd><Time at={k.expires_if_unused_at} seconds={false} /></dd></>}
        {k.replaces && <><dt>Replaces</dt><dd><a href={`#/keys/${k.replaces}`}><code>{k.replaces}</code></a></dd></>}
        {k.replaced_by && <><dt>Replaced by</dt><dd><a href={`#/keys/${k.replaced_by}`}><code>{k.replaced_by}</code></a></dd></>}
      </dl>
    </Section>
  );
}

const DAYS = [
  { value: '0', text: 'ends at once' },
  ...[1, 2, 3, 4, 5, 6, 7].map((n) => ({ value: String(n), text: `works for ${n} more day${n > 1 ? 's' : ''}` })),
];

function Rotate(props: { view: Key; onGrant: (grant: KeyGrant) => void }) {
  const [days, setDays] = useState('1');
  const rotate = async () => {
    try {
      const grant = await proved<KeyGrant>({
        title: `Rotate “${props.view.label}”`,
        words: `A new key and secret take its place, with the same permissions and addresses. The present one ${
          DAYS[Number(days)]?.text}.`,
        action: 'Rotate',
        path: `/keys/${props.view.id}/rotate`,
        body: { old_days: Number(days) },
      });
      if (grant) props.onGrant(grant);
    } catch (error) {
      toast(words(error), 'error');
    }
  };
  return (
    <Section title="Rotate" lead="A new key with a new secret and the same terms. The old one may live on while you change your program over.">
      <div class="inline-form">
        <SelectField label="The present key" value={days} onInput={setDays} options={DAYS} />
        <button type="button" onClick={rotate}>Rotate…</button>
      </div>
    </Section>
  );
}

function Revoke(props: { view: Key; onChange: ChangeProps['onChange'] }) {
  const { view } = props;
  const revoke = async () => {
    const yes = await confirm({
      title: `Revoke “${view.label}”?`,
      words: (
        <>
          <p>Every gateway refuses the key from this moment on. Programs that use it stop trading, and their open orders stay open.</p>
          <p>A revoked key cannot be brought back, only replaced by a new one.</p>
        </>
      ),
      action: 'Revoke the key',
      danger: true,
      type: { label: `Type the label to go on: ${view.label}`, text: view.label },
    });
    if (!yes) return;
    try {
      props.onChange(await post<Key>(`/keys/${view.id}/revoke`, {}), 'The key is revoked.');
    } catch (error) {
      toast(words(error), 'error');
    }
  };
  return (
    <Section title="Revoke" lead="Ends the key at once and for good.">
      <button type="button" class="danger-outline" onClick={revoke}>Revoke this key…</button>
    </Section>
  );
}

export default function KeyPage({ params }: PageProps) {
  const key = useLoad(() => get<Key>(`/keys/${params.id}`), [params.id]);
  const options = useLoad(() => get<KeyOptions>('/keys/options'));
  const [grant, setGrant] = useState<KeyGrant | null>(null);
  const trail = [{ title: 'Account' }, { title: 'API', href: '#/keys' }];
  const view = key.data;
  if (grant) {
    return (
      <>
        <PageHead title="The new key" trail={trail} lead={`It takes the place of ${view?.id ?? 'the old one'}.`} />
        <SecretOnce grant={grant} rest={restAddress(grant.key.environment, options.data?.venues)}
          onDone={() => {
            setGrant(null);
            go(`/keys/${grant.key.id}`);
          }} />
      </>
    );
  }
  const error = key.error ?? options.error;
  if (error) return <><PageHead title="API key" trail={trail} /><Failed error={error} again={key.reload} /></>;
  if (!view || !options.data) return <><PageHead title="API key" trail={trail} /><Loading /></>;

  const changed = (changedKey: Key, said: string) => {
    key.set({ ...changedKey, addresses: changedKey.addresses ?? view.addresses });
    toast(said);
  };
  const mail = async () => {
    try {
      await post(`/keys/${view.id}/withdrawal-mail`);
      toast(`A mail is on its way to ${view.email}.`);
    } catch (e) {
      toast(words(e), 'error');
    }
  };
  const ending = endingWords(view, now.value);
  const usable = view.state === 'active' || view.state === 'suspended';
  const change = { view, options: options.data, onChange: changed };
  return (
    <>
      <PageHead title={view.label} trail={trail}
        lead={<><StateBadge state={view.state} /> <span class="tag">{view.environment}</span></>}
        actions={usable && <Rename {...change} />} />
      {!usable && (
        <Alert kind="info" title={view.state === 'revoked' ? 'This key is revoked' : 'This key has ended'} quiet>
          <p>{view.reason ? sentence(view.reason) : ''} It cannot be brought back; <a href="#/keys/new">create a new one</a>.</p>
        </Alert>
      )}
      {view.holds.length > 0 && (
        <Alert kind="warning" title="The key is suspended" quiet>
          <ul>{view.holds.map((h) => <li key={h.reason}>{sentence(h.words)} <span class="muted">Since <Time at={h.since} seconds={false} />.</span></li>)}</ul>
        </Alert>
      )}
      <Leaks view={view} onChange={changed} />
      {usable && ending && <Alert kind="warning" title="The key ends soon" quiet><p>{ending}</p></Alert>}
      {usable && <Readiness view={view} />}
      <About view={view} />
      <Permissions view={view} onMail={mail} />
      <Addresses view={view} />
      {usable && (
        <>
          <KeyEdit {...change} />
          <Limits {...change} />
          <Elevate {...change} />
          <Rotate view={view} onGrant={setGrant} />
          <Revoke view={view} onChange={changed} />
        </>
      )}
    </>
  );
}
