import Fastify from 'fastify';

// The least that an HTTP service on Fastify can do: what reading over our api is compared with.

const app = Fastify();
app.get('/', async () => ({}));
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
process.send?.('listening');
process.on('SIGTERM', () => process.exit(0));
