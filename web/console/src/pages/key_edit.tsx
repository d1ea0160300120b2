// pages/key_edit.tsx: what an owner changes of a key: less at once, more with the second factor
import { useState } from 'preact/hooks';
import { ApiError, post, sentence, words } from '../api';
import { problemOf, rulesTyped, useCheck } from '../check';
import { Reasons } from '../components/alert';
import { confirm } from '../components/confirm';
import { Dialog } from '../components/dialog';
import { Field, TextField } from '../components/field';
import { IpRules } from '../components/ip_rules';
import { Section } from '../components/page';
import { proved } from '../components/proof';
import { groupsOf, ScopePicker } from '../components/scope_picker';
import { toast } from '../components/toast';
import { scopeWords } from '../text/groups';
import { sameSet } from '../text/ip_rules';
import type { Group, Key, KeyProblem } from '../types';
import type { ChangeProps } from './key';

function reasons(error: unknown): string[] {
  if (error instanceof ApiError && error.reasons.length > 0) return error.reasons.map((r) => sentence(r.message));
  return [words(error)];
}

export function Rename({ view, onChange }: ChangeProps) {
  const [open, setOpen] = useState(false);
  const [label, setLabel] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const rename = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    try {
      onChange(await post<Key>(`/keys/${view.id}/rename`, { label }), 'The key has its new label.');
      setOpen(false);
    } catch (error) {
      setProblem(reasons(error).join(' '));
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" onClick={() => {
        setLabel(view.label);
        setProblem('');
        setOpen(true);
      }}>Rename</button>
      {open && (
        <Dialog title="Rename the key" onClose={() => setOpen(false)}>
          <form onSubmit={rename}>
            <TextField label="Label" value={label} onInput={setLabel} error={problem} required autocomplete="off" autofocus />
            <div class="dialog-actions">
              <button type="button" onClick={() => setOpen(false)}>Cancel</button>
              <button type="submit" class="primary" disabled={busy || label.trim() === view.label}>Rename</button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}

interface ChangeOpinion {
  problems: KeyProblem[];
  tightens: boolean;
}

/** Permissions and addresses.  Whether it takes away or adds, which the authority tells while one
 *  types, decides which call is made. */
export function KeyEdit(props: ChangeProps) {
  const [open, setOpen] = useState(false);
  return (
    <Section title="Change permissions and addresses"
      lead="Taking away holds at once. Adding takes your second factor, and is judged as for a new key."
      actions={!open && <button type="button" onClick={() => setOpen(true)}>Change…</button>}>
      {open && <EditForm {...props} onClose={() => setOpen(false)} />}
    </Section>
  );
}

function EditForm({ view, options, onChange, onClose }: ChangeProps & { onClose: () => void }) {
  const held = view.scopes.filter((s) => s.state !== 'requested').map((s) => s.scope);
  const [scopes, setScopes] = useState<string[]>(held);
  const [confirmed, setConfirmed] = useState<Group[]>([]);
  const [fields, setFields] = useState<string[]>(view.ip_rules);
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;
  const { rules, places } = rulesTyped(fields);
  const same = sameSet(scopes, held) && sameSet(rules, view.ip_rules);
  const added = groupsOf(options.groups, scopes.filter((s) => !held.includes(s)));
  const unconfirmed = added.filter((g) => !confirmed.includes(g));
  const body = {
    ...(sameSet(scopes, held) ? {} : { scopes }),
    ...(sameSet(rules, view.ip_rules) ? {} : { ip_rules: rules }),
  };
  const { opinion, now } = useCheck<ChangeOpinion>(`/keys/${view.id}/check`, body, places);
  const less = opinion?.tightens ?? false;
  const tighten = async (): Promise<Key | undefined> => {
    const yes = await confirm({
      title: `Take this away from “${view.label}”?`,
      words: 'It holds at once on every gateway. Giving it back later takes your second factor.',
      action: 'Apply',
    });
    return yes ? post<Key>(`/keys/${view.id}/tighten`, body) : undefined;
  };
  const loosen = () => proved<Key>({
    title: `Allow “${view.label}” more`,
    words: added.includes('trade') && view.environment === 'live'
      ? 'Its orders wait for 72 hours from now on.'
      : 'The key can do more, or from more places, than before.',
    action: 'Apply',
    path: `/keys/${view.id}/loosen`,
    body: { ...body, confirmed_groups: confirmed },
  });
  const apply = async (e: Event) => {
    e.preventDefault();
    setError(null);
    try {
      const { problems, tightens } = await now();
      if (problems.length > 0) return;
      const changed = await (tightens ? tighten() : loosen());
      if (!changed) return;
      onClose();
      onChange(changed, 'The key is changed.');
    } catch (failure) {
      setError(failure);
    }
  };
  const ruleProblem = (i: number): string | undefined =>
    problemOf(opinion, `ip_rules.${i}`) ?? (i === 0 ? problemOf(opinion, 'ip_rules') : undefined);
  const general = [...(problemOf(opinion, 'scopes') ? [problemOf(opinion, 'scopes')!] : []),
    ...(problemOf(opinion, '') ? [problemOf(opinion, '')!] : [])];
  return (
    <form onSubmit={apply} noValidate>
      <Reasons words={error ? (refused ? refused.beside() : reasons(error)) : same ? [] : general} />
      <ScopePicker groups={options.groups} scopes={scopes} confirmed={confirmed} held={held}
        onChange={(s, c) => {
          setScopes(s);
          setConfirmed(c);
        }} />
      <IpRules rules={fields} onChange={setFields} present={options.address} problem={(i) => (same ? undefined : ruleProblem(i))} />
      <div class="form-actions">
        <button type="submit" class="primary" disabled={same || unconfirmed.length > 0}>
          {same || less ? 'Apply' : 'Apply with the second factor'}
        </button>
        <button type="button" onClick={onClose}>Cancel</button>
        {unconfirmed.length > 0 && <span class="muted small">Confirm each group that you add.</span>}
      </div>
    </form>
  );
}

export function Limits({ view, onChange }: ChangeProps) {
  const [publicRate, setPublicRate] = useState(String(view.rates.public_per_s));
  const [privateRate, setPrivateRate] = useState(String(view.rates.private_per_s));
  const [ends, setEnds] = useState('');
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;
  const body = {
    ...(Number(publicRate) !== view.rates.public_per_s ? { public_per_s: Number(publicRate) } : {}),
    ...(Number(privateRate) !== view.rates.private_per_s ? { private_per_s: Number(privateRate) } : {}),
    ...(ends ? { ends_at: new Date(ends).toISOString() } : {}),
  };
  const apply = async (e: Event) => {
    e.preventDefault();
    setError(null);
    const yes = await confirm({
      title: `Limit “${view.label}”?`,
      words: 'It holds at once. A rate cannot be raised again here, and an end cannot be put off: that takes a new key.',
      action: 'Apply',
    });
    if (!yes) return;
    try {
      onChange(await post<Key>(`/keys/${view.id}/tighten`, body), 'The limits hold.');
      setEnds('');
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Section title="Lower the limits" lead="A slower rate, or a day on which the key ends by itself.">
      <form onSubmit={apply}>
        <Reasons words={error ? (refused ? refused.beside('public_per_s', 'private_per_s', 'ends_at') : reasons(error)) : []} />
        <div class="inline-form">
          <TextField label="Public requests a second" type="number" min={1} max={view.rates.public_per_s} value={publicRate}
            onInput={setPublicRate} error={refused?.field('public_per_s')} />
          <TextField label="Private requests a second" type="number" min={1} max={view.rates.private_per_s} value={privateRate}
            onInput={setPrivateRate} error={refused?.field('private_per_s')} />
          <TextField label="Ends" type="datetime-local" value={ends} onInput={setEnds} error={refused?.field('ends_at')} optional />
          <button type="submit" disabled={Object.keys(body).length === 0}>Apply…</button>
        </div>
      </form>
    </Section>
  );
}

/** Elevated permissions: the owner asks and shows the second factor, an operator decides (D5). */
export function Elevate({ view, options }: ChangeProps) {
  const elevated = options.groups.flatMap((g) => g.scopes).filter((s) => s.elevated);
  const open = elevated.filter((s) => !view.scopes.some((h) => h.scope === s.scope));
  const [chosen, setChosen] = useState<string[]>([]);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  if (open.length === 0) return null;
  const ask = async (e: Event) => {
    e.preventDefault();
    try {
      const answer = await proved<{ review: unknown }>({
        title: 'Ask for elevated permissions',
        words: 'An operator of the venue reads your reason and decides. You hear of it by mail.',
        action: 'Ask',
        path: `/keys/${view.id}/elevate`,
        body: { scopes: chosen, reason },
      });
      if (!answer) return;
      setAsked(true);
      toast('An operator will decide about it.');
    } catch (error) {
      toast(reasons(error).join(' '), 'error');
    }
  };
  return (
    <Section title="Elevated permissions" lead="No key has them by default. An operator grants them for a time.">
      {asked ? <p>Your request is with the venue. The permission appears above as soon as it is granted.</p> : (
        <form onSubmit={ask}>
          <fieldset>
            <legend>Permissions</legend>
            {open.map((s) => (
              <label key={s.scope} class="choice">
                <input type="checkbox" checked={chosen.includes(s.scope)}
                  onChange={(e) => setChosen(e.currentTarget.checked ? [...chosen, s.scope] : chosen.filter((c) => c !== s.scope))} />
                <span>{scopeWords(s.scope)} <code class="muted">{s.scope}</code></span>
              </label>
            ))}
          </fieldset>
          <Field label="What you need them for">
            {(input) => <textarea {...input} required value={reason} onInput={(e) => setReason(e.currentTarget.value)} />}
          </Field>
          <div class="form-actions"><button type="submit" disabled={chosen.length === 0 || reason.trim() === ''}>Ask…</button></div>
        </form>
      )}
    </Section>
  );
}
