// check.ts: the authority's opinion of a form that is still being typed, asked for when typing rests
import { useEffect, useRef, useState } from 'preact/hooks';
import { post, sentence } from './api';
import type { KeyProblem } from './types';

interface Opinion {
  problems: KeyProblem[];
}

/** Empty fields are no rules.  `places[i]` is the field that rule `i` was typed in. */
export function rulesTyped(fields: string[]): { rules: string[]; places: number[] } {
  const places = fields.flatMap((rule, i) => (rule.trim() === '' ? [] : [i]));
  return { rules: places.map((i) => fields[i]!.trim()), places };
}

/** The words of an opinion about one field; undefined when there are none. */
export function problemOf(opinion: Opinion | undefined, field: string): string | undefined {
  const found = (opinion?.problems ?? []).filter((p) => p.field === field).map((p) => sentence(p.message));
  return found.length > 0 ? found.join(' ') : undefined;
}

/** `opinion`: the latest, of what may have changed since.  `now`: of what is typed at this moment. */
export function useCheck<T extends Opinion>(path: string, body: object, places: number[]): {
  opinion: T | undefined;
  now: () => Promise<T>;
} {
  const [opinion, setOpinion] = useState<T>();
  const text = JSON.stringify([path, body, places]);
  const latest = useRef(text);
  latest.current = text;
  const ask = async (signal?: AbortSignal): Promise<T> => {
    const answer = await post<T>(path, body, signal);
    const problems = answer.problems.map((p) => {
      const index = /^ip_rules\.(\d+)$/.exec(p.field);
      return index ? { ...p, field: `ip_rules.${places[Number(index[1])] ?? 0}` } : p;
    });
    if (latest.current === text) setOpinion({ ...answer, problems });
    return { ...answer, problems };
  };
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => void ask(abort.signal).catch(() => undefined), 300);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return { opinion, now: () => ask() };
}
