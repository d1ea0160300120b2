// components/secret_once.tsx: a new key's secret, shown this once (B6), and what a client needs of it
import { useEffect, useState } from 'preact/hooks';
import { guardPage } from '../router';
import { CLIENTS, credentialsFile, fileName } from '../text/clients';
import type { KeyGrant } from '../types';
import { Alert } from './alert';
import { Copy, save } from './copy';
import { Section } from './page';

export function SecretOnce(props: { grant: KeyGrant; rest: string; onDone: () => void }) {
  const { key, secret } = props.grant;
  const [kept, setKept] = useState(false);
  const [client, setClient] = useState(0);
  const credentials = { key: key.id, secret, rest: props.rest };
  const settings = CLIENTS[client] ?? CLIENTS[0]!;
  useEffect(() => {
    guardPage(kept ? null : {
      title: 'Leave without the secret?',
      words: 'It is shown on this page only. Without it the key is of no use: you would have to revoke it and make another.',
      leave: 'Leave without it',
      stay: 'Stay here',
    });
    return () => guardPage(null);
  }, [kept]);
  return (
    <>
      <Section title="Key and secret">
        <Alert kind="warning" title="The secret is shown this once">
          <p>We keep it sealed and cannot show it again. Whoever has it can use the key, so keep it as you keep a password.</p>
        </Alert>
        <div class="secret-row">
          <span class="label" id="secret-key">API key</span>
          <output aria-labelledby="secret-key"><code>{key.id}</code></output>
          <Copy text={key.id} what="API key" />
        </div>
        <div class="secret-row">
          <span class="label" id="secret-secret">API secret</span>
          <output aria-labelledby="secret-secret"><code>{secret}</code></output>
          <Copy text={secret} what="API secret" class="small" />
        </div>
        <div class="form-actions">
          <button type="button"
            onClick={() => save(fileName(key.label), credentialsFile(credentials, key.label, key.environment), 'application/json')}>
            Download as a file
          </button>
        </div>
      </Section>
      <Section title="Ready to paste" lead="Settings of the clients that work with this venue unchanged. They hold the secret.">
        <div class="tabs" role="tablist" aria-label="Client">
          {CLIENTS.map((c, i) => (
            <button key={c.name} type="button" role="tab" id={`tab-${i}`} aria-selected={i === client} aria-controls="client-text"
              tabIndex={i === client ? 0 : -1} onClick={() => setClient(i)}
              onKeyDown={(e) => {
                const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? CLIENTS.length - 1 : 0;
                if (step === 0) return;
                const next = (client + step) % CLIENTS.length;
                setClient(next);
                document.getElementById(`tab-${next}`)?.focus();
              }}>
              {c.name}
            </button>
          ))}
        </div>
        <div role="tabpanel" id="client-text" aria-labelledby={`tab-${client}`} class="snippet">
          <pre tabIndex={0} aria-label={`Settings for ${settings.name}`}><code>{settings.text(credentials)}</code></pre>
          <Copy text={settings.text(credentials)} what={`settings for ${settings.name}`} />
        </div>
        <p class="muted small">In a try-out the venue's certificate is its own: set NODE_EXTRA_CA_CERTS (or curl's --cacert) to the CA file.</p>
      </Section>
      <div class="card">
        <label class="choice">
          <input type="checkbox" checked={kept} onChange={(e) => setKept(e.currentTarget.checked)} />
          <span>I have kept the secret in a safe place.</span>
        </label>
        <div class="form-actions">
          <button type="button" class="primary" disabled={!kept} onClick={() => { guardPage(null); props.onDone(); }}>To the key's page</button>
        </div>
      </div>
    </>
  );
}

/** Where the key's environment answers, or what to put there. */
export function restAddress(environment: string, venues?: Partial<Record<string, string>>): string {
  return venues?.[environment] ?? `https://ADDRESS-OF-${environment.toUpperCase()}`;
}
