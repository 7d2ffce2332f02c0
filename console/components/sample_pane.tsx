import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { RankedSample } from "@shared/types/result.ts";
import { explain } from "../api/error.ts";
import { useDeps, useRun } from "./context.ts";
import { IssueChip, LabelChange, Message } from "./marks.tsx";
import { Evidence } from "./evidence.tsx";
import { SampleContent } from "./sample_content.tsx";
import { VerdictBar } from "./verdict_bar.tsx";

/** The active sample, whole, with what speaks for and against its label. */
export function SamplePane(): JSX.Element {
  const { place } = useDeps();
  const { store } = useRun();
  const sample = store.active.value;
  const body = useRef<HTMLDivElement>(null);
  const key = store.activeKey.value;
  useEffect(() => {
    body.current?.scrollTo(0, 0);
  }, [key]);
  return (
    <section class="sample-pane" aria-label="Sample">
      {sample === null ? <NoSample /> : (
        <>
          <header class="sample-head">
            <button
              type="button"
              class="button quiet narrow-only"
              onClick={() => place.adjust({ pane: "list" })}
            >
              ← List
            </button>
            <h2 title={sample.sample_id}>{sample.sample_id}</h2>
            <span class="note">{sample.split} · rank {sample.rank}</span>
          </header>
          <div
            class="sample-body"
            ref={body}
            tabIndex={0}
            role="region"
            aria-label="Sample and evidence"
          >
            <Claim sample={sample} />
            <SampleContent
              sample={sample}
              detail={store.activeDetail.value}
              error={store.detailError.value}
              onRetry={store.retryDetail}
            />
            <Evidence sample={sample} detail={store.activeDetail.value} />
          </div>
          <VerdictBar sample={sample} />
        </>
      )}
    </section>
  );
}

function NoSample(): JSX.Element {
  const { store } = useRun();
  if (store.detailError.value) {
    return (
      <Message
        title="This sample could not be read"
        tone="bad"
        action={{ words: "Try again", onClick: store.retryDetail }}
      >
        <p>{explain(store.detailError.value)}</p>
      </Message>
    );
  }
  return store.activeKey.value === null
    ? (
      <Message title="No sample chosen">
        <p>Choose one from the list, or press J.</p>
      </Message>
    )
    : <p class="note loading" role="status">Reading the sample</p>;
}

/** What we say about the sample, and why. */
function Claim({ sample }: { sample: RankedSample }): JSX.Element {
  const { store } = useRun();
  const names = store.run.value?.label_names ?? [];
  return (
    <div class="claim">
      <p class="claim-labels">
        <LabelChange
          given={sample.given_label}
          suggested={sample.suggested_label}
          names={names}
        />
        <span class="chips">
          {sample.issue_types.map((type) => (
            <IssueChip
              key={type}
              type={type}
            />
          ))}
        </span>
      </p>
      <p class="reason">
        {sample.reason || "Nothing speaks against this label."}
      </p>
    </div>
  );
}
