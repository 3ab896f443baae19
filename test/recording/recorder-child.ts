// Records rounds of a scene into a file until it is killed; says how far the record is known to be on disk.
import { RecordedScene } from '../support/recorded.ts';

const [file, pace] = process.argv.slice(2) as [string, string];
const scene = new RecordedScene();
const recorder = scene.record({ file });
scene.healthy();
for (let round = 1; ; round++) {
  scene.round();
  if (round % 20 === 0) scene.send({ kind: 'note', node: 'lb1', text: `round ${round}`, outcome: { ok: true } });
  const upTo = scene.now;
  if (round % 5 === 0 && (await recorder.durable())) process.stdout.write(`${upTo}\n`);
  await new Promise((resolve) => setTimeout(resolve, Number(pace)));
}
