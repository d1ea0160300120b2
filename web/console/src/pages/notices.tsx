// pages/notices.tsx: what the owner should hear of
import { sentence, get, post, words } from '../api';
import { Badge } from '../components/badge';
import { Empty, Failed, Loading, PageHead } from '../components/page';
import { Subnav } from '../components/subnav';
import { Time } from '../components/time';
import { toast } from '../components/toast';
import { useLoad } from '../load';
import { usePages } from '../paging';
import type { Notice } from '../types';

export const PLACES = [
  { path: '/notices', text: 'Notifications' },
  { path: '/notices/history', text: 'Security history' },
];

export default function Notices() {
  const pages = usePages();
  const list = useLoad(
    (signal) => get<{ notices: Notice[]; unread: number; next: number | null }>('/notices', { before: pages.before }, signal),
    [pages.before],
  );
  const notices = list.data?.notices ?? [];
  const newest = notices[0];
  const read = async () => {
    try {
      await post('/notices/read', { up_to: newest?.id });
      toast('All notifications are marked as read.');
      list.reload();
    } catch (error) {
      toast(words(error), 'error');
    }
  };
  return (
    <>
      <PageHead title="Notifications" trail={[{ title: 'Account' }, { title: 'Notifications' }]}
        lead="What happened to your keys and your account. The important ones come by mail, too."
        actions={pages.first && (list.data?.unread ?? 0) > 0 && <button type="button" onClick={read}>Mark all as read</button>} />
      <Subnav label="Notifications" here="/notices" items={PLACES} />
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="notifications" />}
      {list.data && notices.length === 0 && (
        <Empty title="Nothing yet"><p>You hear here when a key is made, changed, used in the wrong way or about to end.</p></Empty>
      )}
      {notices.length > 0 && (
        <ul class="notices card">
          {notices.map((n) => (
            <li key={n.id}>
              <span class={n.read ? '' : 'unread'}>
                {sentence(n.words)}{' '}
                {!n.read && <Badge tone="wait">New</Badge>}
                {n.key && <> <a class="small" href={`#/keys/${n.key}`}>To the key</a></>}
              </span>
              <span class="muted small"><Time at={n.at} relative /></span>
            </li>
          ))}
        </ul>
      )}
      {pages.pager(list.data?.next)}
    </>
  );
}
