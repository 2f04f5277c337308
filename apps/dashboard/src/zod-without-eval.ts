import { z } from 'zod';

// Its fast path makes functions from text, which our content security policy forbids: not even tried. Before any schema.
z.config({ jitless: true });
