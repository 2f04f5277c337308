import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';

// The least that a React page can do: answer a press, and show what it is told.

function Empty() {
  const [presses, setPresses] = useState(0);
  const [told, setTold] = useState('');
  useEffect(() => {
    if (location.hash !== '#told') return;
    const source = new EventSource('/told');
    source.addEventListener('message', ({ data }) => setTold(String(data)));
    return () => source.close();
  }, []);
  return (
    <main>
      <button type="button" onClick={() => setPresses((before) => before + 1)}>
        {presses}
      </button>
      {told ? <p data-card={told}>{told}</p> : null}
    </main>
  );
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <Empty />
    </StrictMode>,
  );
