import type { JSX } from "preact";
import type { CalibrationReport } from "@shared/types/report.ts";
import { count, percent } from "../state/format.ts";

const SIDE = 240;
const at = (share: number) => SIDE * share;

/** Confidence beside the share that was right, with 95 % intervals; on the diagonal both are the same. */
export function Reliability(
  { calibration }: { calibration: CalibrationReport },
): JSX.Element {
  const { bins, n, expected_calibration_error: error } = calibration;
  return (
    <figure class="reliability">
      <svg
        viewBox={`-4 -4 ${SIDE + 8} ${SIDE + 8}`}
        role="img"
        aria-label={calibrationWords(calibration)}
      >
        <rect width={SIDE} height={SIDE} class="frame" />
        <path d={`M0 ${SIDE}L${SIDE} 0`} class="diagonal" />
        {bins.map((bin) => (
          <g key={bin.confidence}>
            <title>
              {`${count(bin.n)} samples: confidence ${
                percent(bin.confidence)
              }, right ${percent(bin.accuracy)} (${
                percent(bin.accuracy_low)
              } to ${percent(bin.accuracy_high)})`}
            </title>
            <path
              class="interval"
              d={`M${at(bin.confidence)} ${SIDE - at(bin.accuracy_low)}V${
                SIDE - at(bin.accuracy_high)
              }`}
            />
            <circle
              cx={at(bin.confidence)}
              cy={SIDE - at(bin.accuracy)}
              r="4"
            />
          </g>
        ))}
      </svg>
      <figcaption>
        <p>{calibrationWords(calibration)}</p>
        <p class="note">
          Across: confidence of the last epoch. Up: share predicted as labelled,
          with 95 % intervals. {count(n)} samples, off by {percent(error)}{" "}
          in the mean.
        </p>
        {!calibration.is_out_of_sample && (
          <p class="note">
            The model trained on these samples: on others it is less often right
            than it is here.
          </p>
        )}
      </figcaption>
    </figure>
  );
}

/** What the temperature says, in words. */
export function calibrationWords(
  { temperature, expected_calibration_error: error }: CalibrationReport,
): string {
  if (error < 0.02) return "Confidences can be believed.";
  const rounded = temperature.toFixed(2);
  return temperature > 1
    ? `The model is too sure of itself: a temperature of ${rounded} would mend it.`
    : `The model is less sure than it could be: a temperature of ${rounded} would mend it.`;
}
