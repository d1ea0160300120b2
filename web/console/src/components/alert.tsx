// components/alert.tsx: a message that stands in the page
import type { ComponentChildren } from 'preact';

export type AlertKind = 'info' | 'good' | 'warning' | 'error';

/** `error` interrupts a screen reader, the others wait until it has finished. */
export function Alert(props: { kind: AlertKind; title?: string; children?: ComponentChildren; quiet?: boolean }) {
  const role = props.quiet ? undefined : props.kind === 'error' ? 'alert' : 'status';
  return (
    <div class={`alert ${props.kind}`} role={role}>
      {props.title && <p class="alert-title">{props.title}</p>}
      {props.children}
    </div>
  );
}

/** The reasons of a refusal that belong to no field. */
export function Reasons(props: { words: string[] }) {
  if (props.words.length === 0) return null;
  return (
    <Alert kind="error">
      {props.words.length === 1
        ? <p>{props.words[0]}</p>
        : <ul>{props.words.map((w) => <li key={w}>{w}</li>)}</ul>}
    </Alert>
  );
}
