// components/field.tsx: an input with its name, its explanation and what is wrong with it
import type { ComponentChildren, Ref } from 'preact';
import { useState } from 'preact/hooks';

let fields = 0;

/** What the input inside a Field must carry. */
export interface FieldInput {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
}

export function Field(props: {
  label: ComponentChildren;
  hint?: ComponentChildren;
  error?: string | undefined;
  optional?: boolean;
  class?: string;
  children: (input: FieldInput) => ComponentChildren;
}) {
  const [id] = useState(() => `field-${++fields}`);
  const described = [props.hint && `${id}-hint`, props.error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class={`field ${props.class ?? ''}`}>
      <label for={id}>{props.label}{props.optional && <span class="muted"> (optional)</span>}</label>
      {props.hint && <p class="hint" id={`${id}-hint`}>{props.hint}</p>}
      {props.children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': props.error ? true : undefined,
      })}
      <p class="field-error" id={`${id}-error`} aria-live="polite">{props.error}</p>
    </div>
  );
}

interface InputProps {
  type?: 'text' | 'email' | 'url' | 'search' | 'number' | 'datetime-local' | 'date';
  name?: string;
  required?: boolean;
  disabled?: boolean;
  readOnly?: boolean;
  autofocus?: boolean;
  autocomplete?: 'off' | 'name' | 'organization' | 'username' | 'email' | 'one-time-code';
  spellcheck?: boolean;
  inputMode?: 'numeric' | 'text' | 'email' | 'search';
  pattern?: string;
  placeholder?: string;
  minLength?: number;
  maxLength?: number;
  min?: number | string;
  max?: number | string;
  step?: number;
}

export function TextField(props: InputProps & {
  label: ComponentChildren;
  value: string;
  onInput: (value: string) => void;
  hint?: ComponentChildren;
  error?: string | undefined;
  optional?: boolean;
  class?: string;
  inputRef?: Ref<HTMLInputElement>;
}) {
  const { label, value, onInput, hint, error, optional, inputRef, class: outer, ...rest } = props;
  return (
    <Field label={label} hint={hint} error={error} optional={optional} class={outer}>
      {(input) => (
        <input {...(rest as { type: 'text' })} {...input} ref={inputRef} value={value}
          onInput={(e) => onInput(e.currentTarget.value)} />
      )}
    </Field>
  );
}

export function SelectField(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  options: { value: string; text: string }[];
  hint?: ComponentChildren;
  error?: string | undefined;
  class?: string;
  required?: boolean;
}) {
  return (
    <Field label={props.label} hint={props.hint} error={props.error} class={props.class}>
      {(input) => (
        <select {...input} value={props.value} required={props.required}
          onChange={(e) => props.onInput(e.currentTarget.value)}>
          {props.options.map((o) => <option key={o.value} value={o.value}>{o.text}</option>)}
        </select>
      )}
    </Field>
  );
}

/** A password with a button that shows it. */
export function PasswordField(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  autocomplete: 'current-password' | 'new-password';
  hint?: ComponentChildren;
  error?: string | undefined;
}) {
  const [visible, setVisible] = useState(false);
  return (
    <Field label={props.label} hint={props.hint} error={props.error}>
      {(input) => (
        <div class="input-row">
          <input {...input} {...(visible ? { type: 'text' } as const : { type: 'password' } as const)} value={props.value} required
            autocomplete={props.autocomplete} spellcheck={false} autocapitalize="off"
            onInput={(e) => props.onInput(e.currentTarget.value)} />
          <button type="button" class="quiet" aria-pressed={visible} onClick={() => setVisible(!visible)}
            aria-label={`Show ${props.label.toLowerCase()}`}>
            {visible ? 'Hide' : 'Show'}
          </button>
        </div>
      )}
    </Field>
  );
}
