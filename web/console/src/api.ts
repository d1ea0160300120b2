// api.ts: calls of the authority's HTTP API, and what its refusals say
//
// The session lives in a cookie that no script can read.  Calls that change something carry the
// session's CSRF value in a header, which another site's page can neither know nor set.
import { session } from './session';
import type { Reason } from './types';

const BASE = './api';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly reasons: Reason[],
    readonly retryS: number | null,
  ) {
    super(message);
  }

  /** The words for a field of what was sent; also of its parts when `parts` ("ip_rules.2"). */
  field(name: string, parts = false): string | undefined {
    const found = this.reasons.filter((r) => r.field === name || (parts && r.field?.startsWith(`${name}.`)));
    return found.length > 0 ? found.map((r) => sentence(r.message)).join(' ') : undefined;
  }

  /** What belongs to none of these fields; the message itself when there are no reasons. */
  beside(...fields: string[]): string[] {
    const other = this.reasons.filter((r) => !fields.some((f) => r.field === f || r.field?.startsWith(`${f}.`)));
    if (this.reasons.length === 0) return [sentence(this.message)];
    return other.map((r) => sentence(r.message));
  }

  has(code: string): boolean {
    return this.code === code || this.reasons.some((r) => r.code === code);
  }
}

/** The API's messages are phrases; a page shows sentences. */
export function sentence(words: string): string {
  if (words === '') return words;
  const first = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export function address(path: string, query: Query = {}): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') all.set(name, String(value));
  const text = all.toString();
  return BASE + path + (text === '' ? '' : `?${text}`);
}

async function refusal(response: Response): Promise<ApiError> {
  const retry = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  let error: { code?: string; message?: string; reasons?: Reason[] } = {};
  try {
    error = ((await response.json()) as { error?: typeof error }).error ?? {};
  } catch {
    // Not ours: a gateway's page.  The status alone has to do.
  }
  const words =
    error.message ??
    (response.status >= 500
      ? 'the venue cannot answer just now; nothing was changed, please try again in a moment'
      : `the venue refused with status ${response.status}`);
  return new ApiError(
    response.status, error.code ?? 'unknown', words, error.reasons ?? [], Number.isNaN(retry) ? null : retry,
  );
}

async function call(path: string, init: RequestInit, query?: Query): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path, query), { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'unreachable', 'the venue cannot be reached; is the network there?', [], null);
  }
  if (response.ok) return response;
  // The session ended: every page that needs one goes to the log-in and comes back (router).
  if (response.status === 401 && session.value) session.value = null;
  throw await refusal(response);
}

async function body<T>(response: Response): Promise<T> {
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as T;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return body<T>(await call(path, signal ? { signal } : {}, query));
}

export function csrf(): Record<string, string> {
  return session.value ? { 'X-Latchkey-CSRF': session.value.csrf } : {};
}

function sent(value: object): RequestInit {
  return { method: 'POST', headers: { 'Content-Type': 'application/json', ...csrf() }, body: JSON.stringify(value) };
}

export async function post<T = unknown>(path: string, value: object = {}, signal?: AbortSignal): Promise<T> {
  return body<T>(await call(path, signal ? { ...sent(value), signal } : sent(value)));
}

/** The answer is a file. */
export async function postForFile(path: string, value: object): Promise<Blob> {
  return (await call(path, sent(value))).blob();
}

/** Sends a file as it is and tells how far it is, from 0 to 1; fetch cannot tell. */
export function upload<T>(path: string, file: File, progress: (part: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address(path));
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    request.setRequestHeader('X-File-Name', encodeURIComponent(file.name));
    for (const [name, value] of Object.entries(csrf())) request.setRequestHeader(name, value);
    request.upload.onprogress = (e) => progress(e.lengthComputable ? e.loaded / e.total : 0);
    request.onerror = () =>
      reject(new ApiError(0, 'unreachable', 'the upload broke off; nothing was kept', [], null));
    request.onload = async () => {
      const response = new Response(request.responseText, {
        status: request.status,
        headers: { 'Retry-After': request.getResponseHeader('Retry-After') ?? '' },
      });
      if (response.ok) resolve(JSON.parse(request.responseText) as T);
      else {
        if (response.status === 401) session.value = null;
        reject(await refusal(response));
      }
    };
    request.send(file);
  });
}

/** Any failure as words for a person. */
export function words(error: unknown): string {
  if (error instanceof ApiError)
    return error.reasons.length > 0 ? error.beside().join(' ') : sentence(error.message);
  return error instanceof Error ? sentence(error.message) : 'Something went wrong.';
}
