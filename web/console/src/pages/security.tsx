// pages/security.tsx: second factors: authenticator app, security keys, recovery codes (A2)
import { startRegistration, type PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/browser';
import { useState } from 'preact/hooks';
import { get, post, sentence, words, ApiError } from '../api';
import { Alert, Reasons } from '../components/alert';
import { Badge } from '../components/badge';
import { Copy, save } from '../components/copy';
import { TextField } from '../components/field';
import { Empty, Failed, Loading, PageHead, Section } from '../components/page';
import { proved, securityKeyWords } from '../components/proof';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { toast } from '../components/toast';
import { useLoad } from '../load';
import { guardPage } from '../router';
import { hasFactor, session } from '../session';
import type { Factors, Passkey, Session } from '../types';

/** A call that wants the second factor only when there is one already. */
async function protectedCall<T>(title: string, said: string, path: string, body: object): Promise<T | undefined> {
  const s = session.value;
  if (s && hasFactor(s)) return proved<T>({ title, words: said, action: 'Go on', path, body });
  return post<T>(path, body);
}

/** The first factor raises the session, which then has another CSRF value. */
async function refresh(): Promise<void> {
  session.value = await get<Session>('/session');
}

interface Totp {
  secret: string;
  uri: string;
  qr_svg: string;
}

function AppSetup(props: { totp: Totp; onCodes: (codes: string[] | undefined) => void; onCancel: () => void }) {
  const { totp } = props;
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      const answer = await post<{ recovery_codes?: string[] }>('/factors/totp/confirm', { code: code.replace(/\s/g, '') });
      props.onCodes(answer.recovery_codes);
    } catch (error) {
      setProblem(error instanceof ApiError && error.reasons.length > 0 ? error.reasons.map((r) => sentence(r.message)).join(' ') : words(error));
      setCode('');
    }
    setBusy(false);
  };
  return (
    <div class="totp">
      <img class="qr" width="200" height="200" alt="QR code for your authenticator app; the secret beside it is the same"
        src={`data:image/svg+xml,${encodeURIComponent(totp.qr_svg)}`} />
      <div>
        <p>Scan the code with your authenticator app, or enter this secret by hand:</p>
        <p class="secret-row"><code>{totp.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code> <Copy text={totp.secret} what="secret" /></p>
        <form onSubmit={submit}>
          <TextField label="Code from your authenticator app" class="code" value={code} onInput={setCode} error={problem} required autofocus
            inputMode="numeric" autocomplete="one-time-code" maxLength={8} hint="It shows that the app works." />
          <div class="form-actions">
            <button type="submit" class="primary" disabled={busy}>Turn on</button>
            <button type="button" onClick={props.onCancel}>Cancel</button>
          </div>
        </form>
      </div>
    </div>
  );
}

function RecoveryCodes(props: { codes: string[]; onDone: () => void }) {
  const text = `Latchkey recovery codes of ${session.value?.account.email}\nEach works once, at the log-in.\n\n${props.codes.join('\n')}\n`;
  return (
    <Section title="Your recovery codes">
      <Alert kind="warning" title="They are shown this once">
        <p>Each of them lets you log in once if your second factor is lost. Keep them apart from it, on paper for instance.</p>
      </Alert>
      <ul class="codes">{props.codes.map((c) => <li key={c}><code>{c}</code></li>)}</ul>
      <div class="form-actions no-print">
        <Copy text={text} what="recovery codes" class="" />
        <button type="button" onClick={() => save('latchkey-recovery-codes.txt', text)}>Download</button>
        <button type="button" onClick={() => print()}>Print</button>
        <button type="button" class="primary" onClick={props.onDone}>I have kept them</button>
      </div>
    </Section>
  );
}

function App(props: { factors: Factors; onCodes: (codes: string[] | undefined) => void; reload: () => void }) {
  const { state, enrolled_at } = props.factors.totp;
  const [totp, setTotp] = useState<Totp | null>(null);
  const [problem, setProblem] = useState('');
  const begin = async () => {
    setProblem('');
    try {
      const answer = await protectedCall<Totp>('Set up an authenticator app', 'Your present second factor allows another one.', '/factors/totp', {});
      if (answer) setTotp(answer);
    } catch (error) {
      setProblem(words(error));
    }
  };
  const remove = async () => {
    setProblem('');
    try {
      const done = await proved({
        title: 'Remove the authenticator app?', words: 'Its codes confirm nothing any more. You need another second factor to make keys.',
        action: 'Remove', danger: true, path: '/factors/totp/remove', body: {},
      });
      if (done === undefined) return;
      await refresh();
      props.reload();
      toast('The authenticator app is removed.');
    } catch (error) {
      setProblem(words(error));
    }
  };
  return (
    <Section title="Authenticator app" lead="An app on your phone shows a code that changes every 30 seconds."
      actions={state === 'enrolled' ? <Badge tone="good">On</Badge> : <Badge tone="calm">Off</Badge>}>
      <Reasons words={problem ? [problem] : []} />
      {totp && <AppSetup totp={totp} onCancel={() => setTotp(null)} onCodes={(codes) => { setTotp(null); props.onCodes(codes); }} />}
      {!totp && state === 'enrolled' && (
        <div class="row-between">
          <p class="muted">{enrolled_at && <>On since <Time at={enrolled_at} seconds={false} />.</>}</p>
          <button type="button" class="danger-outline" onClick={remove}>Remove…</button>
        </div>
      )}
      {!totp && state !== 'enrolled' && <button type="button" class="primary" onClick={begin}>Set up an app</button>}
    </Section>
  );
}

