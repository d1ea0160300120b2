// pages/operator_reviews.tsx: what is to be decided by the venue, and what was
import { useState } from 'preact/hooks';
import { get } from '../api';
import { StateBadge } from '../components/badge';
import { SelectField } from '../components/field';
import { Empty, Failed, Loading, PageHead } from '../components/page';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import { usePages } from '../paging';
import { REVIEW_KINDS, reviewSubject } from '../text/reviews';
import type { Review } from '../types';

export function ReviewTable(props: { reviews: Review[]; busy?: boolean; account?: boolean }) {
  return (
    <Table caption="Reviews" rows={props.reviews} rowKey={(r) => String(r.id)} busy={props.busy} columns={[
      { name: 'About', heads: true, cell: (r) => <a class="row-title" href={`#/operator/reviews/${r.id}`}>{reviewSubject(r)}</a> },
      { name: 'Kind', cell: (r) => <span class="tag">{REVIEW_KINDS[r.kind]}</span> },
      ...(props.account === false ? [] : [{
        name: 'Account',
        cell: (r: Review) => <><a href={`#/operator/accounts/${r.account.id}`}>{r.account.email}</a> <span class="muted">{r.account.jurisdiction}</span></>,
      }]),
      { name: 'State', cell: (r) => <StateBadge state={r.state} /> },
      { name: 'Opened', cell: (r) => <Time at={r.opened_at} relative /> },
    ]} />
  );
}

export default function OperatorReviews() {
  const [state, setState] = useState('open');
  const [kind, setKind] = useState('');
  const pages = usePages();
  const list = useLoad(
    (signal) => get<{ reviews: Review[]; next: number | null }>('/operator/reviews', { state, kind, before: pages.before }, signal),
    [state, kind, pages.before],
  );
  const filter = (set: (value: string) => void) => (value: string) => {
    set(value);
    pages.restart();
  };
  const reviews = list.data?.reviews ?? [];
  return (
    <>
      <PageHead title="Reviews" trail={[{ title: 'Operator' }, { title: 'Reviews' }]}
        lead="What no rule could decide by itself. Nobody decides about their own account." />
      <div class="filters" role="search" aria-label="Reviews">
        <SelectField label="State" value={state} onInput={filter(setState)} options={[
          { value: 'open', text: 'To be decided' }, { value: 'decided', text: 'Decided' }]} />
        <SelectField label="Kind" value={kind} onInput={filter(setKind)} options={[
          { value: '', text: 'All' }, ...Object.entries(REVIEW_KINDS).map(([value, text]) => ({ value, text }))]} />
      </div>
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="reviews" />}
      {list.data && reviews.length === 0 && (state === 'open'
        ? <Empty title="Nothing to decide"><p>All that was asked has been answered.</p></Empty>
        : <Empty title="Nothing was decided yet" />)}
      {reviews.length > 0 && <ReviewTable reviews={reviews} busy={list.busy} />}
      {pages.pager(list.data?.next)}
    </>
  );
}
