// pages/webhooks.tsx: where the account's events are sent to
import { useState } from 'preact/hooks';
import { ApiError, get, words } from '../api';
import { Alert, Reasons } from '../components/alert';
import { Badge } from '../components/badge';
import { Copy, save } from '../components/copy';
import { TextField } from '../components/field';
import { Empty, Failed, Loading, PageHead, Section } from '../components/page';
import { proved } from '../components/proof';
import { Table } from '../components/table';
import { Time } from '../components/time';
import { useLoad } from '../load';
import { eventWords } from '../text/events';
import type { Webhook } from '../types';

interface Made {
  webhook: Webhook;
  secret: string;
}

export function WebhookState({ webhook }: { webhook: Webhook }) {
  if (webhook.state === 'disabled') return <Badge tone="bad">Disabled</Badge>;
  return webhook.failing_since ? <Badge tone="wait">Failing</Badge> : <Badge tone="good">On</Badge>;
}

/** The secret cannot be shown again, so it goes only when the person says so. */
function Secret(props: { made: Made; onKept: () => void }) {
  const { webhook, secret } = props.made;
  return (
    <Section title="The signing secret, shown once" class="secret-once"
      lead={<>Your program checks with it that a delivery to {webhook.url} is from the venue (Standard Webhooks). It cannot be shown again.</>}>
      <p><code>{secret}</code></p>
      <div class="form-actions">
        <Copy text={secret} what="signing secret" class="" />
        <button type="button" onClick={() => save('latchkey-webhook-secret.txt', `${secret}\n`)}>Download</button>
        <button type="button" class="primary" onClick={props.onKept}>I have kept it</button>
      </div>
    </Section>
  );
}

function Create(props: { events: string[]; onMade: (made: Made) => void; onCancel: () => void }) {
  const [url, setUrl] = useState('');
  const [all, setAll] = useState(true);
  const [chosen, setChosen] = useState<string[]>([]);
  const [error, setError] = useState<unknown>(null);
  const refused = error instanceof ApiError ? error : null;
  const submit = async (e: Event) => {
    e.preventDefault();
    setError(null);
    try {
      const made = await proved<Made>({
        title: 'Create the webhook',
        words: <p>From now on the venue sends {all ? 'all events' : `${chosen.length} kinds of events`} of your account to <code>{url}</code>.</p>,
        action: 'Create it', path: '/webhooks', body: { url, events: all ? [] : chosen },
      });
      if (made) props.onMade(made);
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Section title="New webhook">
      <form onSubmit={submit}>
        <Reasons words={refused ? refused.beside('url', 'events') : error ? [words(error)] : []} />
        <TextField label="Address" type="url" value={url} onInput={setUrl} required autofocus autocomplete="off"
          placeholder="https://example.com/latchkey" spellcheck={false} error={refused?.field('url')}
          hint="Each event is sent there by POST over https, signed, and again later when your server does not answer." />
        <fieldset>
          <legend>Events</legend>
          <div class="inline-choices">
            <label class="choice"><input type="radio" name="which" checked={all} onChange={() => setAll(true)} /><span>All, also those that come later</span></label>
            <label class="choice"><input type="radio" name="which" checked={!all} onChange={() => setAll(false)} /><span>Only these</span></label>
          </div>
          {!all && (
            <div class="check-grid">
              {props.events.map((event) => (
                <label key={event} class="choice">
                  <input type="checkbox" checked={chosen.includes(event)}
                    onChange={(e) => setChosen(e.currentTarget.checked ? [...chosen, event] : chosen.filter((c) => c !== event))} />
                  <span>{eventWords(event)}</span>
                </label>
              ))}
            </div>
          )}
          <p class="field-error" aria-live="polite">{refused?.field('events', true)}</p>
        </fieldset>
        <div class="form-actions">
          <button type="submit" class="primary" disabled={!all && chosen.length === 0}>Create webhook</button>
          <button type="button" onClick={props.onCancel}>Cancel</button>
        </div>
      </form>
    </Section>
  );
}

export default function Webhooks() {
  const list = useLoad((signal) => get<{ webhooks: Webhook[]; events: string[] }>('/webhooks', {}, signal));
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const webhooks = list.data?.webhooks ?? [];
  return (
    <>
      <PageHead title="Webhooks" trail={[{ title: 'Account' }, { title: 'Webhooks' }]}
        lead="Your own program hears at once when a key is made, changed, revoked, about to end or found in public."
        actions={list.data && !creating && !made && <button type="button" class="primary" onClick={() => setCreating(true)}>New webhook</button>} />
      {made && <Secret made={made} onKept={() => setMade(null)} />}
      {creating && list.data && (
        <Create events={list.data.events} onCancel={() => setCreating(false)} onMade={(m) => {
          setMade(m);
          setCreating(false);
          list.reload();
        }} />
      )}
      {list.error ? <Failed error={list.error} again={list.reload} /> : null}
      {!list.data && !list.error && <Loading what="webhooks" />}
      {list.data && webhooks.length === 0 && !creating && !made && (
        <Empty title="No webhooks yet"><p>Without one, you hear of events here and by mail.</p></Empty>
      )}
      {webhooks.some((w) => w.state === 'disabled') && (
        <Alert kind="warning" title="A webhook is disabled"><p>It took nothing for five days. Remove it and create it again once your server answers.</p></Alert>
      )}
      {webhooks.length > 0 && (
        <div class="after">
          <Table caption="Webhooks" rows={webhooks} rowKey={(w) => String(w.id)} busy={list.busy} columns={[
            { name: 'Address', heads: true, cell: (w) => <a class="row-title" href={`#/webhooks/${w.id}`}>{w.url}</a> },
            { name: 'State', cell: (w) => <WebhookState webhook={w} /> },
            { name: 'Events', cell: (w) => w.events.length === 0 ? 'All' : w.events.map(eventWords).join(', ') },
            { name: 'Created', cell: (w) => <Time at={w.made_at} seconds={false} /> },
          ]} />
        </div>
      )}
    </>
  );
}
