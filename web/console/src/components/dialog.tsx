// components/dialog.tsx: a modal dialog; the browser keeps the focus inside and gives it back
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

let dialogs = 0;

export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren; alert?: boolean }) {
  const [id] = useState(() => `dialog-${++dialogs}`);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      // An element that went away in the meantime takes no focus; the page's name does.
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      else document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      role={props.alert ? 'alertdialog' : undefined}
      onCancel={(e) => {
        e.preventDefault();
        props.onClose();
      }}
    >
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}
