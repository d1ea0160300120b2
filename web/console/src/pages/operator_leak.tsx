// pages/operator_leak.tsx: one leak with its evidence, whose hash stands in the change log (E1)
import { get, postForFile, words } from '../api';
import { StateBadge } from '../components/badge';
import { Copy, save } from '../components/copy';
import { LeakFacts, LeakPlaces } from '../components/leak';
import { Failed, Loading, PageHead, Section } from '../components/page';
import { proved } from '../components/proof';
import { toast } from '../components/toast';
import { useLoad } from '../load';
import type { PageProps } from '../routes';
import { KINDS, REACTIONS } from '../text/leaks';
import type { LeakEvidence } from '../types';

function Evidence(props: { leak: LeakEvidence }) {
  const { evidence, evidence_sha256: sha256 } = props.leak;
  let shown = evidence;
  try {
    shown = JSON.stringify(JSON.parse(evidence), null, 2);
  } catch {
    // As it is.
  }
  return (
    <Section title="Evidence" actions={<Copy text={evidence} what="evidence as it was hashed" />}
      lead="Written once, when the key was found. The change log has the SHA-256 of its text, so nobody can change it unseen.">
      <dl class="facts"><dt>SHA-256</dt><dd><code>{sha256}</code> <Copy text={sha256} what="SHA-256" /></dd></dl>
      <details class="numbers after">
        <summary>What it says</summary>
        <pre tabIndex={0} aria-label="Evidence">{shown}</pre>
      </details>
    </Section>
  );
}

/** Saved, never shown: strangers wrote it, and it has the secret in it. */
async function fetchObject(leak: LeakEvidence) {
  try {
    const file = await proved<Blob>({
      title: 'Save what the key was found in?',
      words: 'It is the file or page as strangers published it, with the secret in the clear: open it as text only. That you read it is written into the audit log.',
      action: 'Save the file',
      path: `/operator/leaks/${leak.id}/object`,
      body: {},
      send: postForFile,
    });
    if (file) save(`leak-${leak.id}.bin`, file, 'application/octet-stream');
  } catch (error) {
    toast(words(error), 'error');
  }
}

export default function OperatorLeak({ params }: PageProps) {
  const load = useLoad((signal) => get<LeakEvidence>(`/operator/leaks/${params.id}`, {}, signal), [params.id]);
  const leak = load.data;
  return (
    <>
      <PageHead title={leak?.label ?? 'Leak'} trail={[{ title: 'Operator' }, { title: 'Leaks', href: '#/operator/leaks' }]}
        lead={leak && <><StateBadge state={leak.key_state} /> {KINDS[leak.kind]} found in public: {REACTIONS[leak.reaction].toLowerCase()}.</>}
        actions={leak && <a class="button" href={`#/operator/changes?key=${leak.key}`}>Change log</a>} />
      {load.error ? <Failed error={load.error} again={load.reload} /> : null}
      {!leak && !load.error && <Loading what="the leak" />}
      {leak && (
        <>
          <Section title="About it">
            <LeakFacts leak={leak}>
              <dt>Key</dt><dd><a href={`#/operator/keys/${leak.key}`}><code>{leak.key}</code></a></dd>
              <dt>Account</dt><dd><a href={`#/operator/accounts/${leak.account}`}>{leak.email}</a></dd>
            </LeakFacts>
          </Section>
          <Section title="Places" actions={<button type="button" onClick={() => fetchObject(leak)}>Save what it was found in…</button>}><LeakPlaces leak={leak} /></Section>
          <Evidence leak={leak} />
        </>
      )}
    </>
  );
}
