import { call } from '../call.ts';
import { languageCode, readLanguage } from './language.ts';

/** Text of a recording, by the service behind the api. */
export async function transcribe(recording: Blob, signal: AbortSignal): Promise<string> {
  const form = new FormData();
  const language = languageCode(readLanguage());
  if (language !== undefined) form.set('language', language);
  form.set('file', recording, `dictation.${/audio\/(\w+)/.exec(recording.type)?.[1] ?? 'webm'}`);
  return (await call('transcribe', { body: form, signal })).text;
}
