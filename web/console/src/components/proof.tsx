// components/proof.tsx: the second factor for one operation, and the call that it belongs to
//
// A security key signs a challenge that the authority made for exactly this call (method, path and
// body), so a proof taken for one thing is worth nothing for another.
import { startAuthentication, type PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, post, sentence } from '../api';
import { session } from '../session';
import { Reasons } from './alert';
import { Dialog } from './dialog';
import { TextField } from './field';

export type Proof = { code: string } | { assertion: unknown } | { recovery_code: string };

export interface Operation {
  title: string;
  /** What will happen once it is confirmed. */
  words: ComponentChildren;
  action: string;
  danger?: boolean;
  path: string;
  body: object;
  /** The call, if its answer is no JSON. */
  send?: (path: string, value: object) => Promise<unknown>;
}

interface Asked {
  operation: Operation;
  done: (answer: unknown) => void;
  failed: (error: unknown) => void;
}
const asked = signal<Asked | null>(null);

/** Asks for the second factor and makes the call.  Undefined: the person thought better of it.  A
 * wrong code is said in the dialog and asked for again; any other refusal is thrown. */
export function proved<T>(operation: Operation): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    asked.value = {
      operation,
      done: (answer) => {
        asked.value = null;
        resolve(answer as T | undefined);
      },
      failed: (error) => {
        asked.value = null;
        reject(error as Error);
      },
    };
  });
}

/** What a security key says to the operation; an error with words for a person. */
export async function assertion(path: string, body: object): Promise<Proof> {
  const { publicKey } = await post<{ publicKey: PublicKeyCredentialRequestOptionsJSON }>('/challenges', {
    method: 'POST', path, body,
  });
  try {
    return { assertion: await startAuthentication({ optionsJSON: publicKey }) };
  } catch (error) {
    throw new Error(securityKeyWords(error));
  }
}

export function securityKeyWords(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError') return 'The security key was not used in time, or it was cancelled. Try again.';
  if (name === 'InvalidStateError') return 'This security key is registered already.';
  if (name === 'SecurityError')
    return 'The browser refuses security keys at this address; open the console by its proper name over https.';
  return error instanceof Error ? sentence(error.message) : 'The security key did not answer.';
}

/** Refusals that are about the proof and not about the operation. */
export function isAboutProof(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 429 || error.reasons.some((r) =>
    /^(code|proof|totp|assertion|challenge|factor|recovery|passkey)\b/.test(r.code) || r.field?.startsWith('proof')));
}

/** The inputs for a proof: a code, a security key, and at the log-in a recovery code. */
export function ProofForm(props: {
  action: string;
  danger?: boolean;
  path: string;
  body: object;
  recovery?: boolean;
  onProof: (proof: Proof) => Promise<void>;
  cancel?: ComponentChildren;
}) {
  const factors = session.value?.factors;
  const hasCode = factors?.totp === 'enrolled';
  const hasKey = (factors?.passkeys ?? 0) > 0;
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState<'' | 'code' | 'key'>('');
  const [problem, setProblem] = useState('');
  const [other, setOther] = useState('');

  const run = async (what: 'code' | 'key', proof: () => Promise<Proof>) => {
    setBusy(what);
    setProblem('');
    setOther('');
    try {
      await props.onProof(await proof());
    } catch (error) {
      const said = error instanceof ApiError && error.reasons.length > 0
        ? error.reasons.map((r) => sentence(r.message)).join(' ')
        : error instanceof Error ? sentence(error.message) : 'Something went wrong.';
      if (what === 'code') setProblem(said);
      else setOther(said);
      setCode('');
    }
    setBusy('');
  };
  const digits = code.replace(/\s/g, '');
  return (
    <>
      <Reasons words={other ? [other] : []} />
      {hasKey && !recovery && (
        <button type="button" class={`wide ${hasCode ? '' : props.danger ? 'danger' : 'primary'}`} disabled={busy !== ''}
          onClick={() => run('key', () => assertion(props.path, props.body))}>
          {busy === 'key' ? 'Touch your security key…' : 'Use a security key or passkey'}
        </button>
      )}
      {hasKey && hasCode && !recovery && <p class="or"><span>or</span></p>}
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void run('code', async () => recovery ? { recovery_code: code.trim() } : { code: digits });
        }}
      >
        {recovery && (
          <TextField label="Recovery code" value={code} onInput={setCode} error={problem} required autofocus
            hint="One of the codes that you kept when you set up your second factor. Each works once."
            autocomplete="off" spellcheck={false} class="mono" />
        )}
        {!recovery && hasCode && (
          <TextField label="Code from your authenticator app" value={code} onInput={setCode} error={problem} required
            hint="Six digits. Each code works once; wait for the next one if you have just used it."
            inputMode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,8}" maxLength={8} class="code"
            autofocus />
        )}
        <div class="dialog-actions">
          {props.cancel}
          {(recovery || hasCode) && (
            <button type="submit" class={props.danger ? 'danger' : 'primary'} disabled={busy !== ''}>
              {busy === 'code' ? 'Checking…' : props.action}
            </button>
          )}
        </div>
      </form>
      {props.recovery && (
        <p class="small">
          <button type="button" class="link" onClick={() => {
            setRecovery(!recovery);
            setCode('');
            setProblem('');
          }}>
            {recovery ? 'Use your second factor instead' : 'Lost your second factor? Use a recovery code'}
          </button>
        </p>
      )}
    </>
  );
}

function Ask(props: Asked) {
  const { operation: o, done, failed } = props;
  return (
    <Dialog title={o.title} onClose={() => done(undefined)}>
      <div class="dialog-words">{typeof o.words === 'string' ? <p>{o.words}</p> : o.words}</div>
      <ProofForm
        action={o.action} danger={o.danger} path={o.path} body={o.body}
        cancel={<button type="button" onClick={() => done(undefined)}>Cancel</button>}
        onProof={async (proof) => {
          try {
            done(await (o.send ?? post)(o.path, { ...o.body, proof }));
          } catch (error) {
            if (isAboutProof(error)) throw error;
            failed(error);
          }
        }}
      />
    </Dialog>
  );
}

export function ProofPlace() {
  const a = asked.value;
  return a && <Ask {...a} />;
}
