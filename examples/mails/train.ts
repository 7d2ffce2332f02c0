import type { Run } from "@assay/sdk";
import { LABEL_NAMES, type Mail } from "./data.ts";
import { hashedWords } from "./features.ts";
import { Net, softmax, WIDTH } from "./net.ts";
import { shuffle } from "./random.ts";

const N_EPOCHS = 10;
const BATCH_SIZE = 32;

/** What a training leaves beside what it logged. */
export interface Trained {
  /** Probability of each mail's given label in the last epoch: what people sort by today. */
  readonly lastConfidence: Float32Array;
}

/** Called after each epoch. */
export type OnEpoch = (
  epoch: number,
  nEpochs: number,
  loss: number,
  accuracy: number,
) => void;

/** Trains the net on the given labels and logs every epoch: the two lines with `run.` are all that Assay asks of a training. */
export async function train(
  run: Run,
  mails: readonly Mail[],
  labels: Int32Array,
  random: () => number,
  onEpoch: OnEpoch,
): Promise<Trained> {
  const ids = mails.map((m) => m.id);
  await run.logSamples({
    ids,
    labels: Array.from(labels, (y) => LABEL_NAMES[y]!),
    texts: mails.map((m) => m.text),
    metadata: { n_characters: mails.map((m) => m.text.length) },
  });
  const features = mails.map((m) => hashedWords(m.text));
  const net = new Net(LABEL_NAMES.length, random);
  const order = [...mails.keys()];
  const lastConfidence = new Float32Array(mails.length);
  for (let epoch = 0; epoch < N_EPOCHS; epoch++) {
    shuffle(order, random);
    const logits = new Float32Array(mails.length * LABEL_NAMES.length);
    const embeddings = new Float32Array(mails.length * WIDTH);
    let loss = 0;
    for (let start = 0; start < order.length; start += BATCH_SIZE) {
      const rows = order.slice(start, start + BATCH_SIZE);
      const step = net.train(
        rows.map((i) => features[i]!),
        rows.map((i) => labels[i]!),
      );
      logits.set(step.logits, start * LABEL_NAMES.length);
      embeddings.set(step.hidden, start * WIDTH);
      loss += step.loss * rows.length / order.length;
    }
    await run.logOutputs({
      ids: order.map((i) => ids[i]!),
      logits,
      embeddings,
      epoch,
    });
    let correct = 0;
    order.forEach((i, at) => {
      const probs = softmax(
        logits.subarray(at * LABEL_NAMES.length, (at + 1) * LABEL_NAMES.length),
      );
      lastConfidence[i] = probs[labels[i]!]!;
      if (probs[labels[i]!]! === Math.max(...probs)) correct++;
    });
    onEpoch(epoch, N_EPOCHS, loss, correct / order.length);
  }
  return { lastConfidence };
}
