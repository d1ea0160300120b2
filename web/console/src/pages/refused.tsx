// pages/refused.tsx: pages that say why another one cannot be shown
import { PageHead } from '../components/page';

export function NoSuchPage() {
  return (
    <>
      <PageHead title="There is no such page" />
      <p>The address may be mistyped, or the page has moved. <a href="#/keys">To your API keys</a></p>
    </>
  );
}

export function FactorFirst() {
  return (
    <>
      <PageHead title="A second factor comes first" />
      <p>
        API keys can trade and move money, so this part of the console opens only to a session that has
        shown a second factor: a code from an authenticator app, or a security key.
      </p>
      <p><a class="button primary" href="#/security">Set up a second factor</a></p>
    </>
  );
}

export function OperatorsOnly() {
  return (
    <>
      <PageHead title="For operators" />
      <p>This page is for the venue's operators. Your account is a customer's.</p>
    </>
  );
}
