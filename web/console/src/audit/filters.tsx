// audit/filters.tsx: which records of the audit log are shown, charted and exported
import { useState } from 'preact/hooks';
import { ApiError, type Query } from '../api';
import { SelectField, TextField } from '../components/field';
import { utcOfInput, VERDICTS } from '../text/verdicts';

export interface Filter {
  account: string;
  key: string;
  environment: string;
  since: string;
  until: string;
  status: string;
  path: string;
  verdict: string;
}

export const NO_FILTER: Filter = {
  account: '', key: '', environment: '', since: '', until: '', status: '', path: '', verdict: '',
};

export function filterOf(query: URLSearchParams): Filter {
  const filter = { ...NO_FILTER };
  for (const name of Object.keys(filter) as (keyof Filter)[]) filter[name] = query.get(name) ?? '';
  return filter;
}

/** As the API wants it. */
export function asked(filter: Filter): Query {
  return { ...filter, since: utcOfInput(filter.since), until: utcOfInput(filter.until) };
}

export function Filters(props: {
  operator: boolean;
  value: Filter;
  error: unknown;
  onApply: (filter: Filter) => void;
}) {
  const [draft, setDraft] = useState(props.value);
  const refused = props.error instanceof ApiError ? props.error : null;
  const set = (name: keyof Filter) => (value: string) => setDraft((d) => ({ ...d, [name]: value }));
  const empty = Object.values(draft).every((v) => v === '');
  return (
    <form class="card filter-card" role="search" aria-label="Requests" onSubmit={(e) => {
      e.preventDefault();
      props.onApply(draft);
    }}>
      <div class="filters">
        {props.operator && (
          <TextField label="Account" value={draft.account} onInput={set('account')} autocomplete="off"
            placeholder="Number or email" spellcheck={false} error={refused?.field('account')} />
        )}
        <TextField label="Key" value={draft.key} onInput={set('key')} autocomplete="off" spellcheck={false}
          placeholder="Any" error={refused?.field('key')} class="grow" />
        <TextField label="Path" value={draft.path} onInput={set('path')} autocomplete="off" spellcheck={false}
          placeholder="Any; /v2/auth/* for its start" error={refused?.field('path')} class="grow" />
        <TextField label="From" type="datetime-local" value={draft.since} onInput={set('since')} error={refused?.field('since')} />
        <TextField label="Until" type="datetime-local" value={draft.until} onInput={set('until')} error={refused?.field('until')} />
        <TextField label="Status" value={draft.status} onInput={set('status')} inputMode="numeric" pattern="[1-5][0-9]{2}"
          maxLength={3} placeholder="Any" autocomplete="off" error={refused?.field('status')} />
        <SelectField label="Result" value={draft.verdict} onInput={set('verdict')} class="grow" options={[
          { value: '', text: 'Any' }, ...Object.entries(VERDICTS).map(([value, text]) => ({ value, text }))]} />
        <SelectField label="Environment" value={draft.environment} onInput={set('environment')} options={[
          { value: '', text: 'Both' }, { value: 'live', text: 'Live' }, { value: 'sandbox', text: 'Sandbox' }]} />
      </div>
      <div class="actions">
        <button type="submit" class="primary">Show</button>
        {!empty && (
          <button type="button" onClick={() => {
            setDraft(NO_FILTER);
            props.onApply(NO_FILTER);
          }}>Clear</button>
        )}
      </div>
    </form>
  );
}
