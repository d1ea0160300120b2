// pages/login.tsx: password, then the second factor in the same session (B1)
import { useState } from 'preact/hooks';
import { ApiError, post, words } from '../api';
import { Reasons } from '../components/alert';
import { PasswordField, TextField } from '../components/field';
import { PageHead } from '../components/page';
import { ProofForm } from '../components/proof';
import { goInstead } from '../router';
import type { PageProps } from '../routes';
import { hasFactor, session } from '../session';
import type { Session } from '../types';

/** Only addresses of our own pages; anything else leads to the keys. */
function wanted(next: string | null): string {
  return next?.startsWith('/') && !next.startsWith('/login') ? next : '/keys';
}

function enter(s: Session, next: string | null): void {
  session.value = s;
  if (!s.needs_factor) goInstead(!next && !hasFactor(s) ? '/verification' : wanted(next));
}

function Password(props: { next: string | null }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<string[]>([]);
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setProblems([]);
    try {
      enter(await post<Session>('/login', { email, password }), props.next);
    } catch (error) {
      setProblems(error instanceof ApiError ? error.beside() : [words(error)]);
      setBusy(false);
    }
  };
  return (
    <>
      <PageHead title="Log in" />
      <form class="card" onSubmit={submit}>
        <Reasons words={problems} />
        <TextField label="Email" type="email" value={email} onInput={setEmail} required autocomplete="username"
          autofocus spellcheck={false} />
        <PasswordField label="Password" value={password} onInput={setPassword} autocomplete="current-password" />
        <div class="form-actions">
          <button type="submit" class="primary wide" disabled={busy}>{busy ? 'Logging in…' : 'Log in'}</button>
        </div>
      </form>
      <p class="below"><a href="#/forgot">Forgot your password?</a><a href="#/signup">Open an account</a></p>
    </>
  );
}

function SecondFactor(props: { next: string | null }) {
  const leave = async () => {
    await post('/logout').catch(() => undefined);
    session.value = null;
  };
  return (
    <>
      <PageHead title="Second factor" lead={<>Your password was right. One more step for {session.value?.account.email}.</>} />
      <div class="card">
        <ProofForm action="Log in" path="/login/factor" body={{}} recovery
          onProof={async (proof) => enter(await post<Session>('/login/factor', { proof }), props.next)} />
      </div>
      <p class="below"><button type="button" class="link" onClick={leave}>Log in as somebody else</button></p>
    </>
  );
}

export default function Login({ query }: PageProps) {
  const s = session.value;
  const next = query.get('next');
  if (s && (s.needs_factor || (s.level !== 'full' && hasFactor(s)))) return <SecondFactor next={next} />;
  if (s) {
    return (
      <>
        <PageHead title="You are logged in" />
        <p>As {s.account.email}. <a href={`#${wanted(next)}`}>Go on</a></p>
      </>
    );
  }
  return <Password next={next} />;
}