function Passkeys(props: { factors: Factors; onCodes: (codes: string[] | undefined) => void; reload: () => void }) {
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const add = async (e: Event) => {
    e.preventDefault();
    setProblem('');
    setBusy(true);
    try {
      const options = await protectedCall<{ publicKey: PublicKeyCredentialCreationOptionsJSON }>(
        'Add a security key', 'Your present second factor allows another one.', '/factors/passkeys/options', {});
      if (options) {
        const attestation = await startRegistration({ optionsJSON: options.publicKey }).catch((error: unknown) => {
          throw new Error(securityKeyWords(error));
        });
        const answer = await post<{ passkey: Passkey; recovery_codes?: string[] }>('/factors/passkeys', { name, attestation });
        setName('');
        toast('The security key is registered.');
        props.onCodes(answer.recovery_codes);
      }
    } catch (error) {
      setProblem(words(error));
    }
    setBusy(false);
  };
  const remove = async (p: Passkey) => {
    setProblem('');
    try {
      const done = await proved({
        title: `Remove “${p.name}”?`, words: 'It confirms nothing any more. You can register it again.', action: 'Remove', danger: true,
        path: `/factors/passkeys/${p.id}/remove`, body: {},
      });
      if (done === undefined) return;
      await refresh();
      props.reload();
    } catch (error) {
      setProblem(words(error));
    }
  };
  return (
    <Section title="Security keys and passkeys" lead="A FIDO2 key or this device's own unlocking. They cannot be tricked by a false site.">
      <Reasons words={problem ? [problem] : []} />
      <form class="inline-form" onSubmit={add}>
        <TextField label="Name of the new one" value={name} onInput={setName} required autocomplete="off" placeholder="Blue YubiKey" maxLength={64} />
        <button type="submit" disabled={busy}>{busy ? 'Waiting for it…' : 'Register'}</button>
      </form>
      {props.factors.passkeys.length > 0 && (
        <Table caption="Security keys and passkeys" rows={props.factors.passkeys} rowKey={(p) => p.id} columns={[
          { name: 'Name', heads: true, cell: (p) => p.name },
          { name: 'Registered', cell: (p) => <Time at={p.created_at} seconds={false} /> },
          { name: 'Last use', cell: (p) => p.last_used_at ? <Time at={p.last_used_at} relative /> : 'never' },
          { name: 'Remove', silent: true, cell: (p) => <button type="button" class="small" aria-label={`Remove ${p.name}`} onClick={() => remove(p)}>Remove…</button> },
        ]} />
      )}
    </Section>
  );
}

export default function Security() {
  const factors = useLoad(() => get<Factors>('/factors'));
  const [codes, setCodes] = useState<string[] | null>(null);
  const confirmed = async (made: string[] | undefined) => {
    // The codes are on the page before anything can take it away.
    if (made) {
      setCodes(made);
      guardPage({ title: 'Leave without the recovery codes?', words: 'They are shown this once.', leave: 'Leave without them', stay: 'Stay here' });
    }
    await refresh();
    factors.reload();
  };
  const again = async () => {
    try {
      const answer = await proved<{ recovery_codes: string[] }>({
        title: 'Make new recovery codes', words: 'The old ones stop working at once.', action: 'Make new codes', path: '/factors/recovery-codes', body: {},
      });
      if (answer) await confirmed(answer.recovery_codes);
    } catch (error) {
      toast(words(error), 'error');
    }
  };
  const s = session.value;
  const f = factors.data;
  return (
    <>
      <PageHead title="Security" trail={[{ title: 'Account' }, { title: 'Security' }]}
        lead="A second factor is asked for at the log-in and for everything that gives a key more power." />
      {codes && <RecoveryCodes codes={codes} onDone={() => { guardPage(null); setCodes(null); }} />}
      {s && !hasFactor(s) && <Alert kind="info" quiet><p>Set up one of these. Without a second factor no key can be made.</p></Alert>}
      {factors.error ? <Failed error={factors.error} again={factors.reload} /> : null}
      {!f && !factors.error && <Loading />}
      {f && (
        <>
          <App factors={f} onCodes={confirmed} reload={factors.reload} />
          <Passkeys factors={f} onCodes={confirmed} reload={factors.reload} />
          {s && hasFactor(s) && !codes && (
            <Section title="Recovery codes" lead="For the day on which the second factor is lost. Each works once, at the log-in only.">
              <div class="row-between">
                {f.recovery_codes === 0 ? <Empty title="None are left" /> : <p>{f.recovery_codes} {f.recovery_codes === 1 ? 'is' : 'are'} left.</p>}
                <button type="button" onClick={again}>Make new codes…</button>
              </div>
            </Section>
          )}
        </>
      )}
    </>
  );
}
