// components/textarea.tsx: longer texts: reasons
import { Field } from './field';

export function TextArea(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string;
  error?: string | undefined;
  required?: boolean;
  optional?: boolean;
  maxLength?: number;
}) {
  return (
    <Field label={props.label} hint={props.hint} error={props.error} optional={props.optional}>
      {(input) => (
        <textarea {...input} value={props.value} required={props.required} maxLength={props.maxLength} rows={3}
          onInput={(e) => props.onInput(e.currentTarget.value)} />
      )}
    </Field>
  );
}
