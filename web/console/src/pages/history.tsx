// pages/history.tsx: who did what with the account, and from where
import { get, sentence } from '../api';
import { Empty, Failed, Loading, PageHead } from '../components/page';
import { Subnav } from '../components/subnav';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import { usePages } from '../paging';
import { browser } from '../text/agent';
import type { Happening } from '../types';
import { PLACES } from './notices';

export default function History() {
  const pages = usePages();
  const list = useLoad(
    (signal) => get<{ events: Happening[]; next: number | null }>('/history', { before: pages.before }, signal),
    [pages.before],
  );
  const events = list.data?.events ?? [];
  return (
    <>
      <PageHead title="Security history" trail={[{ title: 'Account' }, { title: 'Notifications', href: '#/notices' }]}
        lead={<>Log-ins and changes of your account. Something that was not you? <a href="#/sessions">End the other sessions</a> and change your password.</>} />
      <Subnav label="Notifications" here="/notices/history" items={PLACES} />
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="the history" />}
      {list.data && events.length === 0 && <Empty title="Nothing yet" />}
      {events.length > 0 && (
        <Table caption="Security history" rows={events} rowKey={(e) => String(e.id)} busy={list.busy} columns={[
          { name: 'What', heads: true, cell: (e) => <>{sentence(e.words)}{e.key && <> <a class="small" href={`#/keys/${e.key}`}>To the key</a></>}</> },
          { name: 'When', cell: (e) => <Time at={e.at} /> },
          { name: 'From', cell: (e) => e.address ? <><code>{e.address}</code>{e.country && <span class="muted"> {e.country}</span>}</> : <span class="muted">the venue</span> },
          { name: 'Browser', cell: (e) => e.agent ? <span title={e.agent}>{browser(e.agent)}</span> : '' },
        ]} />
      )}
      {pages.pager(list.data?.next)}
    </>
  );
}
