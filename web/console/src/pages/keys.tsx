// pages/keys.tsx: Account, API: the account's keys, newest first (B2, E4)
import { useEffect, useState } from 'preact/hooks';
import { get, sentence } from '../api';
import { Badge, StateBadge } from '../components/badge';
import { Alert } from '../components/alert';
import { SelectField, TextField } from '../components/field';
import { Empty, Failed, Loading, PageHead } from '../components/page';
import { Pager, Table } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import type { Key, KeyOptions } from '../types';
import { endingWords } from '../text/ending';
import { GROUPS } from '../text/groups';

const PAGE = 25;

/** What stands in the way of a first key is told before the form is filled in. */
function Missing(props: { options: KeyOptions | undefined }) {
  const missing = props.options?.missing ?? [];
  if (missing.length === 0) return null;
  return (
    <Alert kind="info" title="Before the first key">
      <ul>{missing.map((m) => <li key={m.code + m.message}>{sentence(m.message)}</li>)}</ul>
      <p><a href="#/verification">Verification</a> and <a href="#/security">Security</a> are where this is done.</p>
    </Alert>
  );
}

export default function Keys() {
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  const [state, setState] = useState('');
  const [environment, setEnvironment] = useState('');
  // The pages behind this one: where each began.
  const [trail, setTrail] = useState<string[]>([]);
  const before = trail.at(-1) ?? '';
  useEffect(() => {
    const timer = setTimeout(() => {
      setSearch(typed);
      setTrail([]);
    }, 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const list = useLoad(
    (signal) => get<{ keys: Key[]; next: string | number | null; total: number; total_is_least?: boolean }>(
      '/keys', { search, state, environment, before, limit: PAGE }, signal),
    [search, state, environment, before],
  );
  const options = useLoad(() => get<KeyOptions>('/keys/options'));
  const filtered = search !== '' || state !== '' || environment !== '';
  const filter = (set: (value: string) => void) => (value: string) => {
    set(value);
    setTrail([]);
  };
  const keys = list.data?.keys ?? [];
  const next = list.data?.next;
  const none = list.data && keys.length === 0 && trail.length === 0;
  return (
    <>
      <PageHead title="API keys" trail={[{ title: 'Account' }, { title: 'API' }]}
        lead="Each program that trades for you gets a key of its own, with just the permissions and addresses it needs."
        actions={<a class="button primary" href="#/keys/new">Create New Key</a>} />
      <Missing options={options.data} />
      {!(none && !filtered) && (
        <div class="filters" role="search" aria-label="Keys">
          <TextField class="grow" label="Search" type="search" value={typed} onInput={setTyped} autocomplete="off"
            placeholder="Label or key" spellcheck={false} />
          <SelectField label="State" value={state} onInput={filter(setState)} options={[
            { value: '', text: 'Any' }, { value: 'active', text: 'Active' }, { value: 'suspended', text: 'Suspended' },
            { value: 'revoked', text: 'Revoked' }, { value: 'expired', text: 'Expired' }]} />
          <SelectField label="Environment" value={environment} onInput={filter(setEnvironment)} options={[
            { value: '', text: 'Both' }, { value: 'live', text: 'Live' }, { value: 'sandbox', text: 'Sandbox' }]} />
        </div>
      )}
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="your keys" />}
      {none && (filtered
        ? <Empty title="No key fits"><p>Nothing has this label, state and environment.</p></Empty>
        : (
          <Empty title="No keys yet">
            <p>Begin with a sandbox key: its orders use play money, and a live key asks for one of them anyway.</p>
            <a class="button primary" href="#/keys/new">Create New Key</a>
          </Empty>
        ))}
      {keys.length > 0 && (
        <>
          <Table caption="Your API keys" rows={keys} rowKey={(k) => k.id} busy={list.busy}
            columns={[
              {
                name: 'Label', heads: true, cell: (k) => (
                  <>
                    <a href={`#/keys/${k.id}`} class="row-title">{k.label}</a>
                    <code class="muted small block">{k.id}</code>
                  </>
                ),
              },
              { name: 'Environment', cell: (k) => <span class="tag">{k.environment}</span> },
              {
                name: 'State', cell: (k) => (
                  <>
                    <StateBadge state={k.state} />
                    {k.state === 'active' && endingWords(k, Date.now()) && <> <Badge tone="wait">Ends soon</Badge></>}
                  </>
                ),
              },
              {
                name: 'May', cell: (k) => [...new Set(k.scopes.map((s) => GROUPS[s.group]?.name ?? s.group))].join(', '),
              },
              { name: 'Last use', cell: (k) => k.last_used_at ? <Time at={k.last_used_at} relative /> : <span class="muted">never</span> },
            ]} />
          {(next !== null || trail.length > 0) && (
            <Pager words={`${list.data?.total_is_least ? 'More than ' : ''}${list.data?.total.toLocaleString()} keys`}
              newer={trail.length > 0 ? () => setTrail(trail.slice(0, -1)) : undefined}
              older={next !== null && next !== undefined ? () => setTrail([...trail, String(next)]) : undefined} />
          )}
        </>
      )}
    </>
  );
}
