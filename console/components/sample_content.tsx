import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RankedSample } from "@shared/types/result.ts";
import { explain } from "../api/error.ts";
import type { SampleDetail } from "../api/types.ts";
import { sampleKey } from "../state/route.ts";

const LONG_CHARS = 700;
const LONG_LINES = 10;

/** The text of a sample: its preview, until the whole is here. */
export function SampleContent(
  { sample, detail, error, onRetry }: {
    sample: Pick<RankedSample, "split" | "sample_id" | "text_preview">;
    detail:
      | Pick<
        SampleDetail,
        "split" | "sample_id" | "text" | "text_preview"
      >
      | null;
    error: unknown;
    onRetry: () => void;
  },
): JSX.Element {
  const [openKey, setOpenKey] = useState<string | null>(null);
  const key = sampleKey(sample);
  const isHere = detail !== null && sampleKey(detail) === key;
  const text = isHere
    ? detail.text ?? detail.text_preview
    : sample.text_preview;
  if (text === null) {
    return <p class="note">This sample has no text; its fields are below.</p>;
  }
  const isLong = text.length > LONG_CHARS ||
    text.split("\n", LONG_LINES + 1).length > LONG_LINES;
  const isOpen = openKey === key || !isLong;
  return (
    <div class="content">
      <div
        class="text"
        dir="auto"
        data-open={isOpen}
        tabIndex={isOpen ? undefined : 0}
        role="group"
        aria-label="Text"
      >
        {text || "(empty text)"}
      </div>
      {isLong && (
        <button
          type="button"
          class="link"
          onClick={() => setOpenKey(isOpen ? null : key)}
        >
          {isOpen ? "Show less" : "Show the whole text"}
        </button>
      )}
      {!isHere && !error && <p class="note" role="status">Reading the rest</p>}
      {error !== null && (
        <p class="note" role="alert">
          {explain(error)}{" "}
          <button type="button" class="link" onClick={onRetry}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}
