// load.ts: a page's data: asked for when the page opens, and again when something changed
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api';

export interface Loaded<T> {
  data: T | undefined;
  error: unknown;
  /** A call is under way; `data` is what the last one brought. */
  busy: boolean;
  reload: () => void;
  /** What a change answered takes the place of what was loaded. */
  set: (data: T) => void;
}

export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T>, inputs: unknown[] = []): Loaded<T> {
  const [state, setState] = useState<{ data: T | undefined; error: unknown; busy: boolean }>({
    data: undefined, error: undefined, busy: true,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const abort = new AbortController();
    setState((s) => ({ ...s, busy: true }));
    latest.current(abort.signal).then(
      (data) => !abort.signal.aborted && setState({ data, error: undefined, busy: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        // The router is on its way to the log-in; an error would only flash.
        if (error instanceof ApiError && error.status === 401) return;
        setState((s) => ({ ...s, error, busy: false }));
      },
    );
    return () => abort.abort();
  }, [...inputs, turn]);
  const reload = useCallback(() => setTurn((t) => t + 1), []);
  const set = useCallback((data: T) => setState({ data, error: undefined, busy: false }), []);
  return { ...state, reload, set };
}
