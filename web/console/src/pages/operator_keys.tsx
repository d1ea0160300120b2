// pages/operator_keys.tsx: keys of all accounts, by the beginning of their id or by their account
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get } from '../api';
import { Reasons } from '../components/alert';
import { StateBadge } from '../components/badge';
import { TextField } from '../components/field';
import { Empty, Failed, Loading, PageHead } from '../components/page';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import { usePages } from '../paging';
import type { PageProps } from '../routes';
import type { Key } from '../types';

interface Found {
  keys: Key[];
  next: string | null;
  total: number;
  total_is_least: boolean;
}

export default function OperatorKeys({ query }: PageProps) {
  const [typed, setTyped] = useState({ account: query.get('account') ?? '', text: query.get('search') ?? '' });
  const [search, setSearch] = useState(typed);
  const pages = usePages();
  useEffect(() => {
    const timer = setTimeout(() => {
      setSearch({ account: typed.account.trim(), text: typed.text.trim() });
      pages.restart();
    }, 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const asked = search.account !== '' || search.text !== '';
  const list = useLoad<Found | null>(
    async (signal) => asked
      ? get<Found>('/operator/keys', { account: search.account, search: search.text, before: pages.before }, signal)
      : null,
    [search, pages.before],
  );
  const invalid = list.error instanceof ApiError && list.error.status === 400 ? list.error : null;
  const keys = list.data?.keys ?? [];
  return (
    <>
      <PageHead title="All keys" trail={[{ title: 'Operator' }, { title: 'All keys' }]} />
      <div class="filters" role="search" aria-label="Keys">
        <TextField class="grow" label="Key" type="search" value={typed.text} onInput={(text) => setTyped({ ...typed, text })}
          autocomplete="off" spellcheck={false} error={invalid?.field('search')}
          placeholder={typed.account ? 'Beginning of a key or label' : 'Beginning of a key'} />
        <TextField label="Account number" value={typed.account} inputMode="numeric" pattern="[0-9]*" autocomplete="off"
          onInput={(account) => setTyped({ ...typed, account })} error={invalid?.field('account')} />
      </div>
      {invalid && <Reasons words={invalid.beside('search', 'account')} />}
      {list.error && !invalid ? <Failed error={list.error} again={list.reload} /> : null}
      {list.busy && !list.data && asked && !list.error && <Loading what="keys" />}
      {!asked && <Empty title="Which key?"><p>Type how it begins, or the number of its account.</p></Empty>}
      {asked && list.data && keys.length === 0 && <Empty title="No key fits" />}
      {asked && keys.length > 0 && (
        <Table caption="Keys" rows={keys} rowKey={(k) => k.id} busy={list.busy} columns={[
          { name: 'Label', heads: true, cell: (k) => <><a class="row-title" href={`#/operator/keys/${k.id}`}>{k.label}</a><code class="muted small block">{k.id}</code></> },
          { name: 'Account', cell: (k) => <a href={`#/operator/accounts/${k.account}`}>{k.email}</a> },
          { name: 'Environment', cell: (k) => <span class="tag">{k.environment}</span> },
          { name: 'State', cell: (k) => <StateBadge state={k.state} /> },
          { name: 'Last use', cell: (k) => k.last_used_at ? <Time at={k.last_used_at} relative /> : <span class="muted">never</span> },
        ]} />
      )}
      {asked && pages.pager(list.data?.next, list.data ? `${list.data.total_is_least ? 'More than ' : ''}${list.data.total.toLocaleString()} keys` : undefined)}
    </>
  );
}
