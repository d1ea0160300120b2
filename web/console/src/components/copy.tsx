// components/copy.tsx: texts that are taken along: copied, or saved as a file
import { useState } from 'preact/hooks';
import { toast } from './toast';

/** `what` names it for screen readers: "Copy API secret". */
export function Copy(props: { text: string; what: string; label?: string; onCopied?: () => void; class?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
    } catch {
      toast('The browser did not allow copying; select the text and copy it by hand.', 'error');
      return;
    }
    setDone(true);
    setTimeout(() => setDone(false), 2000);
    props.onCopied?.();
  };
  return (
    <button type="button" class={props.class ?? 'small'} onClick={copy} aria-label={`Copy ${props.what}`}>
      <span aria-live="polite">{done ? 'Copied' : (props.label ?? 'Copy')}</span>
    </button>
  );
}

export function save(name: string, content: BlobPart, type = 'text/plain'): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
