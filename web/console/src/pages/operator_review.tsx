// pages/operator_review.tsx: one review: the evidence, the decision and its reason
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { address, ApiError, get, post, words } from '../api';
import { Alert, Reasons } from '../components/alert';
import { StateBadge } from '../components/badge';
import { confirm } from '../components/confirm';
import { Failed, Loading, PageHead, Section } from '../components/page';
import { TextArea } from '../components/textarea';
import { Time, TimeLeft } from '../components/time';
import { toast } from '../components/toast';
import { useLoad } from '../load';
import type { PageProps } from '../routes';
import { bytes } from '../text/bytes';
import { CONSEQUENCES, detailRows, REVIEW_KINDS, reviewSubject } from '../text/reviews';
import type { Review, StoredDocument } from '../types';

type Outcome = 'accepted' | 'rejected';

function Evidence({ documents }: { documents: StoredDocument[] }) {
  return (
    <ul class="evidence">
      {documents.map((d) => {
        const at = address(`/operator/documents/${d.id}`);
        return (
          <li key={d.id}>
            {d.type.startsWith('image/') && <img src={at} alt={`Preview of ${d.name}`} loading="lazy" />}
            <a href={at} download={d.name}>{d.name}</a>
            <p class="muted small">{bytes(d.bytes)}, <Time at={d.at} seconds={false} /></p>
          </li>
        );
      })}
    </ul>
  );
}

function About({ review: r }: { review: Review }) {
  return (
    <Section title="About it">
      <dl class="facts">
        <dt>Account</dt>
        <dd><a href={`#/operator/accounts/${r.account.id}`}>{r.account.email}</a>{r.account.name && <>, {r.account.name}</>} <span class="muted">{r.account.kind}, {r.account.jurisdiction}</span></dd>
        {r.key && <><dt>Key</dt><dd><a href={`#/operator/keys/${r.key.id}`}>{r.key.label}</a> <StateBadge state={r.key.state} /></dd></>}
        {detailRows(r.detail).map((row) => <Fragment key={row.name}><dt>{row.name}</dt><dd>{row.text}</dd></Fragment>)}
        <dt>Opened</dt><dd><Time at={r.opened_at} /></dd>
        {r.ends_at && !r.decided_at && <><dt>Rejected by itself in</dt><dd><TimeLeft until={r.ends_at} /></dd></>}
        {r.decided_at && <><dt>Decided</dt><dd><Time at={r.decided_at} />{r.reason && <>: {r.reason}</>}</dd></>}
      </dl>
    </Section>
  );
}

function Votes({ review: r }: { review: Review }) {
  if (r.votes.length === 0) return null;
  return (
    <Section title="What was said">
      <ul class="votes">
        {r.votes.map((v) => (
          <li key={v.by + v.at}>
            <StateBadge state={v.outcome} /> by {v.by}, <Time at={v.at} />{v.reason && <>: {v.reason}</>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Decide(props: { review: Review; onDecided: (review: Review) => void }) {
  const { review: r } = props;
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;
  const will = CONSEQUENCES[r.kind];
  const decide = async (outcome: Outcome) => {
    const yes = await confirm({
      title: outcome === 'accepted' ? 'Accept this?' : 'Reject this?', words: will[outcome],
      action: outcome === 'accepted' ? 'Accept' : 'Reject', danger: outcome === 'rejected',
    });
    if (!yes) return;
    setBusy(true);
    setError(null);
    try {
      const after = await post<Review>(`/operator/reviews/${r.id}/decide`, { outcome, reason: reason.trim() });
      toast(after.state === 'seconding' ? 'Your decision is kept. Another operator has to agree.' : 'It is decided, and the owner is told.');
      props.onDecided(after);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Section title="Decision">
      {r.state === 'seconding' && (
        <Alert kind="info" quiet title="A second operator decides">
          <p>One operator has accepted. It takes effect once a different one accepts, too; a rejection counts at once.</p>
        </Alert>
      )}
      <Reasons words={refused ? refused.beside('reason') : error ? [words(error)] : []} />
      <TextArea label="Reason" value={reason} onInput={setReason} error={refused?.field('reason')}
        hint="Needed for a rejection. The owner reads it, and it is kept in the change log." />
      <ul class="muted small after">
        <li>Accepting: {will.accepted}</li>
        <li>Rejecting: {will.rejected}</li>
      </ul>
      <div class="form-actions">
        <button type="button" class="primary" disabled={busy} onClick={() => decide('accepted')}>Accept…</button>
        <button type="button" class="danger-outline" disabled={busy || reason.trim() === ''} onClick={() => decide('rejected')}>Reject…</button>
      </div>
    </Section>
  );
}

export default function OperatorReview({ params }: PageProps) {
  const review = useLoad((signal) => get<Review>(`/operator/reviews/${params.id}`, {}, signal), [params.id]);
  const r = review.data;
  const open = r?.state === 'open' || r?.state === 'seconding';
  return (
    <>
      <PageHead title={r ? reviewSubject(r) : 'Review'}
        trail={[{ title: 'Operator' }, { title: 'Reviews', href: '#/operator/reviews' }]}
        lead={r && <><StateBadge state={r.state} /> <span class="tag">{REVIEW_KINDS[r.kind]}</span></>} />
      {review.error ? <Failed error={review.error} again={review.reload} /> : null}
      {!r && !review.error && <Loading what="the review" />}
      {r && (
        <>
          <About review={r} />
          {(r.documents.length > 0 || r.kind === 'document') && (
            <Section title="Evidence" lead="Kept sealed; each look at it goes through your session only.">
              {r.documents.length > 0 ? <Evidence documents={r.documents} /> : <p class="muted">No document was handed in.</p>}
            </Section>
          )}
          <Votes review={r} />
          {open && (r.kind === 'approval'
            ? <Section title="Decision"><p>The signatories of the account decide by the links that were mailed to them.</p></Section>
            : <Decide review={r} onDecided={review.set} />)}
        </>
      )}
    </>
  );
}
