// pages/link_withdrawal.tsx: the mailed link that lets a key withdraw (C2)
import { useState } from 'preact/hooks';
import { post, words } from '../api';
import { Alert } from '../components/alert';
import { PageHead } from '../components/page';
import type { PageProps } from '../routes';
import type { Key } from '../types';

export default function LinkWithdrawal({ params }: PageProps) {
  const [key, setKey] = useState<Key | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const spend = async () => {
    setBusy(true);
    setProblem('');
    try {
      setKey(await post<Key>('/links/withdrawal', { token: params.token }));
    } catch (error) {
      setProblem(words(error));
    }
    setBusy(false);
  };
  if (key) {
    return (
      <>
        <PageHead title="Withdrawals are confirmed" />
        <Alert kind="good"><p>“{key.label}” may withdraw from now on, from its own addresses only.</p></Alert>
        <p><a class="button primary" href={`#/keys/${key.id}`}>To the key</a></p>
      </>
    );
  }
  return (
    <>
      <PageHead title="Let a key withdraw?" />
      {problem && <Alert kind="error"><p>{problem}</p></Alert>}
      <div class="card">
        <p>You asked for a key with the permission to withdraw. When you confirm, whoever holds its secret can send money out of your account.</p>
        <p>If you did not ask for this, do not confirm: revoke the key and change your password.</p>
        <div class="form-actions">
          <button type="button" class="danger" disabled={busy} onClick={spend}>{busy ? 'Confirming…' : 'Confirm withdrawals'}</button>
          <a class="button" href="#/keys">Do not confirm</a>
        </div>
      </div>
    </>
  );
}
