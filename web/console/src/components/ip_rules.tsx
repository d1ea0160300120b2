// components/ip_rules.tsx: the addresses from which a key may be used, a field each (B4)
import { useRef, useState } from 'preact/hooks';
import { rulesSplit } from '../text/ip_rules';

let lists = 0;

/** `problem(i)`: what is wrong with the rule at `i`.  `present`: the caller's address, offered. */
export function IpRules(props: {
  rules: string[];
  onChange: (rules: string[]) => void;
  problem: (index: number) => string | undefined;
  present?: string | undefined;
}) {
  const { rules, onChange, present } = props;
  const [id] = useState(() => `rules-${++lists}`);
  const frame = useRef<HTMLFieldSetElement>(null);
  const focus = (index: number) =>
    setTimeout(() => frame.current?.querySelectorAll<HTMLInputElement>('input')[index]?.focus(), 0);
  const set = (index: number, text: string) => {
    // A pasted list becomes one field a rule; a single one stays as it is typed.
    const parts = rulesSplit(text);
    onChange(parts.length > 1 ? rules.toSpliced(index, 1, ...parts) : rules.with(index, text));
  };
  const add = (rule: string) => {
    const kept = rules.filter((r) => r.trim() !== '');
    onChange([...kept, rule]);
    if (rule === '') void focus(kept.length);
  };
  return (
    <fieldset ref={frame} class="rules">
      <legend>Addresses</legend>
      <p class="hint">
        One IPv4 or IPv6 address or network each: 192.0.2.7, 192.0.2.0/24, 2001:db8::/48. “!” before one takes
        it out of a network. A list may be pasted.
      </p>
      {rules.map((rule, i) => {
        const problem = props.problem(i);
        return (
          <div class="rule" key={i}>
            <div class="input-row">
              <input type="text" class="mono" value={rule} aria-label={`Address ${i + 1}`} spellcheck={false}
                autocomplete="off" autocapitalize="off" placeholder="192.0.2.7 or 2001:db8::/48"
                aria-invalid={problem ? true : undefined} aria-describedby={`${id}-${i}`}
                onInput={(e) => set(i, e.currentTarget.value)}
                onKeyDown={(e) => {
                  if (e.key !== 'Enter' || rule.trim() === '') return;
                  e.preventDefault();
                  add('');
                }} />
              <button type="button" class="quiet" disabled={rules.length === 1 && rule === ''}
                aria-label={`Remove address ${i + 1}`}
                onClick={() => {
                  onChange(rules.length === 1 ? [''] : rules.toSpliced(i, 1));
                  void focus(Math.max(0, i - 1));
                }}>
                Remove
              </button>
            </div>
            <p class="field-error" id={`${id}-${i}`} aria-live="polite">{problem}</p>
          </div>
        );
      })}
      <div class="actions">
        <button type="button" class="small" onClick={() => add('')}>Add an address</button>
        {present && !rules.includes(present) && (
          <button type="button" class="small" onClick={() => add(present)}>Add your present address, {present}</button>
        )}
      </div>
    </fieldset>
  );
}
