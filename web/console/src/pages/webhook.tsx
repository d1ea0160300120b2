// pages/webhook.tsx: one webhook: what was delivered, a test, and its end
import { useState } from 'preact/hooks';
import { get, post, words } from '../api';
import { Badge, type Tone } from '../components/badge';
import { Empty, Failed, Loading, PageHead, Section } from '../components/page';
import { proved } from '../components/proof';
import { Table } from '../components/table';
import { Time, TimeLeft } from '../components/time';
import { toast } from '../components/toast';
import { useLoad } from '../load';
import { usePages } from '../paging';
import { go } from '../router';
import type { PageProps } from '../routes';
import { eventWords } from '../text/events';
import type { Delivery, Webhook } from '../types';
import { WebhookState } from './webhooks';

const STATES: Record<Delivery['state'], [Tone, string]> = {
  waiting: ['wait', 'Waiting'],
  'under-way': ['wait', 'Under way'],
  delivered: ['good', 'Delivered'],
  'given-up': ['bad', 'Given up'],
};

function Outcome({ delivery: d }: { delivery: Delivery }) {
  return (
    <div>
      {d.status !== null && <>Status {d.status}. </>}
      {d.error && <>{d.error}. </>}
      {d.next_at && d.state === 'waiting' && <span class="muted">Again in <TimeLeft until={d.next_at} /></span>}
    </div>
  );
}

function Deliveries(props: { webhook: Webhook }) {
  const { webhook: w } = props;
  const pages = usePages();
  const list = useLoad(
    (signal) => get<{ deliveries: Delivery[]; next: number | null }>(`/webhooks/${w.id}/deliveries`, { before: pages.before }, signal),
    [w.id, pages.before],
  );
  const [busy, setBusy] = useState(false);
  const act = async (path: string, said: string) => {
    setBusy(true);
    try {
      await post(path);
      toast(said);
      list.reload();
    } catch (error) {
      toast(words(error), 'error');
    }
    setBusy(false);
  };
  const deliveries = list.data?.deliveries ?? [];
  return (
    <Section title="Deliveries" lead="The newest first. An attempt that failed is made again by itself, less and less often."
      actions={
        <>
          <button type="button" onClick={list.reload}>Refresh</button>
          <button type="button" disabled={busy || w.state === 'disabled'} onClick={() => act(`/webhooks/${w.id}/test`, 'A test event is on its way.')}>Send a test</button>
        </>
      }>
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="deliveries" />}
      {list.data && deliveries.length === 0 && <Empty title="Nothing was sent yet"><p>Send a test to see whether your server takes it.</p></Empty>}
      {deliveries.length > 0 && (
        <Table caption="Deliveries" rows={deliveries} rowKey={(d) => String(d.id)} busy={list.busy} columns={[
          { name: 'Event', heads: true, cell: (d) => <>{eventWords(d.event)} <code class="muted small">{d.event}</code></> },
          { name: 'When', cell: (d) => <Time at={d.at} /> },
          { name: 'State', cell: (d) => <Badge tone={STATES[d.state][0]}>{STATES[d.state][1]}</Badge> },
          { name: 'Attempts', number: true, cell: (d) => d.attempts },
          { name: 'Answer', cell: (d) => <Outcome delivery={d} /> },
          { name: 'Resend', silent: true, cell: (d) => (
            <button type="button" class="small" disabled={busy} aria-label={`Send again: ${eventWords(d.event)}, delivery ${d.id}`}
              onClick={() => act(`/webhooks/${w.id}/deliveries/${d.id}/resend`, 'The event is sent once more.')}>Send again</button>
          ) },
        ]} />
      )}
      {pages.pager(list.data?.next)}
    </Section>
  );
}

export default function WebhookPage({ params }: PageProps) {
  const list = useLoad((signal) => get<{ webhooks: Webhook[] }>('/webhooks', {}, signal));
  const webhook = list.data?.webhooks.find((w) => String(w.id) === params.id);
  const remove = async (w: Webhook) => {
    try {
      const done = await proved({
        title: 'Remove the webhook', action: 'Remove it', danger: true, path: `/webhooks/${w.id}/remove`, body: {},
        words: <p><code>{w.url}</code> hears of nothing from now on; what still waits for it is not sent. This cannot be undone.</p>,
      });
      if (done === undefined) return;
      toast('The webhook is removed.');
      go('/webhooks');
    } catch (error) {
      toast(words(error), 'error');
    }
  };
  return (
    <>
      <PageHead title={webhook?.url ?? 'Webhook'} trail={[{ title: 'Account' }, { title: 'Webhooks', href: '#/webhooks' }]}
        actions={webhook && <button type="button" class="danger-outline" onClick={() => remove(webhook)}>Remove…</button>} />
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="the webhook" />}
      {list.data && !webhook && <Empty title="There is no such webhook"><p>It may have been removed. <a href="#/webhooks">To the webhooks</a></p></Empty>}
      {webhook && (
        <>
          <Section title="About it">
            <dl class="facts">
              <dt>State</dt><dd><WebhookState webhook={webhook} />{webhook.failing_since && <> since <Time at={webhook.failing_since} /></>}</dd>
              <dt>Events</dt><dd>{webhook.events.length === 0 ? 'All' : webhook.events.map(eventWords).join(', ')}</dd>
              <dt>Created</dt><dd><Time at={webhook.made_at} /></dd>
            </dl>
          </Section>
          <Deliveries webhook={webhook} />
        </>
      )}
    </>
  );
}
