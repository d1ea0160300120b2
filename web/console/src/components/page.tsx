// components/page.tsx: the head of a page, its sections, and what stands there while nothing else does
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { words } from '../api';
import { Alert } from './alert';

/** `trail`: the pages above this one, outermost first. */
export function PageHead(props: {
  title: string;
  trail?: { title: string; href?: string }[];
  lead?: ComponentChildren;
  actions?: ComponentChildren;
}) {
  return (
    <header class="page-head">
      {props.trail && (
        <nav aria-label="Breadcrumb" class="trail">
          <ol>
            {props.trail.map((t) => <li key={t.title}>{t.href ? <a href={t.href}>{t.title}</a> : t.title}</li>)}
          </ol>
        </nav>
      )}
      <div class="page-title">
        <h1>{props.title}</h1>
        {props.actions && <div class="actions">{props.actions}</div>}
      </div>
      {props.lead && <p class="lead">{props.lead}</p>}
    </header>
  );
}

let sections = 0;

export function Section(props: {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}) {
  const [id] = useState(() => `section-${++sections}`);
  return (
    <section aria-labelledby={id} class={`card ${props.class ?? ''}`}>
      <header class="section-head">
        <h2 id={id}>{props.title}</h2>
        {props.actions && <div class="actions">{props.actions}</div>}
      </header>
      {props.lead && <p class="muted section-lead">{props.lead}</p>}
      {props.children}
    </section>
  );
}

/** Shown only when the answer takes a while, so that fast answers do not flicker. */
export function Loading(props: { what?: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 250);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="loading" role="status">
      {late && <><span class="spinner" aria-hidden="true" /> Loading {props.what ?? 'this page'}…</>}
    </div>
  );
}

export function Empty(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{props.title}</p>
      {props.children}
    </div>
  );
}

/** What came of a call that a page cannot do without. */
export function Failed(props: { error: unknown; again?: () => void }) {
  return (
    <Alert kind="error" title="This could not be loaded">
      <p>{words(props.error)}</p>
      {props.again && <button type="button" onClick={props.again}>Try again</button>}
    </Alert>
  );
}
