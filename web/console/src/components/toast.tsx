// components/toast.tsx: short news of something that was done; read out, and gone by itself
import { signal } from '@preact/signals';

interface Toast {
  id: number;
  words: string;
  kind: 'good' | 'error';
}

const toasts = signal<Toast[]>([]);
let last = 0;

function drop(id: number): void {
  toasts.value = toasts.value.filter((t) => t.id !== id);
}

export function toast(words: string, kind: Toast['kind'] = 'good'): void {
  const id = ++last;
  // The same news again takes the place of the old.
  toasts.value = [...toasts.value.filter((t) => t.words !== words).slice(-2), { id, words, kind }];
  setTimeout(() => drop(id), kind === 'error' ? 12000 : 6000);
}

export function ToastPlace() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((t) => (
        <div key={t.id} class={`toast ${t.kind}`}>
          <span>{t.words}</span>
          <button type="button" class="quiet" aria-label="Dismiss" onClick={() => drop(t.id)}>×</button>
        </div>
      ))}
    </div>
  );
}
