// Preloaded into a service: its clock differs from the real one by the ms in a file, which may change at any moment, as
// the clock of a host does that is set. What only goes on, such as timers and performance.now(), is not touched.
import { readFileSync } from 'node:fs';

const file = process.env.PCO_TEST_CLOCK;
const RealDate = Date;
let offset = 0;
const look = () => {
  try {
    offset = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    // not written yet
  }
};
look();
setInterval(look, 20).unref();

globalThis.Date = class SteppingDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offset);
    else super(...given);
  }
  static now() {
    return RealDate.now() + offset;
  }
};
