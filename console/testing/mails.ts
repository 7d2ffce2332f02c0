import type { SampleDetail } from "../api/types.ts";

const HAM = [
  "Re: New sequences window\n\nThe error is reproducible here as well. For now I have commented out the line in the sequences code, and the unseen window behaves again. Will send a proper patch after lunch.",
  "[ILUG] Meeting on Thursday\n\nWe meet at seven in the usual room. Two short talks: one on kernel modules, one on running mail for a small office. Bring a laptop if you want help with an install.",
  "Your invoice for August\n\nPlease find the invoice for August attached. It is due within thirty days. Write to us if the purchase order number is wrong.",
  "Re: backup strategy\n\nI would not trust the tape drive alone. rsync to the second disk every night has saved us twice this year, and restoring takes minutes.",
];
const SPAM = [
  "Save up to 70% on Life Insurance\n\nWhy spend more than you have to? Life quote savings! Ensuring your family's financial security is very important. Click here to compare.",
  "Your account has been approved!!!\n\nCongratulations, you have been pre-approved for a 4.25% mortgage. No credit check. This offer ends at midnight, so act now.",
  "Lose 19 pounds in two weeks\n\nAs seen on national TV. Our all natural formula melts fat while you sleep. Order today and the second bottle is free.",
];

/** Text that would run if anything put it into HTML. */
export const HOSTILE =
  `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"><svg onload="window.hacked=1">\n\njavascript:alert(1) \u202eright to left`;

/** `n` mails as a scored run holds them, worst first; the third is hostile in text, id, reason and metadata. */
export function madeMails(n: number): SampleDetail[] {
  return Array.from({ length: n }, (_, i): SampleDetail => {
    const isFlagged = i < n * 0.06;
    const isSpamText = i % 3 === 0;
    const truth = isSpamText ? "spam" : "ham";
    const given = isFlagged === isSpamText ? "ham" : "spam";
    const texts = isSpamText ? SPAM : HAM;
    const isHostile = i === 2;
    const text = isHostile ? HOSTILE : texts[i % texts.length]!;
    const score = Math.max(
      0.01,
      isFlagged ? 0.99 - i * 0.002 : 0.45 - i * 0.4 / n,
    );
    const isHard = i % 7 === 1;
    return {
      rank: i + 1,
      sample_id: isHostile
        ? `<img src=x onerror=window.hacked=1>`
        : `mail/${10_000 + i}`,
      split: i % 5 === 4 ? "validation" : "training",
      text_preview: text.slice(0, 2048),
      text: isHostile ? text : `${text}\n\n-- \nmessage ${i}`,
      metadata: isHostile
        ? { note: "<b onclick=window.hacked=1>bold</b>" }
        : {},
      given_label: given,
      predicted_label: truth,
      suggested_label: isFlagged ? truth : null,
      issue_type: isFlagged ? "mislabeled" : isHard ? "hard" : "clean",
      issue_types: [
        ...(isFlagged ? ["mislabeled" as const] : []),
        ...(isHard ? ["hard" as const] : []),
      ],
      reason: isHostile
        ? "<script>window.hacked=1</script> stands here as text"
        : isFlagged
        ? `Given “${given}”, but the model, unseen, says “${truth}” with ${
          (score * 100).toFixed(0)
        } % over 12 epochs`
        : isHard
        ? "Learned only in epoch 9 and forgotten twice"
        : "",
      mislabeled_score: score,
      mislabeled_probability: null,
      data_error_potential: score * 0.9,
      outlier_score: 0.001,
      hardness: isHard ? 0.81 : 0.2,
      verdict: null,
      verdict_label: null,
      neighbours: [1, 2, 3].map((d) => ({
        sample_id: `mail/${10_000 + i + d}`,
        split: "training",
        text_preview: texts[(i + d) % texts.length]!,
        given_label: d === 3 ? given : truth,
        similarity: 0.97 - d * 0.04,
      })),
      details: isFlagged
        ? { mislabeled: { margin: -0.71, s: 0.93, z: 0.88 } }
        : {},
      dynamics: {
        aum: isFlagged ? -2.31 : 3.4,
        confidence: isFlagged ? 0.08 : 0.93,
        variability: 0.11,
        forgetting_events: isHard ? 2 : 0,
        first_learned_epoch: isFlagged ? null : 1,
      },
    };
  });
}
