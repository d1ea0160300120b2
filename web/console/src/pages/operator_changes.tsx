// pages/operator_changes.tsx: who changed what, from the tamper-evident log
import { useState } from 'preact/hooks';
import { ApiError, get } from '../api';
import { RecordDialog } from '../audit/record';
import { Reasons } from '../components/alert';
import { TextField } from '../components/field';
import { Empty, Failed, Loading, PageHead } from '../components/page';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import { usePages } from '../paging';
import type { PageProps } from '../routes';
import type { AuditRecord, ChangeRecord } from '../types';

const PAGE = 50;

export default function OperatorChanges({ query }: PageProps) {
  const [typed, setTyped] = useState({ account: query.get('account') ?? '', key: query.get('key') ?? '' });
  const [filter, setFilter] = useState(typed);
  const [shown, setShown] = useState<ChangeRecord | null>(null);
  const pages = usePages();
  const list = useLoad(
    // Changes stand in the audit log as records that no HTTP status belongs to.
    (signal) => get<{ records: AuditRecord[]; next: number | null }>(
      '/operator/audit', { ...filter, status: 0, before: pages.before, limit: PAGE }, signal),
    [filter, pages.before],
  );
  const invalid = list.error instanceof ApiError && list.error.status === 400 ? list.error : null;
  const changes = (list.data?.records ?? []).filter((r) => r.kind === 'change');
  return (
    <>
      <PageHead title="Change log" trail={[{ title: 'Operator' }, { title: 'Change log' }]}
        lead="Every change of an account or key: by whom, before and after. It stands in the audit log, so each entry can be proved." />
      <form class="filters" role="search" aria-label="Changes" onSubmit={(e) => {
        e.preventDefault();
        pages.restart();
        setFilter({ account: typed.account.trim(), key: typed.key.trim() });
      }}>
        <TextField label="Account" value={typed.account} onInput={(account) => setTyped({ ...typed, account })}
          placeholder="Number or email" autocomplete="off" spellcheck={false} />
        <TextField class="grow" label="Key" value={typed.key} onInput={(key) => setTyped({ ...typed, key })}
          placeholder="Any" autocomplete="off" spellcheck={false} />
        <button type="submit" class="primary">Show</button>
      </form>
      {invalid && <Reasons words={invalid.beside()} />}
      {list.error && !invalid ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="the change log" />}
      {list.data && !list.error && changes.length === 0 && <Empty title="No change fits" />}
      {changes.length > 0 && (
        <Table caption="Change log" rows={changes} rowKey={(c) => String(c.index)} busy={list.busy} columns={[
          { name: 'Change', heads: true, cell: (c) => <>{c.what}{c.key && <code class="muted small block">{c.key}</code>}</> },
          { name: 'By', cell: (c) => c.who },
          { name: 'Account', cell: (c) => c.account === null ? <span class="muted">none</span> : <a href={`#/operator/accounts/${c.account}`}>{c.account}</a> },
          { name: 'When', cell: (c) => <Time at={c.at} /> },
          { name: 'Details', silent: true, cell: (c) => (
            <button type="button" class="small" aria-label={`Details of entry ${c.index}`} onClick={() => setShown(c)}>Details</button>
          ) },
        ]} />
      )}
      {pages.pager(list.data?.next)}
      {shown && <RecordDialog base="/operator" record={shown} onClose={() => setShown(null)} />}
    </>
  );
}
