// pages/key_leaks.tsx: where a key was found in public, for its owner, who alone may lift a suspension (E1)
import { get, words } from '../api';
import { LeakFacts, LeakPlaces } from '../components/leak';
import { Failed, Section } from '../components/page';
import { proved } from '../components/proof';
import { toast } from '../components/toast';
import { useLoad } from '../load';
import { canLift } from '../text/leaks';
import type { Key, Leak } from '../types';

const LEADS = {
  secret: 'Whoever reads it there can use the key, so it was revoked for good. Take it out of that place, and of its history.',
  key_id: 'An id alone opens nothing. Look whether the secret lies beside it before you let the key work again.',
};

export function Leaks(props: { view: Key; onChange: (key: Key, words: string) => void }) {
  const { view } = props;
  const list = useLoad((signal) => get<{ leaks: Leak[] }>(`/keys/${view.id}/leaks`, {}, signal), [view.id, view.state]);
  const lift = async () => {
    try {
      const key = await proved<Key>({
        title: `Let “${view.label}” work again?`,
        words: 'The key is accepted again at once. Further sightings of its id do nothing; a sighting of its secret revokes it.',
        action: 'Lift the suspension',
        path: `/keys/${view.id}/lift`,
        body: {},
      });
      if (key) props.onChange(key, 'The suspension is lifted.');
    } catch (error) {
      toast(words(error), 'error');
    }
  };
  if (list.error) return <Failed error={list.error} again={list.reload} />;
  return (
    <>
      {(list.data?.leaks ?? []).map((leak) => (
        <Section key={leak.id} title={leak.kind === 'secret' ? 'Its secret was found in public' : 'Its id was found in public'}
          lead={LEADS[leak.kind]}
          actions={canLift(leak) && <button type="button" onClick={lift}>Lift the suspension…</button>}>
          <LeakFacts leak={leak} />
          <div class="after"><LeakPlaces leak={leak} /></div>
        </Section>
      ))}
    </>
  );
}
