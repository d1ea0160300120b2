// pages/forgot.tsx: asks for the mail with the link to a new password
import { useState } from 'preact/hooks';
import { post, words } from '../api';
import { Alert, Reasons } from '../components/alert';
import { TextField } from '../components/field';
import { PageHead } from '../components/page';

export default function Forgot() {
  const [email, setEmail] = useState('');
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState(false);
  const [problem, setProblem] = useState('');
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await post('/password/forgot', { email });
      setSent(true);
    } catch (error) {
      setProblem(words(error));
    }
    setBusy(false);
  };
  return (
    <>
      <PageHead title="Forgotten password" lead={sent ? undefined : 'We send you a link with which you choose a new one.'} />
      {sent ? (
        <Alert kind="good" title="Look into your mailbox">
          <p>If <strong>{email}</strong> has an account here, a mail is on its way. Its link works once and not for long.</p>
        </Alert>
      ) : (
        <form class="card" onSubmit={submit}>
          <Reasons words={problem ? [problem] : []} />
          <TextField label="Email" type="email" value={email} onInput={setEmail} required autocomplete="username"
            autofocus spellcheck={false} />
          <div class="form-actions">
            <button type="submit" class="primary wide" disabled={busy}>{busy ? 'Sending…' : 'Send the link'}</button>
          </div>
        </form>
      )}
      <p class="below"><a href="#/login">Back to the log-in</a></p>
    </>
  );
}
