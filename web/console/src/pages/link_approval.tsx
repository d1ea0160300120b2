// pages/link_approval.tsx: a signatory of a company approves a key or refuses it, without an account (A4)
import { useState } from 'preact/hooks';
import { post, words } from '../api';
import { Alert } from '../components/alert';
import { confirm } from '../components/confirm';
import { Failed, Loading, PageHead, Section } from '../components/page';
import { useLoad } from '../load';
import type { PageProps } from '../routes';
import { GROUPS } from '../text/groups';
import type { Account, Key } from '../types';

interface Asked {
  key: Pick<Key, 'label' | 'environment' | 'scopes' | 'ip_rules' | 'created_at'>;
  account: Pick<Account, 'name' | 'email'>;
}

export default function LinkApproval({ params }: PageProps) {
  const token = params.token ?? '';
  const asked = useLoad(() => post<Asked>('/links/approval/view', { token }), [token]);
  const [done, setDone] = useState('');
  const [problem, setProblem] = useState('');
  const decide = async (decision: 'approve' | 'reject') => {
    if (decision === 'reject') {
      const yes = await confirm({
        title: 'Refuse the key?', words: 'The key is revoked. It cannot be brought back, only replaced by a new one.',
        action: 'Refuse', danger: true,
      });
      if (!yes) return;
    }
    setProblem('');
    try {
      await post('/links/approval', { token, decision });
      setDone(decision);
    } catch (error) {
      setProblem(words(error));
    }
  };
  const title = 'A key asks for your approval';
  if (done) {
    return (
      <>
        <PageHead title={done === 'approve' ? 'Approved' : 'Refused'} />
        <Alert kind="good"><p>{done === 'approve' ? 'Your approval counts. The account is told when the key may be used.' : 'The key is revoked, and the account is told.'}</p></Alert>
      </>
    );
  }
  if (asked.error) return <><PageHead title={title} /><Failed error={asked.error} /></>;
  if (!asked.data) return <><PageHead title={title} /><Loading /></>;
  const { key, account } = asked.data;
  return (
    <div class="wide-page">
      <PageHead title={title} lead={`You are listed as an authorised signatory of ${account.name || account.email}.`} />
      {problem && <Alert kind="error"><p>{problem}</p></Alert>}
      <Section title={key.label}>
        <dl class="facts">
          <dt>Account</dt><dd>{account.name} <span class="muted">{account.email}</span></dd>
          <dt>Environment</dt><dd>{key.environment === 'live' ? 'Live: real money' : 'Sandbox: play money'}</dd>
          <dt>May</dt>
          <dd><ul class="plain">{key.scopes.map((s) => <li key={s.scope}>{GROUPS[s.group]?.name ?? s.group} <code class="muted">{s.scope}</code></li>)}</ul></dd>
          <dt>From</dt><dd><ul class="plain">{key.ip_rules.map((r) => <li key={r}><code>{r}</code></li>)}</ul></dd>
        </dl>
        <div class="form-actions">
          <button type="button" class="primary" onClick={() => decide('approve')}>Approve</button>
          <button type="button" class="danger-outline" onClick={() => decide('reject')}>Refuse</button>
        </div>
      </Section>
    </div>
  );
}
