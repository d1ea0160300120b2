// pages/key_new.tsx: Create New Key (B2-B6): what, may do what, from where, a summary, and the secret
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, sentence, words } from '../api';
import { problemOf, rulesTyped, useCheck } from '../check';
import { Alert, Reasons } from '../components/alert';
import { TextField } from '../components/field';
import { IpRules } from '../components/ip_rules';
import { Failed, Loading, PageHead } from '../components/page';
import { proved } from '../components/proof';
import { groupsOf, ScopePicker } from '../components/scope_picker';
import { restAddress, SecretOnce } from '../components/secret_once';
import { useLoad } from '../load';
import { go, guardPage } from '../router';
import { GROUPS, scopeWords } from '../text/groups';
import type { Environment, Group, KeyApplication, KeyGrant, KeyOptions, KeyProblem, ScopeGroup } from '../types';

const STEPS = ['Name', 'Permissions', 'Addresses', 'Confirm'] as const;
const TRAIL = [{ title: 'Account' }, { title: 'API', href: '#/keys' }, { title: 'Create New Key' }];

interface Draft extends KeyApplication {
  confirmed: Group[];
}

/** Which step shows a problem of this field. */
function stepOf(field: string): number {
  if (field.startsWith('ip_rules')) return 2;
  if (field.startsWith('scopes') || field.startsWith('confirmed_groups')) return 1;
  return field === 'label' || field === 'environment' ? 0 : 3;
}

/** What is sent; `places` as in check.ts. */
function application(d: Draft): { sent: KeyApplication; places: number[] } {
  const { rules, places } = rulesTyped(d.ip_rules);
  return { sent: { environment: d.environment, label: d.label, scopes: d.scopes, ip_rules: rules }, places };
}

function NameStep(props: { draft: Draft; set: (d: Partial<Draft>) => void; problem: (f: string) => string | undefined }) {
  const { draft, set } = props;
  const choices: [Environment, string, string][] = [
    ['sandbox', 'Sandbox', 'Play money, real matching. Works at once; the place to try a program.'],
    ['live', 'Live', 'Real money. A key that trades waits 72 hours before its first order.'],
  ];
  return (
    <>
      <fieldset>
        <legend>Environment</legend>
        <div class="choices">
          {choices.map(([value, name, hint]) => (
            <label key={value} class="choice">
              <input type="radio" name="environment" checked={draft.environment === value} onChange={() => set({ environment: value })} />
              <span><span class="choice-title">{name}</span><span class="muted small">{hint}</span></span>
            </label>
          ))}
        </div>
        <p class="field-error" aria-live="polite">{props.problem('environment')}</p>
      </fieldset>
      <TextField label="Label" value={draft.label} onInput={(label) => set({ label })} error={props.problem('label')}
        hint="What the key is for: the program, the machine. No two keys that can be used share one." required
        autocomplete="off" placeholder="Market maker, Zürich" class="form-narrow" />
    </>
  );
}

