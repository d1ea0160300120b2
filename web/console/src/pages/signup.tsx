// pages/signup.tsx: a new account; the answer does not tell whether the address has one already
import { useState } from 'preact/hooks';
import { ApiError, get, post, words } from '../api';
import { Alert, Reasons } from '../components/alert';
import { PasswordField, SelectField, TextField } from '../components/field';
import { PageHead } from '../components/page';
import { useLoad } from '../load';
import { PASSWORD_HINT } from '../text/password';
import type { AccountKind, Country } from '../types';

export default function Signup() {
  const countries = useLoad(() => get<{ countries: Country[] }>('/countries'));
  const [kind, setKind] = useState<AccountKind>('individual');
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [jurisdiction, setJurisdiction] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;

  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await post('/signup', { email, password, kind, jurisdiction, name });
      setSent(true);
    } catch (e) {
      setError(e);
    }
    setBusy(false);
  };

  if (sent) {
    return (
      <>
        <PageHead title="Look into your mailbox" />
        <Alert kind="good" title="A mail is on its way">
          <p>It goes to <strong>{email}</strong> and holds a link that confirms the address. The link works once.</p>
        </Alert>
        <p class="muted">
          Nothing after a few minutes? Look among unwanted mail, or check that the address is right
          and <button type="button" class="link" onClick={() => setSent(false)}>send it again</button>.
        </p>
      </>
    );
  }
  const corporate = kind === 'corporate';
  return (
    <>
      <PageHead title="Open an account" />
      <form class="card" onSubmit={submit}>
        <Reasons words={refused ? refused.beside('email', 'password', 'jurisdiction', 'name') : error ? [words(error)] : []} />
        <fieldset>
          <legend>The account belongs to</legend>
          <div class="inline-choices">
            {([['individual', 'a person'], ['corporate', 'a company']] as const).map(([value, text]) => (
              <label key={value} class="choice">
                <input type="radio" name="kind" checked={kind === value} onChange={() => setKind(value)} />
                <span>{text}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <TextField label={corporate ? "The company's name" : 'Your full name'} value={name} onInput={setName} required
          autocomplete={corporate ? 'organization' : 'name'} error={refused?.field('name')}
          hint={corporate ? 'As it stands in the register of companies.' : 'As it stands in your identity document.'} />
        <SelectField label={corporate ? 'Country of incorporation' : 'Country of residence'} value={jurisdiction} required
          onInput={setJurisdiction} error={refused?.field('jurisdiction')}
          options={[
            { value: '', text: 'Choose a country' },
            ...(countries.data?.countries ?? []).map((c) => ({ value: c.code, text: c.name })),
          ]} />
        <TextField label="Email" type="email" value={email} onInput={setEmail} required autocomplete="username"
          spellcheck={false} error={refused?.field('email')} hint="Confirmations and warnings about your keys go there." />
        <PasswordField label="Password" value={password} onInput={setPassword} autocomplete="new-password"
          hint={PASSWORD_HINT} error={refused?.field('password')} />
        <div class="form-actions">
          <button type="submit" class="primary wide" disabled={busy}>{busy ? 'One moment…' : 'Open an account'}</button>
        </div>
      </form>
      <p class="below">You have an account? <a href="#/login">Log in</a></p>
    </>
  );
}
