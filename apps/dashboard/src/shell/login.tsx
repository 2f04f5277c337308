import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../call.ts';
import { Button } from '../parts/button.tsx';
import { FIELD } from '../parts/field.ts';
import { text } from '../text/index.ts';

export function Login() {
  const queries = useQueryClient();
  const [token, setToken] = useState('');
  const login = useMutation({
    mutationFn: () => call('login', { body: { token: token.trim() } }),
    onSuccess: () => queries.resetQueries(),
  });
  return (
    <main className="mx-auto grid max-w-sm gap-4 px-4 pt-[12vh]">
      <h1 className="text-xl font-semibold">{text.product}</h1>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate();
        }}
      >
        <label htmlFor="token">{text.login.label}</label>
        <input
          id="token"
          type="password"
          autoComplete="current-password"
          className={FIELD}
          value={token}
          onChange={({ target }) => setToken(target.value)}
        />
        {login.error ? (
          <p role="alert" className="text-bad">
            {login.error.message}
          </p>
        ) : null}
        <Button type="submit" look="primary" disabled={login.isPending || token.trim() === ''}>
          {login.isPending ? text.login.busy : text.login.button}
        </Button>
      </form>
    </main>
  );
}
