// pages/operator_accounts.tsx: accounts, by number, email or name
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { Badge } from '../components/badge';
import { TextField } from '../components/field';
import { Empty, Failed, Loading, PageHead } from '../components/page';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import { usePages } from '../paging';
import type { Account } from '../types';

export function AccountState({ account: a }: { account: Account }) {
  if (a.flag) return <Badge tone="bad">Flagged</Badge>;
  return a.steps.every((s) => s.state === 'accepted') ? <Badge tone="good">Verified</Badge> : <Badge tone="wait">Not verified</Badge>;
}

export default function OperatorAccounts() {
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  const pages = usePages();
  useEffect(() => {
    const timer = setTimeout(() => {
      setSearch(typed.trim());
      pages.restart();
    }, 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const list = useLoad(
    (signal) => get<{ accounts: Account[]; next: number | null }>('/operator/accounts', { search, after: pages.before }, signal),
    [search, pages.before],
  );
  const accounts = list.data?.accounts ?? [];
  return (
    <>
      <PageHead title="Accounts" trail={[{ title: 'Operator' }, { title: 'Accounts' }]} />
      <div class="filters" role="search" aria-label="Accounts">
        <TextField class="grow" label="Search" type="search" value={typed} onInput={setTyped} autocomplete="off" spellcheck={false}
          placeholder="Number, or the beginning of an email or name" />
      </div>
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="accounts" />}
      {list.data && accounts.length === 0 && <Empty title="No account fits" />}
      {accounts.length > 0 && (
        <Table caption="Accounts" rows={accounts} rowKey={(a) => String(a.id)} busy={list.busy} columns={[
          { name: 'Account', heads: true, cell: (a) => <><a class="row-title" href={`#/operator/accounts/${a.id}`}>{a.email}</a>{a.name && <span class="muted small block">{a.name}</span>}</> },
          { name: 'Number', cell: (a) => a.id },
          { name: 'Kind', cell: (a) => <>{a.kind} <span class="muted">{a.jurisdiction}</span></> },
          { name: 'State', cell: (a) => <AccountState account={a} /> },
          { name: 'Keys', number: true, cell: (a) => a.keys.toLocaleString() },
          { name: 'Since', cell: (a) => <Time at={a.created_at} seconds={false} /> },
        ]} />
      )}
      {pages.pager(list.data?.next)}
    </>
  );
}
