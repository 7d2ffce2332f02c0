import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RunReport, SplitReport } from "@shared/types/report.ts";
import type { RunOverview } from "@shared/types/run.ts";
import { explain } from "../api/error.ts";
import { ConfusionMatrix } from "../components/confusion_matrix.tsx";
import { useDeps } from "../components/context.ts";
import { HiddenLabels } from "../components/hidden_labels.tsx";
import { Message } from "../components/marks.tsx";
import { Reliability } from "../components/reliability.tsx";
import { Representation } from "../components/representation.tsx";
import { SidePage } from "../components/side_page.tsx";

/** What a run is as a whole: classes, confusions, calibration, representation. */
export function ReportPage({ runId }: { runId: string }): JSX.Element {
  const { client } = useDeps();
  const [read, setRead] = useState<
    { readonly run: RunOverview; readonly report: RunReport } | null
  >(null);
  const [error, setError] = useState<unknown>(null);

  const load = async () => {
    setError(null);
    try {
      const [run, report] = await Promise.all([
        client.run(runId),
        client.report(runId),
      ]);
      document.title = `${run.name}, report · Assay`;
      setRead({ run, report });
    } catch (cause) {
      setError(cause);
    }
  };
  useEffect(() => {
    document.title = "Report · Assay";
    load();
  }, []);

  return (
    <SidePage
      runId={runId}
      runName={read?.run.name}
      kind="report-page"
      title="The run as a whole"
    >
      {error !== null && (
        <Message
          title="The report could not be read"
          tone="bad"
          action={{ words: "Try again", onClick: load }}
        >
          <p>{explain(error)}</p>
        </Message>
      )}
      {read === null && error === null && (
        <p class="note" role="status">Reading the report</p>
      )}
      {read && (
        <>
          {read.report.representation && (
            <Representation
              report={read.report.representation}
              names={read.run.label_names}
            />
          )}
          {read.report.splits.map((split) => (
            <Split key={split.split} split={split} run={read.run} />
          ))}
        </>
      )}
    </SidePage>
  );
}

function Split(
  { split, run }: { split: SplitReport; run: RunOverview },
): JSX.Element {
  const { calibration, label_noise: noise, imbalance_ratio: ratio } = split;
  const names = run.label_names;
  return (
    <section aria-label={`Split ${split.split}`}>
      <h2>
        {split.split}
        {ratio !== null && (
          <span class="note">
            {ratio === 1
              ? "classes of one size"
              : `largest class ${ratio.toFixed(1)} times the smallest`}
          </span>
        )}
      </h2>
      <div class="report-parts">
        {calibration && (
          <section>
            <h3>How far confidences can be believed</h3>
            <Reliability calibration={calibration} />
          </section>
        )}
        {split.confusion_matrix.length > 0 && (
          <section>
            <h3>Confusion matrix</h3>
            <ConfusionMatrix cells={split.confusion_matrix} names={names} />
          </section>
        )}
        {noise && noise.pairs.length > 0 && (
          <HiddenLabels noise={noise} names={names} runId={run.run_id} />
        )}
      </div>
    </section>
  );
}
