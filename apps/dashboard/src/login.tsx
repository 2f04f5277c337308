import { ROUTES } from '@pco/shared/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from './call.ts';
import { text } from './text.ts';

export function Login() {
  const queries = useQueryClient();
  const [token, setToken] = useState('');
  const login = useMutation({
    mutationFn: () => call(ROUTES.login, { body: { token: token.trim() } }),
    onSuccess: () => queries.resetQueries(),
  });
  return (
    <main className="login">
      <h1>{text.product}</h1>
      <form
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
          value={token}
          onChange={({ target }) => setToken(target.value)}
        />
        {login.error ? <p role="alert">{login.error.message}</p> : null}
        <button type="submit" className="primary" disabled={login.isPending || token.trim() === ''}>
          {login.isPending ? text.login.busy : text.login.button}
        </button>
      </form>
    </main>
  );
}
