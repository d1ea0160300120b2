// pages/link_email.tsx: the link of the first mail; a button spends it, so that a mail scanner that
// opens links does not
import { useState } from 'preact/hooks';
import { post, words } from '../api';
import { Alert } from '../components/alert';
import { PageHead } from '../components/page';
import type { PageProps } from '../routes';

export default function LinkEmail({ params }: PageProps) {
  const [email, setEmail] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const spend = async () => {
    setBusy(true);
    setProblem('');
    try {
      setEmail((await post<{ email: string }>('/links/email', { token: params.token })).email);
    } catch (error) {
      setProblem(words(error));
    }
    setBusy(false);
  };
  if (email) {
    return (
      <>
        <PageHead title="Address confirmed" />
        <Alert kind="good"><p><strong>{email}</strong> is yours. Log in to set up a second factor and to verify your identity.</p></Alert>
        <p><a class="button primary" href="#/login">Log in</a></p>
      </>
    );
  }
  return (
    <>
      <PageHead title="Confirm your address" lead="One click, and the mail address of your account is confirmed." />
      {problem && <Alert kind="error"><p>{problem}</p></Alert>}
      <p><button type="button" class="primary" disabled={busy} onClick={spend}>{busy ? 'Confirming…' : 'Confirm my address'}</button></p>
      {problem && <p class="below"><a href="#/signup">Sign up again</a> for a fresh link, or <a href="#/login">log in</a>.</p>}
    </>
  );
}
