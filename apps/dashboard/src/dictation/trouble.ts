import { text } from '../text/index.ts';

/** Why a browser cannot or may not record here, before it is asked. */
export function whyNot(): string | undefined {
  const { noSecureContext, noMicrophone } = text.dictation;
  if (!isSecureContext) return noSecureContext;
  return 'mediaDevices' in navigator && 'MediaRecorder' in window ? undefined : noMicrophone;
}

/** What the browser said, in words that help. */
export function troubleOf(err: unknown): string {
  const { notAllowed, noMicrophone, microphoneBusy } = text.dictation;
  const name = err instanceof Error ? err.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return notAllowed;
  return name === 'NotFoundError' ? noMicrophone : microphoneBusy;
}
