// pages/operator_status.tsx: whether everything works, and what does not
import { get, sentence } from '../api';
import { Alert } from '../components/alert';
import { Failed, Loading, PageHead, Section } from '../components/page';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import type { Status } from '../types';

const number = (n: number) => n.toLocaleString();

export default function OperatorStatus() {
  const status = useLoad((signal) => get<Status>('/operator/status', {}, signal));
  const s = status.data;
  return (
    <>
      <PageHead title="Status" trail={[{ title: 'Operator' }, { title: 'Status' }]}
        actions={<button type="button" onClick={status.reload}>Refresh</button>} />
      {status.error ? <Failed error={status.error} again={status.reload} /> : null}
      {!s && !status.error && <Loading what="the status" />}
      {s && (
        <>
          {s.problems.length === 0
            ? <Alert kind="good" title="No problems"><p>The authority sees nothing that needs you.</p></Alert>
            : s.problems.map((p) => <Alert key={p.code + p.message} kind="error" title={p.code}><p>{sentence(p.message)}</p></Alert>)}
          <Section title="Authority">
            <dl class="facts">
              <dt>Version</dt><dd>{s.version}</dd>
              <dt>Running since</dt><dd><Time at={s.started_at} /></dd>
              <dt>Accounts</dt><dd>{number(s.accounts)}</dd>
              <dt>Keys</dt><dd>{number(s.keys)}</dd>
            </dl>
          </Section>
          <Section title="Gates">
            <Table caption="Gates" rows={s.segments} rowKey={(g) => g.path} columns={[
              { name: 'Environment', heads: true, cell: (g) => g.environment },
              { name: 'Keys', number: true, cell: (g) => `${number(g.keys)} of ${number(g.capacity)}` },
              { name: 'Free audit slots', number: true, cell: (g) => `${number(g.slots_free)} of ${number(g.slots_total)}` },
            ]} />
          </Section>
          <Section title="Audit log">
            <dl class="facts">
              <dt>Records</dt><dd>{number(s.audit.size)}, from {number(s.audit.first)} kept</dd>
              <dt>On disk</dt><dd>{number(s.audit.on_disk)}</dd>
              <dt>Indexed</dt><dd>{number(s.audit.indexed)}</dd>
              <dt>Signed</dt><dd>{number(s.audit.checkpoint_size)}</dd>
              <dt>Behind by</dt><dd>{number(s.audit.lag_ms)} ms</dd>
            </dl>
          </Section>
          <Section title="Mail and webhooks">
            <dl class="facts">
              <dt>Mail</dt><dd>{s.mail.carrier ? 'is sent' : 'cannot be sent: no server and no folder is set'}</dd>
              <dt>Mails waiting</dt><dd>{number(s.mail.waiting)}</dd>
              <dt>Mails given up</dt><dd>{number(s.mail.given_up)}</dd>
              <dt>Webhooks waiting</dt><dd>{number(s.mail.webhooks_waiting)}</dd>
            </dl>
          </Section>
        </>
      )}
    </>
  );
}
