// audit/view.tsx: the audit log (E3): own records, or all of them for operators
import { useState } from 'preact/hooks';
import { address, ApiError, get } from '../api';
import { Alert, Reasons } from '../components/alert';
import { Empty, Failed, Loading } from '../components/page';
import { Table, type Column } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import { usePages } from '../paging';
import { latency, verdictWords } from '../text/verdicts';
import type { AuditRecord } from '../types';
import { Charts } from './charts';
import { asked, Filters, NO_FILTER, type Filter } from './filters';
import { RecordDialog, StatusBadge } from './record';
import { useTail, type Tail } from './tail';

const PAGE = 50;

interface Page {
  records: AuditRecord[];
  next: number | null;
  size: number;
}

function columns(operator: boolean, open: (record: AuditRecord) => void): Column<AuditRecord>[] {
  const all: (Column<AuditRecord> | false)[] = [
    { name: 'Time', heads: true, cell: (r) => <Time at={r.at} /> },
    operator && { name: 'Account', cell: (r) => r.account === null ? <span class="muted">none</span> : <a href={`#/operator/accounts/${r.account}`}>{r.account}</a> },
    {
      name: 'Request', cell: (r) => r.kind === 'change'
        ? <div>{r.what} <span class="muted">by {r.who}</span></div>
        : <div><code>{r.method} {r.path ?? '(unreadable)'}</code>{r.key && <code class="muted small block">{r.key}</code>}</div>,
    },
    { name: 'Status', cell: (r) => r.kind === 'change' ? <span class="tag">change</span> : <StatusBadge status={r.status} /> },
    { name: 'Result', cell: (r) => r.kind === 'change' ? '' : verdictWords(r.verdict) },
    { name: 'Latency', number: true, cell: (r) => r.kind === 'change' ? '' : <span class="nowrap">{latency(r.latency_us)}</span> },
    { name: 'From', cell: (r) => r.kind === 'change' ? '' : <code class="nowrap">{r.address}</code> },
    {
      name: 'Details', silent: true,
      cell: (r) => <button type="button" class="small" aria-label={`Details of entry ${r.index}`} onClick={() => open(r)}>Details</button>,
    },
  ];
  return all.filter((c) => c !== false);
}

function TailBar(props: { tail: Tail }) {
  const { tail } = props;
  return (
    <div class="tail-bar">
      <span class={`tail-light ${tail.running ? 'on' : ''}`} aria-hidden="true" />
      <span aria-live="polite">
        {tail.running ? 'Live' : 'Paused'}: {tail.count.toLocaleString()} {tail.count === 1 ? 'record' : 'records'} since it began
      </span>
      <div class="actions">
        {tail.running
          ? <button type="button" class="small" onClick={tail.pause}>Pause</button>
          : <button type="button" class="small" onClick={tail.resume}>Go on</button>}
        <button type="button" class="small" onClick={tail.stop}>Back to the list</button>
      </div>
    </div>
  );
}

export function AuditView(props: { operator: boolean; filter: Filter }) {
  const base = props.operator ? '/operator' : '';
  const [filter, setFilter] = useState(props.filter);
  const [live, setLive] = useState(false);
  const [charts, setCharts] = useState(false);
  const [shown, setShown] = useState<AuditRecord | null>(null);
  const pages = usePages();
  const list = useLoad(
    (signal) => get<Page>(`${base}/audit`, { ...asked(filter), before: pages.before, limit: PAGE }, signal),
    [filter, pages.before],
  );
  const { since: _since, until: _until, ...unbounded } = asked(filter);
  const followed = useTail(`${base}/audit/tail`, unbounded);
  const tail: Tail = {
    ...followed,
    stop: () => {
      followed.stop();
      setLive(false);
      pages.restart();
      list.reload();
    },
  };
  const apply = (f: Filter) => {
    pages.restart();
    setFilter({ ...f });
    if (live) followed.start(list.data?.size ?? 0);
  };
  const invalid = list.error instanceof ApiError && list.error.status === 400 ? list.error : null;
  const records = live ? tail.records : (list.data?.records ?? []);
  const none = !live && list.data && !list.error && records.length === 0;
  const filtered = Object.values(filter).some((v) => v !== '');
  return (
    <>
      <Filters operator={props.operator} value={filter} error={invalid} onApply={apply} />
      <div class="section-head after">
        <div class="actions">
          {!live && (
            <button type="button" disabled={!list.data} onClick={() => {
              setLive(true);
              followed.start(list.data?.size ?? 0);
            }}>Follow live</button>
          )}
          <button type="button" aria-expanded={charts} onClick={() => setCharts(!charts)}>{charts ? 'Hide the charts' : 'Show charts'}</button>
        </div>
        <div class="actions">
          {(['csv', 'jsonl'] as const).map((format) => (
            <a key={format} class="button" download={`latchkey-audit.${format}`}
              href={address(`${base}/audit/export`, { ...asked(filter), format })}>
              {format === 'csv' ? 'Export CSV' : 'Export JSON lines'}
            </a>
          ))}
        </div>
      </div>
      {charts && <Charts base={base} filter={filter} />}
      {invalid && <Reasons words={invalid.beside(...Object.keys(NO_FILTER))} />}
      {!live && list.error && !invalid ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="the audit log" />}
      {live && <TailBar tail={tail} />}
      {live && tail.problem && <Alert kind="warning"><p>{tail.problem} It is tried again in a moment.</p></Alert>}
      {live && records.length === 0 && <Empty title="Waiting for the next record"><p>It appears here as soon as it is written.</p></Empty>}
      {none && (filtered
        ? <Empty title="No record fits"><p>Nothing in the log fits all of these filters.</p></Empty>
        : <Empty title="Nothing yet"><p>Each request that a key makes, passed or refused, appears here within seconds.</p></Empty>)}
      {records.length > 0 && (
        <Table caption="Audit log" rows={records} rowKey={(r) => String(r.index)} busy={!live && list.busy}
          columns={columns(props.operator, setShown)} />
      )}
      {!live && pages.pager(list.data?.next)}
      {shown && <RecordDialog base={base} record={shown} onClose={() => setShown(null)} />}
    </>
  );
}
