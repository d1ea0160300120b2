// components/scope_picker.tsx: scopes in their groups, and each chosen group confirmed on its own (B3)
import { sentence } from '../api';
import { GROUPS, scopeWords } from '../text/groups';
import type { Group, ScopeGroup } from '../types';

/** `held`: scopes that the key has already; only groups with others have to be confirmed. */
export function ScopePicker(props: {
  groups: ScopeGroup[];
  scopes: string[];
  confirmed: Group[];
  held?: string[];
  onChange: (scopes: string[], confirmed: Group[]) => void;
  problem?: (group: Group) => string | undefined;
}) {
  const { scopes, confirmed, onChange, held = [] } = props;
  const choose = (group: Group, changed: string[], on: boolean) => {
    const others = scopes.filter((s) => !changed.includes(s));
    // What was confirmed was another choice than this one.
    onChange(on ? [...others, ...changed] : others, confirmed.filter((g) => g !== group));
  };
  return (
    <div class="stack">
      {props.groups.filter((g) => g.group !== 'elevated').map((g) => {
        const all = g.scopes.filter((s) => !s.elevated);
        const chosen = all.filter((s) => scopes.includes(s.scope));
        const adds = chosen.some((s) => !held.includes(s.scope));
        const name = GROUPS[g.group].name;
        const problem = props.problem?.(g.group);
        return (
          <fieldset key={g.group} class={`scope-group ${chosen.length > 0 ? 'chosen' : ''}`}>
            <legend class="hidden">{name}</legend>
            <div class="scope-group-head">
              <div>
                <p class="choice-title">{name}</p>
                <p class="muted small">{sentence(g.words)}</p>
              </div>
              <button type="button" class="small" aria-label={`${chosen.length === all.length ? 'Clear' : 'Choose all of'} ${name}`}
                onClick={() => choose(g.group, all.map((s) => s.scope), chosen.length < all.length)}>
                {chosen.length === all.length ? 'Clear' : 'All'}
              </button>
            </div>
            <ul class="scopes">
              {all.map((s) => (
                <li key={s.scope}>
                  <label class="choice">
                    <input type="checkbox" checked={scopes.includes(s.scope)}
                      onChange={(e) => choose(g.group, [s.scope], e.currentTarget.checked)} />
                    <span>
                      {scopeWords(s.scope)} <code class="muted">{s.scope}</code>
                      {s.needs_mail && <span class="hint block">Stays off until you follow the link that we mail to you.</span>}
                    </span>
                  </label>
                </li>
              ))}
            </ul>
            {adds && (
              <label class="choice confirm-group">
                <input type="checkbox" checked={confirmed.includes(g.group)} aria-invalid={problem ? true : undefined}
                  onChange={(e) => onChange(scopes, e.currentTarget.checked
                    ? [...confirmed, g.group]
                    : confirmed.filter((c) => c !== g.group))} />
                <span><strong>I confirm {name.toLowerCase()}.</strong> {GROUPS[g.group].confirm}</span>
              </label>
            )}
            <p class="field-error" aria-live="polite">{problem}</p>
          </fieldset>
        );
      })}
    </div>
  );
}

/** The groups of these scopes, in the order of the table. */
export function groupsOf(groups: ScopeGroup[], scopes: string[]): Group[] {
  return groups.filter((g) => g.scopes.some((s) => scopes.includes(s.scope))).map((g) => g.group);
}
