import type { Device } from "../graphs/session.ts";

/**
 * Where users' models run: on the CPU, where the kernel denies them all but computing, unless the operator gives them the worker's device.
 *
 * @param asked What `ASSAY_MODEL_DEVICE` says: `cpu` or `worker`; undefined or empty: `cpu`.
 * @param workerDevice Device of the worker.
 * @throws {Error} If it says anything else.
 */
export function modelDevice(
  asked: string | undefined,
  workerDevice: Device,
): Device {
  if (!asked || asked === "cpu") return "cpu";
  if (asked === "worker") return workerDevice;
  throw new Error(
    `Cannot start worker: ASSAY_MODEL_DEVICE must be cpu or worker: current value is "${asked}"`,
  );
}
