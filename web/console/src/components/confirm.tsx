// components/confirm.tsx: a question before something that cannot be taken back
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from './dialog';
import { TextField } from './field';

export interface Question {
  title: string;
  /** What will happen, in words. */
  words: ComponentChildren;
  /** The button's text: the verb, not "OK". */
  action: string;
  cancel?: string;
  danger?: boolean;
  /** The person has to type this, e.g. a key's label. */
  type?: { label: string; text: string };
}

const asked = signal<{ question: Question; answer: (yes: boolean) => void } | null>(null);

export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    asked.value?.answer(false);
    asked.value = {
      question,
      answer: (yes) => {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}

function Ask(props: { question: Question; answer: (yes: boolean) => void }) {
  const { question: q, answer } = props;
  const [typed, setTyped] = useState('');
  const ready = !q.type || typed.trim() === q.type.text.trim();
  return (
    <Dialog title={q.title} onClose={() => answer(false)} alert>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (ready) answer(true);
        }}
      >
        <div class="dialog-words">{typeof q.words === 'string' ? <p>{q.words}</p> : q.words}</div>
        {q.type && <TextField label={q.type.label} value={typed} onInput={setTyped} autocomplete="off" />}
        <div class="dialog-actions">
          <button type="button" onClick={() => answer(false)}>{q.cancel ?? 'Cancel'}</button>
          <button type="submit" class={q.danger ? 'danger' : 'primary'} disabled={!ready}>{q.action}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function ConfirmPlace() {
  const a = asked.value;
  return a && <Ask key={a.question.title} question={a.question} answer={a.answer} />;
}
