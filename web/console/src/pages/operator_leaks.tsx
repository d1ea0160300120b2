// pages/operator_leaks.tsx: keys of all accounts that were found in public, the newest first (E1)
import { get } from '../api';
import { Badge, StateBadge } from '../components/badge';
import { Empty, Failed, Loading, PageHead, Section } from '../components/page';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import { usePages } from '../paging';
import { KINDS, REACTIONS } from '../text/leaks';
import type { LeakHead, LeakSource } from '../types';

const PAGE = 50;

/** What `latchkey scanner` watches; nothing stands here where none has said anything. */
function Sources() {
  const heard = useLoad((signal) => get<{ heard_at: string | null; sources: LeakSource[] }>('/operator/sources', {}, signal));
  const sources = heard.data?.sources ?? [];
  if (heard.error) return <Failed error={heard.error} again={heard.reload} />;
  if (!heard.data?.heard_at || sources.length === 0) return null;
  return (
    <Section title="Watched sources" lead={<>As the scanner said <Time at={heard.data.heard_at} relative />.</>}>
      <Table caption="Watched sources" rows={sources} rowKey={(s) => s.name} busy={heard.busy} columns={[
        { name: 'Source', heads: true, cell: (s) => <>{s.name} <span class="tag">{s.kind}</span></> },
        { name: 'State', cell: (s) => s.error === '' ? <Badge tone="good">Watched</Badge> : <><Badge tone="bad">Failing</Badge><span class="muted small block">{s.error}</span></> },
        { name: 'Up to date', cell: (s) => s.caught_up_at ? <Time at={s.caught_up_at} relative /> : <span class="muted">not yet</span> },
        { name: 'Looked at', number: true, cell: (s) => (s.looked ?? 0).toLocaleString() },
        { name: 'Missed', number: true, cell: (s) => (s.missed ?? 0).toLocaleString() },
        { name: 'Found', number: true, cell: (s) => (s.found ?? 0).toLocaleString() },
      ]} />
    </Section>
  );
}

export default function OperatorLeaks() {
  const pages = usePages();
  const list = useLoad(
    (signal) => get<{ leaks: LeakHead[]; next: number | null }>('/operator/leaks', { before: pages.before, limit: PAGE }, signal),
    [pages.before],
  );
  const leaks = list.data?.leaks ?? [];
  return (
    <>
      <PageHead title="Leaks" trail={[{ title: 'Operator' }, { title: 'Leaks' }]}
        lead="Keys that were found where others can read them. A published secret has revoked its key; a published id suspends it until its owner lifts that." />
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="the leaks" />}
      {list.data && leaks.length === 0 && <Empty title="No key was found in public" />}
      {leaks.length > 0 && (
        <Table caption="Leaks" rows={leaks} rowKey={(l) => String(l.id)} busy={list.busy} columns={[
          { name: 'Key', heads: true, cell: (l) => <><a class="row-title" href={`#/operator/leaks/${l.id}`}>{l.label}</a><code class="muted small block">{l.key}</code></> },
          { name: 'Found', cell: (l) => KINDS[l.kind] },
          { name: 'Account', cell: (l) => <a href={`#/operator/accounts/${l.account}`}>{l.email}</a> },
          { name: 'What was done', cell: (l) => <>{REACTIONS[l.reaction]}{l.lifted_at && <span class="muted small block">lifted by its owner</span>}</> },
          { name: 'State', cell: (l) => <StateBadge state={l.key_state} /> },
          { name: 'Sightings', number: true, cell: (l) => l.sightings.toLocaleString() },
          { name: 'When', cell: (l) => <Time at={l.found_at} relative /> },
        ]} />
      )}
      {pages.pager(list.data?.next)}
      <Sources />
    </>
  );
}
