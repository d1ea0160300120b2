// pages/sessions.tsx: where the account is logged in, and its password
import { useState } from 'preact/hooks';
import { ApiError, get, post, words } from '../api';
import { Reasons } from '../components/alert';
import { Badge } from '../components/badge';
import { confirm } from '../components/confirm';
import { PasswordField } from '../components/field';
import { Failed, Loading, PageHead, Section } from '../components/page';
import { proved } from '../components/proof';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { toast } from '../components/toast';
import { useLoad } from '../load';
import { hasFactor, session } from '../session';
import { browser } from '../text/agent';
import { PASSWORD_HINT } from '../text/password';
import type { SessionEntry } from '../types';

function List() {
  const list = useLoad(() => get<{ sessions: SessionEntry[] }>('/sessions'));
  const act = async (path: string, said: string) => {
    try {
      await post(path);
      toast(said);
      list.reload();
    } catch (error) {
      toast(words(error), 'error');
    }
  };
  const end = async (s: SessionEntry) => {
    const yes = await confirm({
      title: 'End this session?', words: `Whoever uses it, from ${s.address}, has to log in again.`, action: 'End it', danger: true,
    });
    if (yes) await act(`/sessions/${s.id}/end`, 'The session is ended.');
  };
  const endOthers = async () => {
    const yes = await confirm({
      title: 'End all other sessions?', words: 'Every browser but this one has to log in again. API keys are not touched.',
      action: 'End them', danger: true,
    });
    if (yes) await act('/sessions/end-others', 'All other sessions are ended.');
  };
  const sessions = list.data?.sessions ?? [];
  return (
    <Section title="Sessions"
      lead={`A session ends after ${session.value?.idle_min ?? 30} minutes without use.`}
      actions={sessions.length > 1 && <button type="button" onClick={endOthers}>End all others…</button>}>
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="sessions" />}
      {list.data && (
        <Table caption="Sessions of this account" rows={sessions} rowKey={(s) => s.id} busy={list.busy} columns={[
          { name: 'Browser', heads: true, cell: (s) => <><span title={s.agent}>{browser(s.agent)}</span>{s.current && <> <Badge tone="good">This one</Badge></>}</> },
          { name: 'Address', cell: (s) => <><code>{s.address}</code>{s.country && <span class="muted"> {s.country}</span>}</> },
          { name: 'Logged in', cell: (s) => <Time at={s.created_at} seconds={false} /> },
          { name: 'Last use', cell: (s) => <Time at={s.used_at} relative /> },
          { name: 'End', silent: true, cell: (s) => !s.current && <button type="button" class="small" aria-label={`End the session from ${s.address}`} onClick={() => end(s)}>End…</button> },
        ]} />
      )}
    </Section>
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;
  const change = async (e: Event) => {
    e.preventDefault();
    setError(null);
    const s = session.value;
    try {
      const body = { current, password };
      const done = s && hasFactor(s)
        ? await proved({ title: 'Change the password', words: 'All other sessions of your account end with it.', action: 'Change it', path: '/password', body })
        : await post('/password', body);
      if (done === undefined) return;
      setCurrent('');
      setPassword('');
      toast('The password is changed.');
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Section title="Password" lead="All other sessions end when it changes.">
      <form class="form-narrow" onSubmit={change}>
        <Reasons words={refused ? refused.beside('current', 'password') : error ? [words(error)] : []} />
        <PasswordField label="Present password" value={current} onInput={setCurrent} autocomplete="current-password" error={refused?.field('current')} />
        <PasswordField label="New password" value={password} onInput={setPassword} autocomplete="new-password" hint={PASSWORD_HINT} error={refused?.field('password')} />
        <div class="form-actions"><button type="submit">Change the password</button></div>
      </form>
    </Section>
  );
}

export default function Sessions() {
  return (
    <>
      <PageHead title="Sessions and password" trail={[{ title: 'Account' }, { title: 'Sessions' }]} />
      <List />
      <Password />
    </>
  );
}