function Summary(props: { draft: Draft; groups: ScopeGroup[]; country: string | null }) {
  const { draft, groups } = props;
  const { sent } = application(draft);
  const scopes = groups.flatMap((g) => g.scopes).filter((s) => draft.scopes.includes(s.scope));
  const live = draft.environment === 'live';
  const trades = groups.some((g) => g.group === 'trade' && g.scopes.some((s) => draft.scopes.includes(s.scope)));
  return (
    <>
      <dl class="facts">
        <dt>Label</dt><dd><strong>{draft.label}</strong></dd>
        <dt>Environment</dt><dd>{live ? 'Live: real money' : 'Sandbox: play money'}</dd>
        {groupsOf(groups, draft.scopes).map((group) => (
          <>
            <dt>{GROUPS[group].name}</dt>
            <dd>
              <ul class="plain">
                {groups.find((g) => g.group === group)?.scopes.filter((s) => draft.scopes.includes(s.scope))
                  .map((s) => <li key={s.scope}>{scopeWords(s.scope)}</li>)}
              </ul>
            </dd>
          </>
        ))}
        <dt>Addresses</dt><dd><ul class="plain">{sent.ip_rules.map((r) => <li key={r}><code>{r}</code></li>)}</ul></dd>
      </dl>
      <div class="what-next">
        <h3>What happens then</h3>
        <ul>
          <li>The secret is shown once, on the next page.</li>
          {live && trades && <li>The first order waits for 72 hours, one call of the wallets and one sandbox order. The key's page counts down.</li>}
          {scopes.some((s) => s.needs_mail) && <li>We mail you a link; withdrawals stay off until you follow it.</li>}
          <li>The key ends by itself after 90 days without use.</li>
        </ul>
      </div>
    </>
  );
}

function Wizard(props: { options: KeyOptions; onGrant: (grant: KeyGrant) => void }) {
  const { options } = props;
  const [step, setStep] = useState(0);
  const [shown, setShown] = useState(-1); // problems up to this step are shown although untouched
  const [touched, setTouched] = useState<Set<string>>(new Set());
  const [draft, setDraft] = useState<Draft>({
    environment: 'sandbox', label: '', scopes: [], ip_rules: [''], confirmed: [],
  });
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string[]>([]);
  const { sent, places } = application(draft);
  const { opinion, now: check } = useCheck<{ problems: KeyProblem[] }>('/keys/check', sent, places);
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    if (touched.size > 0)
      guardPage({ title: 'Leave this page?', words: 'What you have entered for the new key is lost. No key has been made.',
        leave: 'Leave', stay: 'Stay here' });
    return () => guardPage(null);
  }, [touched.size > 0]);

  const set = (change: Partial<Draft>) => {
    setDraft({ ...draft, ...change });
    setTouched(new Set([...touched, ...Object.keys(change)]));
    setFailure([]);
  };
  const unconfirmed = groupsOf(options.groups, draft.scopes).filter((g) => !draft.confirmed.includes(g));
  const problem = (field: string): string | undefined => {
    const visible = shown >= stepOf(field) || touched.has(field.split('.')[0]!);
    return visible ? problemOf(opinion, field) : undefined;
  };
  // A rule is judged as it is typed, an empty field only when one wants to go on.
  const ruleProblem = (i: number): string | undefined => {
    const own = problem(`ip_rules.${i}`);
    if (own || i > 0) return own;
    return shown >= 2 ? problem('ip_rules') : undefined;
  };
  const groupProblem = (group: Group) =>
    shown >= 1 && unconfirmed.includes(group) ? 'Tick this to confirm the group, or clear its permissions.' : undefined;

  const open = (to: number) => {
    setStep(to);
    setTimeout(() => heading.current?.focus(), 0);
  };
  const forward = async () => {
    setShown(Math.max(shown, step));
    setFailure([]);
    setBusy(true);
    try {
      const bad = (await check()).problems.filter((p) => stepOf(p.field) <= step);
      if (bad.length > 0 || (step >= 1 && unconfirmed.length > 0)) {
        const first = Math.min(...bad.map((p) => stepOf(p.field)), unconfirmed.length > 0 ? 1 : step);
        if (first < step) open(first);
        else setTimeout(() => document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus(), 0);
      } else if (step < 3) open(step + 1);
      else await create();
    } catch (error) {
      setFailure([words(error)]);
    }
    setBusy(false);
  };
  const create = async () => {
    try {
      const grant = await proved<KeyGrant>({
        title: `Create “${draft.label}”`,
        words: 'Your second factor makes the key. The secret comes next.',
        action: 'Create the key',
        path: '/keys',
        body: { ...sent, confirmed_groups: draft.confirmed },
      });
      if (grant) props.onGrant(grant);
    } catch (error) {
      if (error instanceof ApiError) {
        setFailure(error.reasons.length > 0 ? error.reasons.map((r) => sentence(r.message)) : [sentence(error.message)]);
        setShown(3);
        void check().catch(() => undefined);
      } else setFailure([words(error)]);
    }
  };

  return (
    <>
      <ol class="steps" aria-label="Steps">
        {STEPS.map((name, i) => (
          <li key={name} aria-current={i === step ? 'step' : undefined} class={i < step ? 'done' : ''}>
            {i < step ? <button type="button" class="link" onClick={() => open(i)}>{name}</button> : <span>{name}</span>}
          </li>
        ))}
      </ol>
      <form noValidate class="card" onSubmit={(e) => {
        e.preventDefault();
        void forward();
      }}>
        <h2 ref={heading} tabIndex={-1} class="step-title">
          {['What is the key for?', 'What may it do?', 'From where?', 'Is this right?'][step]}
        </h2>
        <Reasons words={failure} />
        {step === 0 && <NameStep draft={draft} set={set} problem={problem} />}
        {step === 1 && (
          <>
            <p class="section-lead muted">Each group is confirmed on its own. Give a key as little as its program needs; more can be added later.</p>
            <ScopePicker groups={options.groups} scopes={draft.scopes} confirmed={draft.confirmed} problem={groupProblem}
              onChange={(scopes, confirmed) => set({ scopes, confirmed })} />
            <p class="field-error" aria-live="polite">{shown >= 1 ? problem('scopes') : undefined}</p>
            <p class="muted small">Margin positions need an elevated permission: ask for it on the key's page once the key exists.</p>
          </>
        )}
        {step === 2 && (
          <IpRules rules={draft.ip_rules} onChange={(ip_rules) => set({ ip_rules })} problem={ruleProblem} present={options.address} />
        )}
        {step === 3 && <Summary draft={draft} groups={options.groups} country={options.country} />}
        <div class="form-actions ends">
          {step > 0
            ? <button type="button" onClick={() => open(step - 1)}>Back</button>
            : <a class="button" href="#/keys">Cancel</a>}
          <button type="submit" class="primary" disabled={busy}>{step < 3 ? 'Next' : 'Confirm and create'}</button>
        </div>
      </form>
    </>
  );
}

export default function KeyNew() {
  const options = useLoad(() => get<KeyOptions>('/keys/options'));
  const [grant, setGrant] = useState<KeyGrant | null>(null);
  const missing = options.data?.missing ?? [];
  if (grant) {
    return (
      <>
        <PageHead title={`“${grant.key.label}” is made`} trail={TRAIL} />
        {grant.key.holds.length > 0 && (
          <Alert kind="warning" title="It cannot be used yet">
            <ul>{grant.key.holds.map((h) => <li key={h.reason}>{sentence(h.words)}</li>)}</ul>
          </Alert>
        )}
        <SecretOnce grant={grant} rest={restAddress(grant.key.environment, options.data?.venues)} onDone={() => go(`/keys/${grant.key.id}`)} />
      </>
    );
  }
  return (
    <>
      <PageHead title="Create New Key" trail={TRAIL} />
      {options.error ? <Failed error={options.error} again={options.reload} /> : null}
      {!options.data && !options.error && <Loading />}
      {options.data && (missing.length > 0
        ? (
          <Alert kind="warning" title="Keys cannot be made yet">
            <ul>{missing.map((m) => <li key={m.code + m.message}>{sentence(m.message)}</li>)}</ul>
            <p>See <a href="#/verification">Verification</a> and <a href="#/security">Security</a>.</p>
          </Alert>
        )
        : <Wizard options={options.data} onGrant={setGrant} />)}
    </>
  );
}
