import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { type Signal, signal } from "@preact/signals";
import { explain } from "../api/error.ts";
import { AuditAnswer } from "../components/audit_answer.tsx";
import { AuditBar } from "../components/audit_bar.tsx";
import { useDeps } from "../components/context.ts";
import { ClassDialog } from "../components/dialogs.tsx";
import { Metadata } from "../components/evidence.tsx";
import { Label, Message } from "../components/marks.tsx";
import { SampleContent } from "../components/sample_content.tsx";
import { SidePage } from "../components/side_page.tsx";
import { type AuditReview, createAuditReview } from "../state/audit_review.ts";
import { counted } from "../state/format.ts";
import { actionOf, keyName } from "../state/keymap.ts";

/** Samples that were drawn, one key each, then how many labels are wrong. */
export function AuditPage({ runId }: { runId: string }): JSX.Element {
  const deps = useDeps();
  const { audit, isPickerOpen } = useMemo(() => ({
    audit: createAuditReview({
      ...deps,
      runId,
      newId: () => crypto.randomUUID(),
    }),
    isPickerOpen: signal(false),
  }), [runId]);

  useEffect(() => {
    document.title = "Audit · Assay";
    audit.start();
    const stopListening = deps.onRefused((refused) =>
      refused.run_id === runId && audit.review.refuse(refused.request)
    );
    const onKey = (event: KeyboardEvent) => {
      if (document.querySelector("dialog[open]")) return;
      const { target } = event;
      const isButton = target instanceof HTMLElement &&
        target.matches("button, a, summary");
      if (isButton && event.key === " ") return;
      if (press(audit, isPickerOpen, keyName(event))) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
      stopListening();
      audit.stop();
    };
  }, [audit]);

  const run = audit.run.value;
  const names = run?.label_names ?? [];
  return (
    <>
      <SidePage
        runId={runId}
        runName={run?.name}
        kind="audit-page"
        title="How many labels are wrong?"
      >
        <Body audit={audit} isPickerOpen={isPickerOpen} />
      </SidePage>
      <ClassDialog
        isOpen={isPickerOpen}
        classes={() => names}
        names={names}
        onChoose={(label) => {
          isPickerOpen.value = false;
          audit.choose(label);
        }}
      />
    </>
  );
}

/** Whether the key meant something. */
function press(
  audit: AuditReview,
  isPickerOpen: Signal<boolean>,
  key: string,
): boolean {
  const wanted = actionOf(key);
  const label = audit.run.value?.label_names[wanted?.index ?? -1];
  switch (wanted?.action) {
    case "keep":
      audit.keep();
      return true;
    case "drop":
      audit.drop();
      return true;
    case "needs_review":
    case "skip":
      audit.later();
      return true;
    case "undo":
      audit.undo();
      return true;
    case "pick_class":
      isPickerOpen.value = audit.active.value !== null;
      return true;
    case "class":
      if (label !== undefined) audit.choose(label);
      return true;
    default:
      return false;
  }
}

function Body(
  { audit, isPickerOpen }: {
    audit: AuditReview;
    isPickerOpen: Signal<boolean>;
  },
): JSX.Element {
  const error = audit.error.value;
  if (error !== null) {
    return (
      <Message
        title="The audit could not be begun"
        tone="bad"
        action={{ words: "Try again", onClick: audit.load }}
      >
        <p>{explain(error)}</p>
      </Message>
    );
  }
  const drawn = audit.audit.value;
  const run = audit.run.value;
  if (drawn === null || run === null) {
    return <p class="note" role="status">Drawing samples</p>;
  }
  const total = audit.samples.value.length;
  if (total === 0) {
    return (
      <Message title="Nothing to audit">
        <p>Every label that can be judged has a verdict, or there is none.</p>
      </Message>
    );
  }
  const sample = audit.active.value;
  return (
    <>
      <p class="note audit-intro">
        {counted(total, "sample")}{" "}
        drawn from all that have a label, in no order. What Assay thinks of them
        is not shown: it would lead you.
      </p>
      <progress
        aria-label="Judged"
        max={total}
        value={audit.nDecided.value}
      />
      <p class="note" data-testid="audit-progress" role="status">
        {audit.nDecided.value} of {total} judged
        {drawn.n_needed > 0 && sample !== null &&
          ` · a number after ${drawn.n_needed} more`}
      </p>
      <AuditAnswer audit={drawn} isDone={sample === null} />
      {sample && (
        <section class="audit-sample" aria-label="Sample">
          <header class="sample-head">
            <h2 title={sample.sample_id}>{sample.sample_id}</h2>
            <span class="note">{sample.split}</span>
          </header>
          <div class="sample-body">
            <p class="audit-question">
              The label is{" "}
              <Label name={sample.given_label} names={run.label_names} />
            </p>
            <SampleContent
              sample={sample}
              detail={audit.detail.value}
              error={audit.detailError.value}
              onRetry={audit.retryDetail}
            />
            <Metadata metadata={sample.metadata} />
          </div>
          <AuditBar audit={audit} sample={sample} isPickerOpen={isPickerOpen} />
        </section>
      )}
    </>
  );
}
