// pages/link_password.tsx: a new password, by the link of a mail
import { useState } from 'preact/hooks';
import { ApiError, post, words } from '../api';
import { Alert, Reasons } from '../components/alert';
import { PasswordField } from '../components/field';
import { PageHead } from '../components/page';
import type { PageProps } from '../routes';
import { session } from '../session';
import { PASSWORD_HINT } from '../text/password';

export default function LinkPassword({ params }: PageProps) {
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await post('/links/password', { token: params.token, password });
      setDone(true);
      session.value = null; // the change ended every session of the account
    } catch (e) {
      setError(e);
    }
    setBusy(false);
  };
  if (done) {
    return (
      <>
        <PageHead title="Password changed" />
        <Alert kind="good"><p>The new password holds from now on, and every session of the account was ended.</p></Alert>
        <p><a class="button primary" href="#/login">Log in</a></p>
      </>
    );
  }
  return (
    <>
      <PageHead title="Choose a new password" lead="Every session of your account ends with it. Your keys stay as they are." />
      <form class="card" onSubmit={submit}>
        <Reasons words={refused ? refused.beside('password') : error ? [words(error)] : []} />
        <PasswordField label="New password" value={password} onInput={setPassword} autocomplete="new-password"
          hint={PASSWORD_HINT} error={refused?.field('password')} />
        <div class="form-actions">
          <button type="submit" class="primary wide" disabled={busy}>{busy ? 'One moment…' : 'Set the new password'}</button>
        </div>
      </form>
      <p class="below"><a href="#/forgot">Ask for a fresh link</a></p>
    </>
  );
}
