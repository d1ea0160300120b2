// audit/tail.ts: records as they happen, by a call that waits for the next ones
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, words, type Query } from '../api';
import type { AuditRecord } from '../types';

const MOST = 200;
const AGAIN_MS = 5000;

export interface Tail {
  running: boolean;
  /** Newest first; the oldest fall out. */
  records: AuditRecord[];
  /** Since it was started, also of those that fell out. */
  count: number;
  problem: string;
  start: (from: number) => void;
  pause: () => void;
  resume: () => void;
  stop: () => void;
}

/** Pausing remembers the place, so that nothing is missed when it goes on. */
export function useTail(path: string, query: Query): Tail {
  const [running, setRunning] = useState(false);
  const [records, setRecords] = useState<AuditRecord[]>([]);
  const [count, setCount] = useState(0);
  const [problem, setProblem] = useState('');
  const from = useRef(0);
  const latest = useRef(query);
  latest.current = query;
  useEffect(() => {
    if (!running) return undefined;
    const abort = new AbortController();
    let timer = 0;
    const ask = async () => {
      try {
        const answer = await get<{ records: AuditRecord[]; next: number }>(
          path, { ...latest.current, from: from.current }, abort.signal);
        if (abort.signal.aborted) return;
        from.current = answer.next;
        setProblem('');
        if (answer.records.length > 0) {
          const newest = [...answer.records].sort((a, b) => b.index - a.index);
          setRecords((old) => [...newest, ...old].slice(0, MOST));
          setCount((n) => n + newest.length);
        }
        void ask();
      } catch (error) {
        if (abort.signal.aborted || (error instanceof ApiError && error.status === 401)) return;
        setProblem(words(error));
        timer = window.setTimeout(() => void ask(), AGAIN_MS);
      }
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [running, path]);
  const empty = () => {
    setRecords([]);
    setCount(0);
    setProblem('');
  };
  return {
    running, records, count, problem,
    start: (at) => {
      empty();
      from.current = at;
      setRunning(true);
    },
    pause: () => setRunning(false),
    resume: () => setRunning(true),
    stop: () => {
      setRunning(false);
      empty();
    },
  };
}
